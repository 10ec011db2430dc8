import { randomUUID } from 'node:crypto';
import { isJsonArray, type Json, type JsonObject } from '../../../asl/language/json.js';
import type { Resource } from '../../../assembly/model.js';
import { DUE_AT_ATTRIBUTE } from '../../../contract/hub-records.js';
import { type Caller, type Cloud, type CloudService, ServiceError, slotOf } from '../../cloud/service.js';
import { tryDynamoDbOf } from '../dynamodb/service.js';
import { awsJson, objectsMember, withText } from '../protocol/aws-json.js';
import { PropertyReader } from '../protocol/property-reader.js';
import { type NeededGrant, OperationsApi } from '../protocol/service-api.js';
import { TargetDelivery, tryObject } from './delivery.js';
import { HubSweeps, trySweptTable } from './hub-sweeps.js';
import { busName, type Rule, readRule } from './rule.js';
import { renderStatusDetail } from './status-event.js';
import { renderTargetInput } from './target-input.js';

const MAX_REQUEST_BYTES = 256 * 1024;
const PRINCIPAL = 'events.amazonaws.com';

/** An event before the bus gives it an id. */
export interface NewEvent {
  readonly source: string;
  readonly detailType: string;
  readonly detail: JsonObject;
  readonly resources?: readonly string[];
  /** Milliseconds since the epoch. @default - now */
  readonly time?: number;
}

/** A rule of the template, and how to stop its schedule once that has begun. */
interface ArmedRule {
  rule: Rule;
  disarm?: () => void;
}

/**
 * Amazon EventBridge: buses, rules with patterns and schedules, PutEvents.
 *
 * Publishes what AWS's own services would: the status changes of executions, from the engine, and the uploads that S3 reports. Schedules run on the
 * cloud's clock as background timers, so virtual time doesn't run away for them; that of a hub's sweep has ticks only when there is something to do. Archives, replays, API destinations and cross-account buses don't exist.
 */
export class EventsService implements CloudService {
  readonly names = ['events'];
  readonly resourceTypes = ['AWS::Events::EventBus', 'AWS::Events::Rule'];
  private readonly buses = new Set(['default']);
  private readonly rules = new Map<string, ArmedRule>();
  private readonly delivery: TargetDelivery;
  private stopListening: (() => void) | undefined;
  readonly api: OperationsApi;

  constructor(private readonly cloud: Cloud) {
    this.delivery = new TargetDelivery(cloud);
    this.api = new OperationsApi(cloud, {
      service: 'events',
      protocol: awsJson('1.1'),
      operations: { PutEvents: { access: (body) => this.busesOf(body), run: (body) => this.putEvents(body) } },
      tasks: { putEvents: (parameters, caller) => this.api.perform('PutEvents', withDetails(parameters), caller) },
    });
  }

  deploy(resource: Resource): void {
    if (resource.type === 'AWS::Events::Rule')
      this.deployRule(slotOf(resource), readRule(resource, this.cloud.clock.now()));
    else this.deployBus(resource);
  }

  remove(resource: Resource): void {
    if (resource.type === 'AWS::Events::EventBus') this.buses.delete(resource.ref);
    const slot = slotOf(resource);
    this.rules.get(slot)?.disarm?.();
    this.rules.delete(slot);
  }

  start(): void {
    this.stopListening ??= this.cloud.stepFunctions.onStatusChange((change) => {
      const detailType = 'Step Functions Execution Status Change';
      const detail = renderStatusDetail(change);
      this.publish('default', { source: 'aws.states', detailType, detail, resources: [change.executionArn] });
    });
    for (const armed of this.rules.values())
      if (armed.rule.enabled && armed.rule.schedule !== undefined && armed.disarm === undefined) this.arm(armed);
  }

  close(): void {
    this.stopListening?.();
    for (const { disarm } of this.rules.values()) disarm?.();
  }

  /** A new version of a rule goes on in the rhythm of the former one, unless it has another. */
  private deployRule(slot: string, rule: Rule): void {
    const known = this.rules.get(slot);
    if (known !== undefined && known.rule.expression === rule.expression && known.rule.enabled === rule.enabled) {
      known.rule = rule;
      return;
    }
    known?.disarm?.();
    this.rules.set(slot, { rule });
  }

  /** Puts an event on a bus; matching rules deliver it. Returns its id. */
  publish(
    bus: string,
    { source, detailType, detail, resources = [], time = this.cloud.clock.now() }: NewEvent,
  ): string {
    const id = randomUUID();
    const event: JsonObject = {
      version: '0',
      id,
      'detail-type': detailType,
      source,
      account: this.cloud.accountId,
      time: renderTime(time),
      region: this.cloud.region,
      resources,
      detail,
    };
    for (const { rule } of this.rules.values()) {
      if (rule.bus === bus && rule.enabled && rule.matches?.(event) === true) this.deliver(rule, event);
    }
    return id;
  }

  private busesOf(body: JsonObject): readonly NeededGrant[] {
    const { partition, region, accountId } = this.cloud;
    const buses = [...new Set(objectsMember(body, 'Entries').map(busOf))];
    return buses.map((bus) => ({ resource: `arn:${partition}:events:${region}:${accountId}:event-bus/${bus}` }));
  }

