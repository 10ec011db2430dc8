import { isJsonArray, isJsonObject, type Json, type JsonObject, tryOwn } from '../../../asl/language/json.js';
import { DurableStepsError } from '../../../errors.js';
import { matchesCidr } from '../../iam/cidr.js';
import { matchesWildcard } from '../../iam/wildcard.js';

/** Whether an event fits. */
export type EventMatcher = (event: Json) => boolean;

/** Whether one value fits; `undefined` when the event has no such field. */
type ValueMatcher = (value: Json | undefined) => boolean;

/**
 * Reads an event pattern with all of EventBridge's content filters; refuses what EventBridge doesn't know, naming the place.
 *
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 */
export function readEventPattern(pattern: Json, where: string): EventMatcher {
  if (!isJsonObject(pattern)) throw refusal(where, 'an object', pattern);
  const matchers = Object.entries(pattern).map(([name, wanted]) => readField(name, wanted, `${where}.${name}`));
  return (event) => matchers.every((matches) => matches(event));
}

function readField(name: string, wanted: Json, where: string): EventMatcher {
  if (name === '$or' && isJsonArray(wanted)) {
    const alternatives = wanted.map((one, index) => readEventPattern(one, `${where}[${index}]`));
    return (event) => alternatives.some((matches) => matches(event));
  }
  if (isJsonObject(wanted)) {
    const inner = readEventPattern(wanted, where);
    return (event) => branches(field(event, name)).some(inner);
  }
  if (!isJsonArray(wanted) || wanted.length === 0) throw refusal(where, 'a list of values or an object', wanted);
  const matchers = wanted.map((one, index) => readValue(one, `${where}[${index}]`));
  return (event) => {
    const value = field(event, name);
    return matchers.some((matches) => matches(value));
  };
}

/** The member of an object; undefined of anything else. */
function field(event: Json, name: string): Json | undefined {
  return isJsonObject(event) && Object.hasOwn(event, name) ? event[name] : undefined;
}

/** A nested pattern looks into an object, or into each object of a list; into nothing when the field is absent. */
function branches(value: Json | undefined): readonly Json[] {
  return isJsonArray(value) ? value : [value ?? {}];
}

function readValue(wanted: Json, where: string): ValueMatcher {
  if (isJsonArray(wanted)) throw refusal(where, 'a value or a filter', wanted);
  if (!isJsonObject(wanted)) return anyElement((value) => value === wanted);
  const [name, ...others] = Object.keys(wanted);
  const read = name === undefined || others.length > 0 ? undefined : tryOwn(FILTERS, name);
  if (name === undefined || read === undefined) {
    throw refusal(where, `one of the filters ${Object.keys(FILTERS).join(', ')}`, wanted);
  }
  return read(wanted[name] ?? null, `${where}.${name}`);
}

/** A list fits when one of its elements does. */
function anyElement(matches: (value: Json) => boolean): ValueMatcher {
  return (value) => {
    if (value === undefined) return false;
    return isJsonArray(value) ? value.some(matches) : matches(value);
  };
}

const FILTERS: Readonly<Record<string, (argument: Json, where: string) => ValueMatcher>> = {
  prefix: (argument, where) => anyElement(readText(argument, where, (text, wanted) => text.startsWith(wanted))),
  suffix: (argument, where) => anyElement(readText(argument, where, (text, wanted) => text.endsWith(wanted))),
  'equals-ignore-case': (argument, where) => {
    const wanted = textOf(argument, where).toLowerCase();
    return anyElement((value) => typeof value === 'string' && value.toLowerCase() === wanted);
  },
  wildcard: (argument, where) => {
    const wanted = textOf(argument, where).replace(/\?/g, '\uE000');
    return anyElement((value) => typeof value === 'string' && matchesWildcard(wanted, value.replace(/\?/g, '\uE000')));
  },
  cidr: (argument, where) => {
    const range = textOf(argument, where);
    return anyElement((value) => typeof value === 'string' && matchesCidr(range, value));
  },
  exists: (argument, where) => {
    if (typeof argument !== 'boolean') throw refusal(where, 'true or false', argument);
    return (value) => (value !== undefined && !isJsonObject(value)) === argument;
  },
  numeric: (argument, where) => anyElement(readNumeric(argument, where)),
  'anything-but': readAnythingBut,
};

/** A text, or `{ "equals-ignore-case": text }`. */
function readText(argument: Json, where: string, compare: (text: string, wanted: string) => boolean) {
  const ignoreCase = isJsonObject(argument);
  const wanted = textOf(ignoreCase ? (argument['equals-ignore-case'] ?? null) : argument, where);
  return (value: Json): boolean => {
    if (typeof value !== 'string') return false;
    return ignoreCase ? compare(value.toLowerCase(), wanted.toLowerCase()) : compare(value, wanted);
  };
}

/** A value, a list of values, or one text filter with one or several arguments. */
function readAnythingBut(argument: Json, where: string): ValueMatcher {
  const excluded = (isJsonArray(argument) ? argument : [argument]).flatMap((one): ValueMatcher[] => {
    if (!isJsonObject(one)) return [anyElement((value) => value === one)];
    return Object.entries(one).flatMap(([name, values]) =>
      (isJsonArray(values) ? values : [values]).map((value) => readValue({ [name]: value }, `${where}.${name}`)),
    );
  });
  const fits = (value: Json): boolean => !excluded.some((matches) => matches(value));
  return anyElement(fits);
}

const COMPARISONS: Readonly<Record<string, (value: number, limit: number) => boolean>> = {
  '=': (value, limit) => value === limit,
  '<': (value, limit) => value < limit,
  '<=': (value, limit) => value <= limit,
  '>': (value, limit) => value > limit,
  '>=': (value, limit) => value >= limit,
};

function readNumeric(argument: Json, where: string): (value: Json) => boolean {
  const parts = isJsonArray(argument) ? argument : [];
  const tests: ((value: number) => boolean)[] = [];
  for (let index = 0; index < parts.length; index += 2) {
    const compare = tryOwn(COMPARISONS, String(parts[index]));
    const limit = parts[index + 1];
    if (compare === undefined || typeof limit !== 'number')
      throw refusal(where, 'pairs of a comparison and a number', argument);
    tests.push((value) => compare(value, limit));
  }
  if (tests.length === 0) throw refusal(where, 'pairs of a comparison and a number', argument);
  return (value) => typeof value === 'number' && tests.every((test) => test(value));
}

function textOf(argument: Json, where: string): string {
  if (typeof argument === 'string') return argument;
  throw refusal(where, 'a string', argument);
}

function refusal(where: string, expected: string, got: Json | JsonObject): DurableStepsError {
  return new DurableStepsError('InvalidEventPattern', { where, expected, got: `\`${JSON.stringify(got)}\`` });
}
