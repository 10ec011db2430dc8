import { DurableStepsError } from '../errors.js';
import { nearest } from './nearest.js';

/** What an option takes, for programs that the compiler didn't look at. */
export interface Kind {
  /** As messages name it: `a whole number from 1 to 40`. */
  readonly expected: string;
  /** Whether a value is of this kind at all; what is inside of it is left to `check`. */
  readonly accepts: (value: unknown) => boolean;
  /** Refuses what is wrong inside of a value that is accepted. @default - nothing more to look at */
  readonly check?: (where: string, value: unknown) => void;
  /** It can't be left out. @default false */
  readonly needed?: true;
  /** A wrong value may be a secret, and isn't shown. @default false */
  readonly secret?: true;
  /** The kinds of which it is any. @default - it is one of its own */
  readonly among?: readonly Kind[];
}

/** A kind for each option; where options are alternatives, for each option of each of them. */
export type Checks<Options> = { readonly [Name in NamesOf<Options>]-?: Kind };

type NamesOf<Options> = Options extends unknown ? keyof Options : never;

/**
 * Refuses options of the wrong kind, options that are missing, and names that aren't options.
 *
 * @param where whose options they are, for messages
 * @param open names of options that belong to somebody else, who looks at them: then only what is nearly one of ours is refused
 * @throws DurableStepsError `InvalidOption`
 */
export function checkOptions(
  where: string,
  options: unknown,
  checks: Readonly<Record<string, Kind>>,
  open?: (name: string) => boolean,
): void {
  if (!isOptions(options)) throw refusedOption(where, { expected: 'its options, as an object' }, options);
  const ours = Object.keys(checks);
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || Object.hasOwn(checks, name) || open?.(name) === true) continue;
    const near = nearest(name, ours);
    if (near !== undefined && checks[near]?.needed === true && options[near] === undefined)
      throw missingOption(`${where}.${near}`, checks[near].expected, name);
    if (open === undefined || near !== undefined) throw unknownOption(`${where}.${name}`, ours, near);
  }
  for (const [name, kind] of Object.entries(checks)) checkOption(`${where}.${name}`, options[name], kind);
}

/** Refuses a value that isn't of a kind. */
export function checkOption(where: string, value: unknown, kind: Kind): void {
  if (value === undefined && kind.needed !== true) return;
  if (!kind.accepts(value)) throw refusedOption(where, kind, value);
  kind.check?.(where, value);
}

/** What says that an option isn't as it should be. */
function refusedOption(
  where: string,
  { expected, secret }: Pick<Kind, 'expected' | 'secret'>,
  value: unknown,
): DurableStepsError {
  const got = secret === true && typeof value === 'string' ? 'a text that isn’t' : describeValue(value);
  return new DurableStepsError('InvalidOption', { where, expected, got });
}

function missingOption(where: string, expected: string, misspelt: string): DurableStepsError {
  const fix = `\`${misspelt}\` is no option: was it meant?`;
  return new DurableStepsError('InvalidOption', { where, expected, got: 'none', fix });
}

function unknownOption(where: string, names: readonly string[], near: string | undefined): DurableStepsError {
  return new DurableStepsError('InvalidOption', {
    where,
    expected: names.length === 0 ? 'no options' : `one of the options ${names.map((name) => `\`${name}\``).join(', ')}`,
    got: 'a name that is none of them',
    ...(near !== undefined && { fix: `did you mean \`${near}\`?` }),
  });
}

/** Whether it is an object with options in it. */
export function isOptions(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const LONGEST = 100;

/** A value as messages show it. */
export function describeValue(value: unknown): string {
  if (value === undefined) return 'none';
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object' || value === null) return `\`${cut(String(value))}\``;
  const of = Object.getPrototypeOf(value)?.constructor?.name;
  if (of !== undefined && of !== 'Object' && of !== 'Array') return `an instance of ${of}`;
  try {
    return `\`${cut(JSON.stringify(value))}\``;
  } catch {
    return Array.isArray(value) ? 'a list' : 'an object';
  }
}

function cut(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}…`;
}
