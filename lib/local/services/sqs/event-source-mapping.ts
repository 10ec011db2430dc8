import { isJsonArray, isJsonObject, type Json, type JsonObject, tryParseJson } from '../../../asl/language/json.js';
import type { Resource } from '../../../assembly/model.js';
import { DurableStepsError, LEAVE_OUT_LOCALLY } from '../../../errors.js';
import { type Caller, type Cloud, type CloudService, ServiceError, slotOf } from '../../cloud/service.js';
import { type EventMatcher, readEventPattern } from '../events/event-pattern.js';
import { PropertyReader } from '../protocol/property-reader.js';
import { renderRecord } from './message-attributes.js';
import { Poller } from './poller.js';
import type { Message } from './queue.js';
import { sqsOf } from './service.js';

/** A mapping of the template. */
interface Mapping {
  readonly path: string;
  readonly enabled: boolean;
  readonly queueArn: string;
  readonly functionArn: string;
  readonly batchSize: number;
  readonly window: number;
  readonly concurrency: number;
  readonly reportsFailures: boolean;
  /** A message that fits none is deleted. @default - all messages pass */
  readonly filters: readonly EventMatcher[];
}

/** What a poller does with a queue, so what the function's role has to allow. */
const NEEDED_ACTIONS = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'];

/**
 * Event source mappings from SQS queues to functions: batches, windows, filters and reported item failures.
 *
 * A failed batch comes again after the queue's visibility timeout, on the cloud's clock, and ends in its dead-letter queue. Streams are refused.
 */
export class EventSourceMappings implements CloudService {
  readonly names = ['event-source-mapping'];
  readonly resourceTypes = ['AWS::Lambda::EventSourceMapping'];
  private readonly mappings = new Map<string, Mapping>();
  private readonly pollers = new Map<string, Poller>();

  constructor(private readonly cloud: Cloud) {}

  deploy(resource: Resource): void {
    const mapping = readMapping(resource, this.cloud);
    this.remove(resource);
    this.mappings.set(slotOf(resource), mapping);
  }

  remove(resource: Resource): void {
    const slot = slotOf(resource);
    this.mappings.delete(slot);
    this.pollers.get(slot)?.close();
    this.pollers.delete(slot);
  }

  start(): void {
    for (const [slot, mapping] of this.mappings)
      if (mapping.enabled && !this.pollers.has(slot)) this.pollers.set(slot, this.begin(mapping));
  }

  close(): void {
    for (const poller of this.pollers.values()) poller.close();
  }

  private begin(mapping: Mapping): Poller {
    const queue = sqsOf(this.cloud).tryQueue(mapping.queueArn);
    if (queue === undefined) {
      throw new DurableStepsError('UnsupportedResource', {
        where: `${mapping.path}.EventSourceArn`,
        expected: 'a queue of the same app',
        got: mapping.queueArn,
        fix: `put the queue into the app, or ${LEAVE_OUT_LOCALLY}`,
      });
    }
    this.checkRole(mapping);
    const { batchSize, window, concurrency } = mapping;
    const options = { batchSize, window, concurrency };
    return new Poller(queue, this.cloud.clock, options, (batch) => this.work(mapping, batch));
  }

  /** AWS refuses to create a mapping whose function may not read the queue; so does the local cloud. */
  private checkRole({ functionArn, queueArn, path }: Mapping): void {
    const function_ = this.cloud.assembly.tryFindByArn(functionArn);
    const role = function_?.properties['Role'];
    if (function_ === undefined || typeof role !== 'string') return;
    const caller: Caller = { kind: 'function', name: function_.path, roleArn: role };
    for (const action of NEEDED_ACTIONS) {
      try {
        this.cloud.authorize({ caller, action, resource: queueArn });
      } catch (error) {
        if (!(error instanceof ServiceError)) throw error;
        const expected = `a function that may call ${action} on the queue`;
        throw new DurableStepsError('MissingPermission', { where: path, expected, got: error.message });
      }
    }
  }

