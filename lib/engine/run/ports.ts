import type { Json } from '../../asl/language/json.js';
import type { StatesError } from '../../asl/language/states-error.js';
import type { Clock } from '../../clock.js';
import type { MapPlan, TaskCall } from '../model/effects.js';
import type { Execution } from '../model/execution.js';
import type { Frame } from '../model/frame.js';

/** How a task, or a distributed Map, ended. */
export type Completion = { readonly output: Json } | { readonly failure: StatesError };

/** What the interpreter has done by others. */
export interface InterpreterPorts {
  readonly clock: Clock;
  /** Calls a task; `done` is called once, later. Gives a function that drops the call. */
  readonly call: (frame: Frame, call: TaskCall, done: (completion: Completion) => void) => () => void;
  /** Runs a distributed Map; `done` is called once, later. Gives a function that stops it. */
  readonly runMap: (frame: Frame, plan: MapPlan, done: (completion: Completion) => void) => () => void;
  /** An execution ended. */
  readonly ended: (execution: Execution) => void;
}
