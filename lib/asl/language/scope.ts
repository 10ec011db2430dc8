import { type Json, type JsonObject, tryOwn } from './json.js';
import { jsonSize } from './json-size.js';

/** What the expressions of a state can read. */
export interface QueryScope {
  /** `$` of JSONPath, `$states.input` of JSONata. */
  readonly input: Json;
  /** The context object: `$$` of JSONPath, `$states.context` of JSONata. Made when it is read. */
  readonly context: JsonObject;
  /** `$states.result` of JSONata. @default - not readable */
  readonly result?: Json;
  /** `$states.errorOutput` of JSONata. @default - not readable */
  readonly errorOutput?: Json;
  /** The variables in sight. */
  readonly variables: Variables;
  /** What functions with side effects draw on. */
  readonly sources: Sources;
}

/** Where time and chance come from. */
export interface Sources {
  /** Milliseconds since the epoch. */
  now(): number;
  /** A number in `[0, 1)`. */
  random(): number;
  uuid(): string;
}

/** The workflow variables of one scope: inner scopes (branches, iterations) read the outer ones and can't assign them. Immutable. */
export class Variables {
  static readonly NONE = new Variables({});
  private size: number | undefined;

  constructor(
    readonly own: JsonObject,
    readonly outer?: Variables,
  ) {}

  /** The value of a variable; `undefined` when nobody assigned it. */
  get(name: string): Json | undefined {
    if (Object.hasOwn(this.own, name)) return this.own[name];
    return this.outer?.get(name);
  }

  /** The same scope after an `Assign`. */
  assign(values: JsonObject): Variables {
    const after = new Variables({ ...this.own, ...values }, this.outer);
    if (this.size === undefined) return after;
    after.size = this.size;
    for (const [name, value] of Object.entries(values)) after.size += jsonSize(value) - this.sizeOf(name);
    return after;
  }

  /** The bytes of this scope's own values, as JSON. Once it was asked for, it is kept up to date at little cost. */
  get bytes(): number {
    this.size ??= Object.keys(this.own).reduce((sum, name) => sum + this.sizeOf(name), 0);
    return this.size;
  }

  private sizeOf(name: string): number {
    const own = tryOwn(this.own, name);
    return own === undefined ? 0 : jsonSize(own);
  }

  /** A scope inside this one. */
  inner(): Variables {
    return new Variables({}, this);
  }

  /** All variables in sight; inner ones hide outer ones of the same name. */
  all(): JsonObject {
    return this.outer === undefined ? this.own : { ...this.outer.all(), ...this.own };
  }
}
