import type { Json } from '../../asl/json';
import type { QueryLanguage, StateDefinition } from '../../asl/types';
import type { Program } from '../program';

/** A state to be compiled, and how to compile the states inside of it. */
export interface StateSource {
  readonly name: string;
  readonly definition: StateDefinition;
  readonly language: QueryLanguage;
  readonly compileBranch: (branch: Json) => Program;
}
