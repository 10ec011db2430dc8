import type { Json } from '../../asl/language/json.js';
import type { QueryLanguage, StateDefinition } from '../../asl/language/types.js';
import type { Program } from './program.js';

/** A state to be compiled, and how to compile the states inside of it. */
export interface StateSource {
  readonly name: string;
  readonly definition: StateDefinition;
  readonly language: QueryLanguage;
  readonly compileBranch: (branch: Json) => Program;
}
