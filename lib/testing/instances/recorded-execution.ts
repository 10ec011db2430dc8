import { isJsonObject, type Json, tryParseJson } from '../../asl/language/json.js';
import { parseExecutionName } from '../../contract/instance-id.js';
import type { ExecutionStatus, ExecutionStatusChange } from '../../engine/model/api.js';
import type { HistoryEvent } from '../../engine/model/history.js';

/** A wait for somebody outside: an event, an approval, any task token. */
export interface PendingAnswer {
  /** The state that waits. */
  readonly state: string;
  /** The arguments with which it asked. */
  readonly parameters: Json;
}

/** What was seen of one execution. Grows as it runs. */
export class RecordedExecution {
  readonly events: HistoryEvent[] = [];
  readonly key: string;
  readonly generation: number;
  status: ExecutionStatus = 'RUNNING';
  last: ExecutionStatusChange | undefined;
  /** Each custom status that was written for it, in order: by itself, and by the children of its distributed Maps. */
  readonly customStatuses: Json[] = [];
  private readonly stateOf = new Map<number, string>();
  private readonly written = new Map<number, WrittenStatus>();
  private readonly asked = new Map<number, PendingAnswer>();
  private readonly waiting = new Set<PendingAnswer>();

  constructor(
    readonly arn: string,
    readonly stateMachineArn: string,
    readonly name: string,
    /** The newest execution of the instance that a status is written for. */
    private readonly tryFindNewest: (key: string) => RecordedExecution | undefined,
  ) {
    ({ key: this.key, generation: this.generation } = parseExecutionName(name));
  }

  /** The answers that are awaited now. */
  get pendingAnswers(): readonly PendingAnswer[] {
    return this.status === 'RUNNING' ? [...this.waiting] : [];
  }

  add(event: HistoryEvent): void {
    this.events.push(event);
    const { id, previousEventId } = event;
    const state = event.type.endsWith('StateEntered')
      ? textOf(event.details, 'name')
      : this.stateOf.get(previousEventId);
    if (state !== undefined) this.stateOf.set(id, state);
    this.followStatus(event);
    this.followToken(event, state ?? '');
  }

  change(change: ExecutionStatusChange): void {
    this.status = change.status;
    this.last = change;
  }

  /** A custom status counts once it is written: a write that was refused shows nothing. */
  private followStatus(event: HistoryEvent): void {
    const { id, previousEventId } = event;
    const written =
      event.type === 'TaskScheduled' ? tryCustomStatus(event.details.parameters) : this.written.get(previousEventId);
    if (written === undefined) return;
    if (event.type === 'TaskSucceeded') (this.tryFindNewest(written.key) ?? this).customStatuses.push(written.status);
    else if (event.type === 'TaskScheduled' || event.type === 'TaskStarted') this.written.set(id, written);
  }

  /** A task waits from the moment it was submitted until it has an end. */
  private followToken(event: HistoryEvent, state: string): void {
    const { id, previousEventId } = event;
    if (event.type === 'TaskScheduled') {
      if (event.details.resource.endsWith('waitForTaskToken'))
        this.asked.set(id, { state, parameters: event.details.parameters });
      return;
    }
    const asked = this.asked.get(previousEventId);
    if (asked === undefined) return;
    if (event.type === 'TaskStarted' || event.type === 'TaskSubmitted') this.asked.set(id, asked);
    if (event.type === 'TaskSubmitted') this.waiting.add(asked);
    else this.waiting.delete(asked);
  }
}

/** A custom status, and the key of the instance that it is written for. */
interface WrittenStatus {
  readonly key: string;
  readonly status: Json;
}

/** The status that an UpdateItem on the hub's record writes: JSON text behind `customStatus`. */
function tryCustomStatus(parameters: Json): WrittenStatus | undefined {
  if (!isJsonObject(parameters)) return undefined;
  const { Key: record, UpdateExpression: expression, ExpressionAttributeValues: values } = parameters;
  const placeholder = typeof expression === 'string' ? /\bcustomStatus\s*=\s*(:\w+)/.exec(expression)?.[1] : undefined;
  if (placeholder === undefined || !isJsonObject(values)) return undefined;
  const status = tryParseJson(textOf(values[placeholder], 'S') ?? '');
  const partition = isJsonObject(record) ? textOf(record['pk'], 'S') : undefined;
  return status === undefined ? undefined : { status, key: partition?.replace(/^instance#/, '') ?? '' };
}

function textOf(details: unknown, name: string): string | undefined {
  const value = isJsonObject(details) ? details[name] : undefined;
  return typeof value === 'string' ? value : undefined;
}
