import type { Json, JsonObject } from '../../asl/language/json.js';
import type { QueryScope, Sources } from '../../asl/language/scope.js';
import { Variables } from '../../asl/language/scope.js';
import type { Effect } from './effects.js';
import type { Execution } from './execution.js';
import type { Fork } from './fork.js';
import type { MapItemContext } from './map-item.js';
import type { CompiledState, Program } from './program.js';
import type { Thread } from './thread.js';

/**
 * One thread of control inside an execution: the execution itself, a branch of a Parallel state, an iteration of a Map. It is in one state at a time.
 */
export class Frame implements Thread {
  state: CompiledState;
  input: Json;
  variables: Variables;
  /** The last event of this thread: the `previousEventId` of its next one. */
  previous: number;
  /** The event id of the current state's entry; 0 before the entry. */
  enteredId = 0;
  /** The `previousEventId` of the entry. */
  enteredAfter = 0;
  enteredTime = 0;
  retryCount = 0;
  /** How often each retrier of the current state was used. */
  retries: number[] | undefined;
  /** The token of the current attempt, made when it is read. */
  private token: string | undefined;
  /** What undoes that for which the thread waits: a timer, a call, its branches. */
  cancel: (() => void) | undefined;
  /** The branches it waits for. */
  fork: Fork<Frame> | undefined;
  ended = false;
  /** Whether its first state was reached; before that, it only waits for its turn. */
  begun = false;
  /** What it does next; it enters its state when there is none. */
  pending: Effect | undefined;

  constructor(
    readonly execution: Execution,
    readonly program: Program,
    input: Json,
    previous: number,
    /** The fork it belongs to, and its place in it. */
    readonly parent?: { readonly fork: Fork<Frame>; readonly index: number; readonly item?: MapItemContext },
  ) {
    this.state = startState(program);
    this.input = input;
    this.previous = previous;
    const outer = parent?.fork.owner.variables;
    this.variables = outer === undefined ? Variables.NONE : outer.inner();
  }

  /** Moves on to another state. */
  goTo(state: CompiledState, input: Json): void {
    this.state = state;
    this.input = input;
    this.enteredId = 0;
    this.retryCount = 0;
    this.retries = undefined;
    this.token = undefined;
  }

  /** The next attempt at the current state: it gets a token of its own. */
  beginRetry(): void {
    this.retryCount++;
    this.token = undefined;
  }

  /** Forgets the retries so far, as a redrive does. */
  resetRetries(): void {
    this.retryCount = 0;
    this.retries = undefined;
    this.token = undefined;
  }

  get taskToken(): string {
    this.token ??= this.execution.newToken();
    return this.token;
  }

  /** What the current state's expressions can read. */
  scope(input: Json = this.input, result?: Json, errorOutput?: Json): QueryScope {
    return new FrameScope(this, input, result, errorOutput);
  }

  now(): number {
    return this.execution.sources.now();
  }

  /** The context object, as of now. */
  context(): JsonObject {
    const { execution, state } = this;
    const retriable = state.type === 'Task' || state.type === 'Map' || state.type === 'Parallel';
    const item = this.mapItem();
    return {
      Execution: execution.context(),
      StateMachine: execution.stateMachineContext,
      State: {
        Name: state.name,
        EnteredTime: new Date(this.enteredTime).toISOString(),
        ...(retriable && { RetryCount: this.retryCount }),
      },
      ...(item !== undefined && { Map: { Item: item } }),
      ...(state.type === 'Task' && state.usesTaskToken && { Task: { Token: this.taskToken } }),
    };
  }

  /** The Map item of this thread or of the nearest one around it. */
  private mapItem(): MapItemContext | undefined {
    let frame: Frame | undefined = this;
    while (frame !== undefined) {
      if (frame.parent?.item !== undefined) return frame.parent.item;
      frame = frame.parent?.fork.owner;
    }
    return this.execution.mapItem;
  }
}

class FrameScope implements QueryScope {
  constructor(
    private readonly frame: Frame,
    readonly input: Json,
    readonly result: Json | undefined,
    readonly errorOutput: Json | undefined,
  ) {}

  get context(): JsonObject {
    return this.frame.context();
  }

  get variables(): Variables {
    return this.frame.variables;
  }

  get sources(): Sources {
    return this.frame.execution.sources;
  }
}

/** The first state of a program; the definition was checked, so there is one. */
function startState(program: Program): CompiledState {
  return program.states.get(program.startAt)!;
}
