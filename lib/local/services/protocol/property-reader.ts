import type { Resource, Value, ValueObject } from '../../../assembly/model.js';
import { DurableStepsError, LEAVE_OUT_LOCALLY } from '../../../errors.js';

/**
 * Reads the properties of a resource by name and type, and knows which ones nobody asked for, so that a service can refuse what it doesn't understand.
 *
 * @example
 * const reader = PropertyReader.of(resource);
 * const name = reader.string('Name');
 * reader.accept('Tags'); // has no effect on a laptop
 * reader.finish(); // refuses every other property
 */
export class PropertyReader {
  private readonly seen = new Set<string>();
  private readonly children: PropertyReader[] = [];

  constructor(
    private readonly values: ValueObject,
    /** The place as messages name it, for example `Shop/Orders`. */
    readonly where: string,
  ) {}

  static of(resource: Resource): PropertyReader {
    return new PropertyReader(resource.properties, resource.path);
  }

  /** The value as it is. */
  tryValue(name: string): Value | undefined {
    this.seen.add(name);
    return Object.hasOwn(this.values, name) ? this.values[name] : undefined;
  }

  tryString(name: string): string | undefined {
    const value = this.tryValue(name);
    if (value === undefined || typeof value === 'string') return value;
    if (typeof value === 'number' || typeof value === 'boolean') return String(value);
    throw this.refusal(name, 'a string', value);
  }

  string(name: string): string {
    return this.tryString(name) ?? this.missing(name, 'a string');
  }

  tryNumber(name: string): number | undefined {
    const value = this.tryValue(name);
    if (value === undefined || typeof value === 'number') return value;
    const parsed = typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN;
    if (Number.isNaN(parsed)) throw this.refusal(name, 'a number', value);
    return parsed;
  }

  tryBoolean(name: string): boolean | undefined {
    const value = this.tryValue(name);
    if (value === undefined || typeof value === 'boolean') return value;
    if (value === 'true' || value === 'false') return value === 'true';
    throw this.refusal(name, 'true or false', value);
  }

  /** A list of strings; empty when absent. A single string counts as a list of one. */
  strings(name: string): readonly string[] {
    return this.list(name).map((value) => {
      if (typeof value === 'string') return value;
      throw this.refusal(name, 'a list of strings', value);
    });
  }

  /** A list; empty when absent. */
  list(name: string): readonly Value[] {
    const value = this.tryValue(name);
    if (value === undefined) return [];
    return Array.isArray(value) ? value : [value as Value];
  }

  /** A nested object; its own properties are checked by this reader's {@link finish}. */
  tryObject(name: string): PropertyReader | undefined {
    const value = this.tryValue(name);
    if (value === undefined) return undefined;
    return this.child(name, value);
  }

  object(name: string): PropertyReader {
    return this.tryObject(name) ?? this.missing(name, 'an object');
  }

  /** A list of nested objects; empty when absent. */
  objects(name: string): readonly PropertyReader[] {
    return this.list(name).map((value, index) => this.child(`${name}[${index}]`, value));
  }

  /** The names that are set. */
  names(): readonly string[] {
    return Object.keys(this.values);
  }

  /** Marks properties as understood: they change nothing here. */
  accept(...names: readonly string[]): this {
    for (const name of names) this.seen.add(name);
    return this;
  }

  /** Refuses every property, here and below, that was neither read nor accepted. */
  finish(): void {
    for (const name of this.names()) {
      if (this.seen.has(name)) continue;
      throw this.unsupported(name, [...this.seen].sort().join(', '));
    }
    for (const child of this.children) child.finish();
  }

  /** An error for a property that has the right type and a value that can't be run. */
  refusal(name: string, expected: string, value: Value | undefined, fix?: string): DurableStepsError {
    const got = value === undefined ? 'nothing' : `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
    return new DurableStepsError('UnsupportedResource', {
      where: `${this.where}.${name}`,
      expected,
      got,
      fix: fix ?? `write what is expected, or ${LEAVE_OUT_LOCALLY}`,
    });
  }

  private unsupported(name: string, known: string): DurableStepsError {
    return new DurableStepsError('UnsupportedResource', {
      where: `${this.where}.${name}`,
      expected: known === '' ? 'no such property' : `only properties that the local cloud runs (${known})`,
      got: `\`${name}\``,
      fix: LEAVE_OUT_LOCALLY,
    });
  }

  private missing(name: string, expected: string): never {
    throw this.refusal(name, expected, undefined);
  }

  private child(name: string, value: Value): PropertyReader {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw this.refusal(name, 'an object', value);
    const reader = new PropertyReader(value as ValueObject, `${this.where}.${name}`);
    this.children.push(reader);
    return reader;
  }
}
