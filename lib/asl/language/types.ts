import type { Json } from './json.js';

/** The types of states of the Amazon States Language. */
export const STATE_TYPES = ['Task', 'Pass', 'Choice', 'Wait', 'Succeed', 'Fail', 'Parallel', 'Map'] as const;

/** A state's `Type`. */
export type StateType = (typeof STATE_TYPES)[number];

/** The language of a state's expressions. */
export type QueryLanguage = 'JSONPath' | 'JSONata';

/** A state machine's definition in the Amazon States Language. */
export interface StateMachineDefinition extends Branch {
  readonly Comment?: string;
  /** @default 'JSONPath' */
  readonly QueryLanguage?: QueryLanguage;
  /** @default '1.0' */
  readonly Version?: string;
  /** The longest time an execution may take, in seconds; it then ends `TIMED_OUT`. @default - a year (Express: five minutes), which is the most */
  readonly TimeoutSeconds?: number;
}

/** A set of states with an entry: a state machine, a branch of a Parallel state, the processor of a Map state. */
export interface Branch {
  readonly StartAt: string;
  readonly States: { readonly [name: string]: StateDefinition };
  readonly [field: string]: Json | undefined | { readonly [name: string]: StateDefinition };
}

/** Fields by name: a state, a rule, a catcher. */
export type Fields = { readonly [field: string]: Json | undefined };

/** A state as it is written. Which fields it may have depends on its type and query language; {@link validateDefinition} checks that. */
export interface StateDefinition {
  readonly Type: StateType;
  readonly [field: string]: Json | undefined;
}
