import type { DataFlow } from '../../asl/evaluate/data-flow.js';
import type { Json } from '../../asl/language/json.js';
import type { RetryPolicy } from '../../asl/language/retry.js';
import type { QueryLanguage, StateType } from '../../asl/language/types.js';
import type { Effect } from './effects.js';
import type { EventType } from './history.js';
import type { Thread } from './thread.js';

/** A compiled set of states: a state machine, a branch, a Map's processor. Compiled once, run by any number of executions. */
export interface Program {
  readonly startAt: string;
  readonly states: ReadonlyMap<string, CompiledState>;
}

/** What a state does: the part that differs by type. Pure but for the thread's clock and token. */
export interface StateBehaviour {
  /** The programs inside of it: the branches of a Parallel, the processor of a Map. */
  readonly inner?: readonly Program[];
  /** The state is entered, or retried. */
  readonly enter: (thread: Thread) => Effect;
  /** What {@link enter} asked for is done: the wait is over, the task or the branches gave `result`. */
  readonly resume?: (thread: Thread, result: Json) => Effect;
}

/** A compiled `Catch` entry. */
export interface Catcher {
  readonly errors: readonly string[];
  readonly flow: DataFlow;
  readonly next: string;
}

/** A compiled state. */
export interface CompiledState extends StateBehaviour {
  readonly name: string;
  readonly type: StateType;
  readonly language: QueryLanguage;
  readonly entered: EventType;
  readonly exited: EventType | undefined;
  /** Whether the state waits for a task token. */
  readonly usesTaskToken: boolean;
  readonly retry: readonly RetryPolicy[];
  readonly catchers: readonly Catcher[];
}
