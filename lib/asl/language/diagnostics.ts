import type { QueryLanguage } from './types.js';

/** What is wrong with a definition, in the form in which ValidateStateMachineDefinition answers. */
export interface Diagnostic {
  readonly severity: 'ERROR' | 'WARNING';
  /** For example `SCHEMA_VALIDATION_FAILED` or `MISSING_TRANSITION_TARGET`. */
  readonly code: string;
  readonly message: string;
  /** Where, as a path through the definition such as `/States/Pay/Next`. */
  readonly location?: string;
}

/** Gathers diagnostics, in the order in which they are found. */
export class Diagnostics {
  readonly list: Diagnostic[] = [];

  /** A field or a value that the schema of the language does not allow. */
  schema(location: string, message: string): void {
    this.error('SCHEMA_VALIDATION_FAILED', location, message);
  }

  /** A value of the wrong type. */
  type(location: string, expected: 'STRING' | 'BOOLEAN' | 'ARRAY' | 'OBJECT'): void {
    this.schema(location, `Expected value of type [${expected}]`);
  }

  /** A field that the schema does not know there: AWS names it, and the place of the object that holds it. */
  unsupported(location: string, field: string): void {
    this.schema(location, `Field '${field}' is not supported`);
  }

  /** A field that the other query language has. */
  unsupportedIn(language: QueryLanguage, location: string, field: string): void {
    const other = language === 'JSONata' ? 'JSONPath' : 'JSONata';
    this.schema(
      location,
      `The QueryLanguage is set to '${language}', but field '${field}' is only supported for the '${other}' QueryLanguage`,
    );
  }

  error(code: string, location: string, message: string): void {
    this.list.push({ severity: 'ERROR', code, message, location: location === '' ? '/' : location });
  }

  /** What is wrong with the workflow as a whole: AWS gives no place for it. */
  workflow(code: string, message: string): void {
    if (this.list.some((other) => other.code === code && other.location === undefined)) return;
    this.list.push({ severity: 'ERROR', code, message });
  }

  /** Required fields that are missing. */
  required(location: string, missing: readonly string[]): void {
    if (missing.length > 0) this.schema(location, `These fields are required: [${missing.join(', ')}]`);
  }
}

/** What the checks of a state need to know of the machine around it. */
export interface MachineContext {
  readonly found: Diagnostics;
  readonly type: 'STANDARD' | 'EXPRESS';
  readonly language: QueryLanguage;
  /** All state names so far: they are unique in the whole machine. */
  readonly names: Set<string>;
  /** The variables of the scopes around that can have a value by now: they can be read and not assigned. */
  readonly outer: ReadonlySet<string>;
  /** The variables of this scope, and those around it, that can have a value when the state is entered. */
  readonly visible: ReadonlySet<string>;
}
