import { type JsonObject, tryParseJson } from '../../../asl/language/json.js';
import type { Resource } from '../../../assembly/model.js';
import { ApiError } from '../../../engine/model/api-errors.js';
import { DurableStepsError, LEAVE_OUT_LOCALLY } from '../../../errors.js';
import { type Caller, type Cloud, type CloudService, ServiceError, slotOf } from '../../cloud/service.js';
import type { EventMatcher } from '../events/event-pattern.js';
import { renderInputTemplate, tryRead } from '../events/target-input.js';
import { PropertyReader } from '../protocol/property-reader.js';
import { passes, readFilters } from '../sqs/event-source-mapping.js';
import { renderRecord } from '../sqs/message-attributes.js';
import { Poller } from '../sqs/poller.js';
import type { Message } from '../sqs/queue.js';
import { sqsOf } from '../sqs/service.js';

/** A pipe of the template. */
interface Pipe {
  readonly path: string;
  readonly arn: string;
  readonly enabled: boolean;
  readonly queueArn: string;
  readonly batchSize: number;
  readonly window: number;
  readonly filters: readonly EventMatcher[];
  readonly targetArn: string;
  readonly fireAndForget: boolean;
  readonly template?: string;
  readonly caller: Caller;
}

/**
 * Amazon EventBridge Pipes from an SQS queue to a state machine or a function, with filters and an input template.
 *
 * A state machine and a function get the batch as a list, as on AWS, where a Standard state machine takes one message at a time and so a list of one.
 * Enrichments and other sources and targets are refused.
 */
export class PipesService implements CloudService {
  readonly names = ['pipes'];
  readonly resourceTypes = ['AWS::Pipes::Pipe'];
  private readonly pipes = new Map<string, Pipe>();
  private readonly pollers = new Map<string, Poller>();

  constructor(private readonly cloud: Cloud) {}

  deploy(resource: Resource): void {
    const pipe = readPipe(resource);
    this.remove(resource);
    this.pipes.set(slotOf(resource), pipe);
  }

  remove(resource: Resource): void {
    const slot = slotOf(resource);
    this.pipes.delete(slot);
    this.pollers.get(slot)?.close();
    this.pollers.delete(slot);
  }

  start(): void {
    for (const [slot, pipe] of this.pipes)
      if (pipe.enabled && !this.pollers.has(slot)) this.pollers.set(slot, this.begin(pipe));
  }

  close(): void {
    for (const poller of this.pollers.values()) poller.close();
  }

  private begin(pipe: Pipe): Poller {
    const queue = sqsOf(this.cloud).tryQueue(pipe.queueArn);
    if (queue === undefined) {
      throw new DurableStepsError('UnsupportedResource', {
        where: `${pipe.path}.Source`,
        expected: 'a queue of the same app',
        got: pipe.queueArn,
        fix: `put the queue into the app, or ${LEAVE_OUT_LOCALLY}`,
      });
    }
    const { batchSize, window } = pipe;
    return new Poller(queue, this.cloud.clock, { batchSize, window }, (batch) => this.work(pipe, batch));
  }

  private async work(pipe: Pipe, batch: readonly Message[]): Promise<readonly Message[]> {
    const { region, accountId } = this.cloud;
    try {
      for (const action of ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes']) {
        this.cloud.authorize({ caller: pipe.caller, action, resource: pipe.queueArn });
      }
      const records = batch.map((message) => renderRecord(message, pipe.queueArn, region, accountId));
      const events = records
        .filter((record) => passes(pipe.filters, record))
        .map((record) => this.transform(pipe, record));
      if (events.length > 0) await this.deliver(pipe, `[${events.join(',')}]`);
      return [];
    } catch (error) {
      if (!(error instanceof ServiceError) && !(error instanceof ApiError)) throw error;
      this.cloud.warn(`${pipe.path}: delivery to ${pipe.targetArn} failed: ${error.message}`);
      return batch;
    }
  }

  /** The record as JSON text, through the template: `<$.body.id>` reads from the record, whose JSON body counts as parsed. */
  private transform({ template, arn }: Pipe, record: JsonObject): string {
    if (template === undefined) return JSON.stringify(record);
    const body = tryParseJson(String(record['body']));
    const event: JsonObject = { ...record, ...(body === undefined ? {} : { body }) };
    const names = [...template.matchAll(/<(\$[^>]*)>/g)].map(([, path = '$']) => path);
    const values = Object.fromEntries(names.map((path, index) => [`p${index}`, tryRead(path, event)]));
    const numbered = names.reduce((text, path, index) => text.replace(`<${path}>`, `<p${index}>`), template);
    return renderInputTemplate(numbered, { ...values, 'aws.pipes.pipe-arn': arn, 'aws.pipes.event': record });
  }

  private async deliver({ targetArn, caller, fireAndForget, arn }: Pipe, payload: string): Promise<void> {
    const context = { 'aws:SourceArn': arn };
    if (/:states:/.test(targetArn)) {
      this.cloud.authorize({ caller, action: 'states:StartExecution', resource: targetArn, context });
      this.cloud.stepFunctions.startExecution({ stateMachineArn: targetArn, input: payload });
      return;
    }
    this.cloud.authorize({ caller, action: 'lambda:InvokeFunction', resource: targetArn, context });
    if (fireAndForget) {
      this.cloud.functions.invokeAsync(targetArn, { payload });
      return;
    }
    const { functionError, payload: answer } = await this.cloud.functions.invoke(targetArn, { payload });
    if (functionError !== undefined) throw new ServiceError('FunctionError', answer);
  }
}

function readPipe(resource: Resource): Pipe {
  const reader = PropertyReader.of(resource);
  const queueArn = reader.string('Source');
  if (!/^arn:[^:]+:sqs:/.test(queueArn)) throw reader.refusal('Source', 'an SQS queue', queueArn);
  const targetArn = reader.string('Target');
  if (!/^arn:[^:]+:(states:.*:stateMachine:|lambda:.*:function:)/.test(targetArn)) {
    throw reader.refusal('Target', 'a state machine or a Lambda function', targetArn);
  }
  const source = reader.tryObject('SourceParameters');
  const queue = source?.tryObject('SqsQueueParameters');
  const target = reader.tryObject('TargetParameters');
  const machine = target?.tryObject('StepFunctionStateMachineParameters')?.tryString('InvocationType');
  const function_ = target?.tryObject('LambdaFunctionParameters')?.tryString('InvocationType');
  const template = target?.tryString('InputTemplate');
  const pipe = {
    path: resource.path,
    arn: resource.attribute('Arn'),
    enabled: reader.tryString('DesiredState') !== 'STOPPED',
    queueArn,
    batchSize: queue?.tryNumber('BatchSize') ?? 10,
    window: (queue?.tryNumber('MaximumBatchingWindowInSeconds') ?? 0) * 1000,
    filters: readFilters(source?.tryObject('FilterCriteria')),
    targetArn,
    fireAndForget: (machine ?? function_) === 'FIRE_AND_FORGET',
    caller: { kind: 'service', name: 'pipes.amazonaws.com', roleArn: reader.string('RoleArn') } as const,
    ...(template === undefined ? {} : { template }),
  };
  reader.accept('Name', 'Description', 'Tags', 'LogConfiguration', 'KmsKeyIdentifier').finish();
  return pipe;
}