  private async work(mapping: Mapping, batch: readonly Message[]): Promise<readonly Message[]> {
    const { region, accountId } = this.cloud;
    const render = (message: Message) => renderRecord(message, mapping.queueArn, region, accountId);
    const passing = batch.filter((message) => passes(mapping.filters, render(message)));
    if (passing.length === 0) return [];
    try {
      const payload = JSON.stringify({ Records: passing.map(render) });
      const invocation = await this.cloud.functions.invoke(mapping.functionArn, { payload });
      if (invocation.functionError !== undefined) return this.warned(mapping, passing, invocation.payload);
      return mapping.reportsFailures ? this.failuresIn(mapping, passing, invocation.payload) : [];
    } catch (error) {
      return this.warned(mapping, passing, error instanceof Error ? error.message : String(error));
    }
  }

  /** The messages that the function reports; all of them when its answer is malformed, as on AWS. */
  private failuresIn(mapping: Mapping, batch: readonly Message[], payload: string): readonly Message[] {
    const answer = tryParseJson(payload) ?? null;
    const failures = isJsonObject(answer) ? (answer['batchItemFailures'] ?? []) : answer === null ? [] : undefined;
    if (!isJsonArray(failures)) return this.warned(mapping, batch, `malformed answer ${payload}`);
    const ids = failures.map((one: Json) => (isJsonObject(one) ? one['itemIdentifier'] : undefined));
    const known = ids.every((id) => batch.some((message) => message.id === id));
    return known
      ? batch.filter((message) => ids.includes(message.id))
      : this.warned(mapping, batch, `unknown item in ${payload}`);
  }

  private warned({ path, functionArn }: Mapping, failed: readonly Message[], reason: string): readonly Message[] {
    this.cloud.warn(`${path}: ${functionArn} failed a batch of ${failed.length}: ${reason.slice(0, 300)}`);
    return failed;
  }
}

/** Whether a record fits one of the filters; a body in JSON is filtered by its members. */
export function passes(filters: readonly EventMatcher[], record: JsonObject): boolean {
  const body = tryParseJson(String(record['body']));
  const event = { ...record, ...(body === undefined ? {} : { body }) };
  return filters.length === 0 || filters.some((matches) => matches(event));
}

/** Reads `FilterCriteria`, whose patterns are JSON texts. */
export function readFilters(reader: PropertyReader | undefined): readonly EventMatcher[] {
  return (reader?.objects('Filters') ?? []).map((filter) => {
    const text = filter.string('Pattern');
    return readEventPattern(tryParseJson(text) ?? text, `${filter.where}.Pattern`);
  });
}

function readMapping(resource: Resource, cloud: Cloud): Mapping {
  const reader = PropertyReader.of(resource);
  const queueArn = reader.string('EventSourceArn');
  if (!/^arn:[^:]+:sqs:/.test(queueArn))
    throw reader.refusal('EventSourceArn', 'an SQS queue', queueArn, 'the local cloud has no streams');
  const { partition, region, accountId } = cloud;
  const name = reader.string('FunctionName');
  const mapping = {
    path: resource.path,
    enabled: reader.tryBoolean('Enabled') !== false,
    queueArn,
    functionArn: name.startsWith('arn:') ? name : `arn:${partition}:lambda:${region}:${accountId}:function:${name}`,
    batchSize: reader.tryNumber('BatchSize') ?? 10,
    window: (reader.tryNumber('MaximumBatchingWindowInSeconds') ?? 0) * 1000,
    concurrency: reader.tryObject('ScalingConfig')?.tryNumber('MaximumConcurrency') ?? 5,
    reportsFailures: reader.strings('FunctionResponseTypes').includes('ReportBatchItemFailures'),
    filters: readFilters(reader.tryObject('FilterCriteria')),
  };
  reader.accept('Tags', 'MetricsConfig', 'KmsKeyArn').finish();
  return mapping;
}
