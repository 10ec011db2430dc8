import type { Json } from './json';

/** What is wrong with a definition, in the form of ValidateStateMachineDefinition. */
export interface Diagnostic {
  readonly severity: 'ERROR' | 'WARNING';
  readonly code: string;
  readonly message: string;
  /** The JSON path of the culprit, for example `/States/Pay/Next`. */
  readonly location?: string;
}

export function validateDefinition(
  _definition: Json | undefined,
  _type: 'STANDARD' | 'EXPRESS',
): readonly Diagnostic[] {
  return [];
}