  private putEvents(body: JsonObject): JsonObject {
    const entries = objectsMember(body, 'Entries');
    if (entries.length === 0 || entries.length > 10) {
      throw new ServiceError(
        'ValidationException',
        `1 validation error detected: Value at 'entries' failed to satisfy constraint: Member must have length between 1 and 10`,
      );
    }
    if (entries.reduce((sum, entry) => sum + sizeOf(entry), 0) > MAX_REQUEST_BYTES)
      throw new ServiceError('ValidationException', 'Total size of the entries in the request is over the limit.');
    const unknown = entries.map(busOf).find((bus) => !this.buses.has(bus));
    if (unknown !== undefined)
      throw new ServiceError('ResourceNotFoundException', `Event bus ${unknown} does not exist.`);
    const results = entries.map((entry) => this.putEvent(entry));
    return { FailedEntryCount: results.filter(({ ErrorCode }) => ErrorCode !== undefined).length, Entries: results };
  }

  private putEvent(entry: JsonObject): JsonObject {
    const { Source, DetailType, Detail, Resources, Time } = entry;
    const detail = typeof Detail === 'string' ? tryObject(Detail) : undefined;
    const missing = [
      ['Source', Source],
      ['DetailType', DetailType],
      ['Detail', Detail],
    ].find(([, value]) => typeof value !== 'string');
    if (missing !== undefined)
      return failed(
        'InvalidArgument',
        `Parameter ${String(missing[0])} is not valid. Reason: ${String(missing[0])} is a required argument.`,
      );
    if (detail === undefined) return failed('MalformedDetail', 'Detail is malformed.');
    if (String(Source).startsWith('aws.'))
      return failed('NotAuthorizedForSourceException', 'Not authorized for the source.');
    const event: NewEvent = {
      source: String(Source),
      detailType: String(DetailType),
      detail,
      resources: isJsonArray(Resources) ? Resources.map(String) : [],
      ...(Time === undefined || Time === null ? {} : { time: readTime(Time) }),
    };
    return { EventId: this.publish(busOf(entry), event) };
  }

  private deployBus(resource: Resource): void {
    const reader = PropertyReader.of(resource);
    this.buses.add(reader.string('Name'));
    reader.accept('Description', 'Tags', 'Policy', 'KmsKeyIdentifier', 'LogConfig').finish();
  }

  private arm(armed: ArmedRule): void {
    const { targets } = armed.rule;
    const table = targets.map(({ arn }) => trySweptTable(this.cloud.assembly.tryFindByArn(arn))).find(Boolean);
    if (table === undefined) this.armTick(armed);
    else this.armSweeps(armed, table);
  }

  private armSweeps(armed: ArmedRule, table: string): void {
    const { clock, stepFunctions } = this.cloud;
    const { schedule } = armed.rule;
    if (schedule === undefined) return;
    const sweeps = new HubSweeps(clock, schedule, (due) => this.tick(armed, due));
    const unwatch = tryDynamoDbOf(this.cloud)?.watch(DUE_AT_ATTRIBUTE, (change) => {
      if (change.table === table) sweeps.note(change);
    });
    const stop = stepFunctions.onStatusChange(({ name, status }) => {
      if (status !== 'RUNNING') sweeps.noteEnd(name);
    });
    armed.disarm = () => {
      unwatch?.();
      stop();
      sweeps.close();
    };
  }

  private armTick(armed: ArmedRule): void {
    const { clock } = this.cloud;
    const due = armed.rule.schedule?.nextAfter(clock.now());
    if (due === undefined) return;
    const fire = (): void => {
      this.tick(armed, due);
      this.armTick(armed);
    };
    armed.disarm = clock.at(due, fire, { background: true });
  }

  private tick({ rule }: ArmedRule, due: number): void {
    this.deliver(rule, this.scheduledEvent(rule, due));
  }

  private scheduledEvent({ arn }: Rule, due: number): JsonObject {
    return {
      version: '0',
      id: randomUUID(),
      'detail-type': 'Scheduled Event',
      source: 'aws.events',
      account: this.cloud.accountId,
      time: renderTime(due),
      region: this.cloud.region,
      resources: [arn],
      detail: {},
    };
  }

  private deliver(rule: Rule, event: JsonObject): void {
    for (const target of rule.targets) {
      const caller: Caller = {
        kind: 'service',
        name: PRINCIPAL,
        ...(target.roleArn === undefined ? {} : { roleArn: target.roleArn }),
      };
      const payload = renderTargetInput(target.input, event, rule);
      this.delivery.send(target, { payload: () => payload, caller, sourceArn: rule.arn, sourceName: rule.path });
    }
  }
}

/** The integration takes `Detail` as an object too. */
function withDetails(parameters: JsonObject): JsonObject {
  return { Entries: objectsMember(parameters, 'Entries').map((entry) => withText(entry, 'Detail')) };
}

/**
 * The bytes of an entry, as EventBridge counts them.
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html
 */
function sizeOf({ Source, DetailType, Detail, Resources, Time }: JsonObject): number {
  const texts = [Source, DetailType, Detail, ...(isJsonArray(Resources) ? Resources : [])];
  const bytes = texts.map((text) => (text === undefined || text === null ? 0 : Buffer.byteLength(String(text))));
  return bytes.reduce((sum, size) => sum + size, Time === undefined || Time === null ? 0 : 14);
}

function busOf({ EventBusName }: JsonObject): string {
  return typeof EventBusName === 'string' ? busName(EventBusName) : 'default';
}

function failed(ErrorCode: string, ErrorMessage: string): JsonObject {
  return { ErrorCode, ErrorMessage };
}

/** Seconds since the epoch, or a date as text. */
function readTime(time: Json): number {
  return typeof time === 'number' ? time * 1000 : Date.parse(String(time));
}

function renderTime(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`;
}
