import type { Json, JsonObject } from '../../asl/language/json.js';
import type { QueryScope } from '../../asl/language/scope.js';

/** The thread of control that a state runs in, as the state itself sees it: it can read, and only the interpreter can change. */
export interface Thread {
  /** The state's raw input. */
  readonly input: Json;
  /** What the state's expressions can read. @param input what they see as the input. @default - the raw input */
  scope(input?: Json, result?: Json, errorOutput?: Json): QueryScope;
  /** The context object, as of now. */
  context(): JsonObject;
  /** Milliseconds since the epoch. */
  now(): number;
}
