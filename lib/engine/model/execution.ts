import type { Json, JsonObject } from '../../asl/language/json.js';
import type { Sources } from '../../asl/language/scope.js';
import type { ExecutionStatus } from './api.js';
import type { EventDetails, EventType, HistoryEvent } from './history.js';
import type { MapItemContext } from './map-item.js';
import type { StateMachine } from './state-machine.js';

/** AWS's limit on the events of a Standard execution. */
const MAX_EVENTS = 25_000;
/** AWS sets no such limit for Express executions: this one of our own ends an endless loop before memory does. */
const MAX_EXPRESS_EVENTS = 500_000;

/** Thrown when the history of a Standard execution has no room for another event. */
export const HISTORY_FULL = Symbol('history full');

/** What an execution is made of. */
export interface ExecutionOptions {
  readonly arn: string;
  readonly name: string;
  readonly machine: StateMachine;
  /** The input as it was given: JSON text. */
  readonly inputText: string;
  readonly input: Json;
  readonly startDate: number;
  readonly sources: Sources;
  readonly traceHeader?: string | undefined;
  /** The distributed Map that started it as a child, and the item it is for. */
  readonly mapRun?: {
    readonly arn: string;
    readonly item?: MapItemContext;
    readonly itemCount: number;
    readonly parent: Execution;
  };
  /** Told of each event as it is written. */
  readonly onEvent: ((execution: Execution, event: HistoryEvent) => void) | undefined;
}

/**
 * One execution: its status and its history, an append-only list of events. The interpreter alone writes to it.
 */
export class Execution {
  readonly arn: string;
  readonly name: string;
  readonly machine: StateMachine;
  readonly inputText: string;
  readonly input: Json;
  readonly startDate: number;
  readonly sources: Sources;
  readonly traceHeader: string | undefined;
  readonly mapRun: ExecutionOptions['mapRun'];
  readonly events: HistoryEvent[] = [];
  /** The event with this id can only be the one that ends the execution. */
  readonly maxEvents: number;
  status: ExecutionStatus = 'RUNNING';
  stopDate: number | undefined;
  output: Json | undefined;
  error: string | undefined;
  cause: string | undefined;
  redriveCount = 0;
  /** How many bytes its variables may have: a bound from above. */
  variableBytes = 0;
  redriveDate: number | undefined;
  /** Cancels the timer of the machine's own timeout. */
  cancelTimeout: (() => void) | undefined;
  /** Whoever waits for the end. */
  readonly watchers: ((execution: Execution) => void)[] = [];
  private readonly onEvent: ExecutionOptions['onEvent'];
  private executionContext: JsonObject | undefined;

  constructor(options: ExecutionOptions) {
    this.arn = options.arn;
    this.name = options.name;
    this.machine = options.machine;
    this.inputText = options.inputText;
    this.input = options.input;
    this.startDate = options.startDate;
    this.sources = options.sources;
    this.traceHeader = options.traceHeader;
    this.mapRun = options.mapRun;
    this.onEvent = options.onEvent;
    this.maxEvents = options.machine.type === 'STANDARD' ? MAX_EVENTS : MAX_EXPRESS_EVENTS;
  }

  /** `StateMachine` of the context object. */
  get stateMachineContext(): JsonObject {
    return { Id: this.machine.arn, Name: this.machine.name };
  }

  get mapItem(): MapItemContext | undefined {
    return this.mapRun?.item;
  }

  get running(): boolean {
    return this.status === 'RUNNING';
  }

  /** Appends an event and gives its id. Throws {@link HISTORY_FULL} when there is room only for the event that ends the execution. */
  write<T extends EventType>(type: T, previousEventId: number, details: EventDetails[T]): number {
    const id = this.events.length + 1;
    if (id >= this.maxEvents && this.running) throw HISTORY_FULL;
    const event = { id, previousEventId, timestamp: this.sources.now(), type, details } as HistoryEvent;
    this.events.push(event);
    this.onEvent?.(this, event);
    return id;
  }

  /** A token for one attempt at a task: it names the execution, so that an answer to a closed task can be told from an invalid one. */
  newToken(): string {
    return Buffer.from(JSON.stringify([this.arn, this.sources.uuid()])).toString('base64');
  }

  /** `Execution` of the context object. */
  context(): JsonObject {
    this.executionContext ??= {
      Id: this.arn,
      Input: this.input,
      StartTime: new Date(this.startDate).toISOString(),
      Name: this.name,
      RoleArn: this.machine.roleArn,
      ...(this.machine.type === 'STANDARD' && { RedriveCount: this.redriveCount }),
      ...(this.redriveDate !== undefined && { RedriveTime: new Date(this.redriveDate).toISOString() }),
    };
    return this.executionContext;
  }

  /** Notes how it ended. */
  close(status: ExecutionStatus, at: number, error: string | undefined, cause: string | undefined): void {
    this.status = status;
    this.stopDate = at;
    // AWS's description of a timed-out execution names no error; only the event does.
    this.error = status === 'TIMED_OUT' ? undefined : error;
    this.cause = cause;
    this.cancelTimeout?.();
    this.cancelTimeout = undefined;
  }

  /** Counts a redrive. */
  noteRedrive(): void {
    this.redriveCount++;
    this.redriveDate = this.sources.now();
    this.executionContext = undefined;
  }
}
