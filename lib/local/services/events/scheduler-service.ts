import { randomUUID } from 'node:crypto';
import type { Resource } from '../../../assembly/model.js';
import { type Caller, type Cloud, type CloudService, slotOf } from '../../cloud/service.js';
import { PropertyReader } from '../protocol/property-reader.js';
import { checkTarget, type DeliveryTarget, TargetDelivery } from './delivery.js';
import { readRetries } from './rule.js';
import { parseSchedule, type Schedule } from './schedule-expression.js';

/** A schedule of the template. */
interface ScheduledTask {
  readonly name: string;
  readonly arn: string;
  readonly path: string;
  readonly enabled: boolean;
  readonly schedule: Schedule;
  readonly from?: number;
  readonly until?: number;
  readonly target: DeliveryTarget;
  readonly input?: string;
  readonly caller: Caller;
}

/**
 * Amazon EventBridge Scheduler: the template's schedules, as background timers on the cloud's clock.
 *
 * A flexible time window begins at once. A rate begins when the app is loaded. Schedules are made by the template only.
 */
export class SchedulerService implements CloudService {
  readonly names = ['scheduler'];
  readonly resourceTypes = ['AWS::Scheduler::Schedule', 'AWS::Scheduler::ScheduleGroup'];
  private readonly tasks = new Map<string, ScheduledTask>();
  /** How to cancel what comes next, by slot; of a schedule whose time is over it does nothing. */
  private readonly timers = new Map<string, () => void>();
  private readonly delivery: TargetDelivery;

  constructor(private readonly cloud: Cloud) {
    this.delivery = new TargetDelivery(cloud);
  }

  deploy(resource: Resource): void {
    if (resource.type !== 'AWS::Scheduler::Schedule') return;
    const task = readSchedule(resource, this.cloud.clock.now());
    this.remove(resource);
    this.tasks.set(slotOf(resource), task);
  }

  remove(resource: Resource): void {
    const slot = slotOf(resource);
    this.tasks.delete(slot);
    this.timers.get(slot)?.();
    this.timers.delete(slot);
  }

  start(): void {
    for (const [slot, task] of this.tasks)
      if (task.enabled && !this.timers.has(slot)) this.arm(slot, task, this.cloud.clock.now());
  }

  close(): void {
    for (const cancel of this.timers.values()) cancel();
  }

  private arm(slot: string, task: ScheduledTask, after: number): void {
    const due = task.schedule.nextAfter(Math.max(after, (task.from ?? 0) - 1));
    if (due === undefined || (task.until !== undefined && due > task.until)) return;
    const fire = (): void => {
      this.run(task, due);
      this.arm(slot, task, due);
    };
    this.timers.set(slot, this.cloud.clock.at(due, fire, { background: true }));
  }

  private run(task: ScheduledTask, due: number): void {
    const { arn, caller, path, target } = task;
    const execution = randomUUID();
    const payload = (attempt: number) => this.renderInput(task, due, execution, attempt);
    this.delivery.send(target, { payload, caller, sourceArn: arn, sourceName: path });
  }

  private renderInput({ input, arn }: ScheduledTask, due: number, execution: string, attempt: number): string {
    const time = `${new Date(due).toISOString().slice(0, 19)}Z`;
    if (input === undefined) {
      const { accountId: account, region } = this.cloud;
      const event = {
        version: '0',
        id: execution,
        'detail-type': 'Scheduled Event',
        source: 'aws.scheduler',
        account,
        time,
        region,
      };
      return JSON.stringify({ ...event, resources: [arn], detail: '{}' });
    }
    return input
      .replaceAll('<aws.scheduler.scheduled-time>', time)
      .replaceAll('<aws.scheduler.execution-id>', execution)
      .replaceAll('<aws.scheduler.attempt-number>', String(attempt))
      .replaceAll('<aws.scheduler.schedule-arn>', arn);
  }
}

function readSchedule(resource: Resource, now: number): ScheduledTask {
  const reader = PropertyReader.of(resource);
  const from = tryDate(reader, 'StartDate');
  const until = tryDate(reader, 'EndDate');
  const timeZone = reader.tryString('ScheduleExpressionTimezone');
  const target = reader.object('Target');
  const arn = target.string('Arn');
  checkTarget(arn, `${target.where}.Arn`);
  const input = target.tryString('Input');
  const group = target.tryObject('SqsParameters')?.tryString('MessageGroupId');
  const task = {
    name: resource.ref,
    arn: resource.attribute('Arn'),
    path: resource.path,
    enabled: reader.tryString('State') !== 'DISABLED',
    schedule: parseSchedule(reader.string('ScheduleExpression'), `${resource.path}.ScheduleExpression`, {
      start: from ?? now,
      ...(timeZone === undefined ? {} : { timeZone: checkedTimeZone(reader, timeZone) }),
    }),
    ...(from === undefined ? {} : { from }),
    ...(until === undefined ? {} : { until }),
    ...(input === undefined ? {} : { input }),
    target: { arn, ...(group === undefined ? {} : { messageGroupId: group }), ...readRetries(target) },
    caller: { kind: 'service', name: 'scheduler.amazonaws.com', roleArn: target.string('RoleArn') } as const,
  };
  reader.accept('Name', 'GroupName', 'Description', 'FlexibleTimeWindow', 'KmsKeyArn').finish();
  return task;
}

function tryDate(reader: PropertyReader, name: string): number | undefined {
  const text = reader.tryString(name);
  const time = text === undefined ? undefined : Date.parse(text);
  if (time !== undefined && Number.isNaN(time)) throw reader.refusal(name, 'a date in ISO 8601', text);
  return time;
}

function checkedTimeZone(reader: PropertyReader, timeZone: string): string {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone });
    return timeZone;
  } catch {
    throw reader.refusal('ScheduleExpressionTimezone', 'an IANA time zone', timeZone);
  }
}
