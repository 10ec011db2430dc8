/**
 * CloudFormation's functions as pure functions over a {@link ResolutionContext}.
 *
 * A value that can't be known here is refused with the place that needs it; nothing is passed through unresolved.
 */
import { DurableStepsError } from '../errors.js';
import type { Environment, Value, ValueObject } from './model.js';
import { isObject } from './template.js';

/** Where a value stands, for messages: the resource's path and the property. */
export interface Place {
  readonly where: string;
}

/** What a function may look up: the stack around the value. */
export interface ResolutionContext {
  readonly environment: Environment;
  /** The value of `Ref` for anything but a pseudo parameter of the environment. */
  ref(name: string, place: Place): Value;
  attribute(logicalId: string, name: string, place: Place): Value;
  condition(name: string, place: Place): boolean;
  mapping(name: string, place: Place): Value;
  importValue(name: string, place: Place): Value;
  stackOutput(stackName: string, output: string, place: Place): Value;
  /** The last word on each string, for example to lead an API's URL to the local cloud. */
  rewrite(text: string): string;
}

/** `AWS::NoValue`: the property isn't there. */
const NO_VALUE = Symbol('AWS::NoValue');
type Resolved = Value | typeof NO_VALUE;

type Fn = (argument: Value, scope: ResolutionContext, place: Place) => Resolved;

const FUNCTIONS: Readonly<Record<string, Fn>> = {
  Ref: (argument, scope, place) => resolveRef(asText(argument, 'Ref', place), scope, place),
  'Fn::GetAtt': (argument, scope, place) => {
    const [logicalId, ...rest] =
      typeof argument === 'string' ? argument.split('.') : asList(argument, 'Fn::GetAtt', place);
    const name = rest.map((part) => textOf(part, scope, place)).join('.');
    return scope.attribute(asText(logicalId ?? null, 'Fn::GetAtt', place), name, place);
  },
  'Fn::Sub': (argument, scope, place) => substitute(argument, scope, place),
  'Fn::Join': (argument, scope, place) => {
    const [delimiter, list] = asList(argument, 'Fn::Join', place);
    const parts = asList(resolve(list ?? [], scope, place), 'Fn::Join', place);
    return finish(
      parts.map((part) => asText(part, 'Fn::Join', place)).join(asText(delimiter ?? '', 'Fn::Join', place)),
      scope,
      place,
    );
  },
  'Fn::Select': (argument, scope, place) => {
    const [index, list] = asList(argument, 'Fn::Select', place);
    const number = Number(resolve(index ?? null, scope, place));
    const item = asList(resolve(list ?? [], scope, place), 'Fn::Select', place)[number];
    if (item === undefined) throw refusal(place, 'an index inside the list of Fn::Select', `\`${number}\``);
    return item;
  },
  'Fn::Split': (argument, scope, place) => {
    const [delimiter, text] = asList(argument, 'Fn::Split', place);
    return textOf(text ?? null, scope, place).split(asText(delimiter ?? null, 'Fn::Split', place));
  },
  'Fn::If': (argument, scope, place) => {
    const [condition, yes, no] = asList(argument, 'Fn::If', place);
    const holds = scope.condition(asText(condition ?? null, 'Fn::If', place), place);
    return resolveOrNone((holds ? yes : no) ?? null, scope, place);
  },
  'Fn::FindInMap': (argument, scope, place) => findInMap(argument, scope, place),
  'Fn::ImportValue': (argument, scope, place) => scope.importValue(textOf(argument, scope, place), place),
  'Fn::GetStackOutput': (argument, scope, place) => {
    if (!isObject(argument)) throw refusal(place, 'an object in Fn::GetStackOutput', describe(argument));
    return scope.stackOutput(
      textOf(argument['StackName'] ?? null, scope, place),
      textOf(argument['OutputName'] ?? null, scope, place),
      place,
    );
  },
  'Fn::GetAZs': (argument, scope, place) => {
    const region =
      argument === '' ? scope.environment.region : textOf(argument, scope, place) || scope.environment.region;
    return ['a', 'b', 'c'].map((zone) => `${region}${zone}`);
  },
  'Fn::Base64': (argument, scope, place) => Buffer.from(textOf(argument, scope, place)).toString('base64'),
  'Fn::Length': (argument, scope, place) => asList(resolve(argument, scope, place), 'Fn::Length', place).length,
  'Fn::ToJsonString': (argument, scope, place) => JSON.stringify(resolve(argument, scope, place)),
};

const CONDITIONS: Readonly<Record<string, (argument: Value, scope: ResolutionContext, place: Place) => boolean>> = {
  'Fn::Equals': (argument, scope, place) => {
    const [left, right] = asList(argument, 'Fn::Equals', place).map((side) => resolve(side, scope, place));
    return JSON.stringify(left) === JSON.stringify(right) || String(left) === String(right);
  },
  'Fn::And': (argument, scope, place) =>
    asList(argument, 'Fn::And', place).every((part) => evaluateCondition(part, scope, place)),
  'Fn::Or': (argument, scope, place) =>
    asList(argument, 'Fn::Or', place).some((part) => evaluateCondition(part, scope, place)),
  'Fn::Not': (argument, scope, place) =>
    !evaluateCondition(asList(argument, 'Fn::Not', place)[0] ?? null, scope, place),
  Condition: (argument, scope, place) => scope.condition(asText(argument, 'Condition', place), place),
};

/** Resolves a value of a template. `AWS::NoValue` at the very top gives undefined. */
export function tryResolve(value: Value, scope: ResolutionContext, place: Place): Value | undefined {
  const resolved = resolveOrNone(value, scope, place);
  return resolved === NO_VALUE ? undefined : resolved;
}

/** Evaluates an entry of `Conditions`. */
export function evaluateCondition(value: Value, scope: ResolutionContext, place: Place): boolean {
  if (typeof value === 'boolean') return value;
  const call = tryReadCall(value);
  const evaluate = call === undefined ? undefined : CONDITIONS[call.name];
  if (call === undefined || evaluate === undefined) {
    throw refusal(place, 'a condition of Fn::Equals, Fn::And, Fn::Or, Fn::Not or Condition', describe(value));
  }
  return evaluate(call.argument, scope, place);
}

/** The refusal of a value, in the one message shape. */
export function refusal(place: Place, expected: string, got: string, fix?: string): DurableStepsError {
  return new DurableStepsError('UnresolvableValue', {
    where: place.where,
    expected,
    got,
    ...(fix === undefined ? {} : { fix }),
  });
}

function resolve(value: Value, scope: ResolutionContext, place: Place): Value {
  const resolved = resolveOrNone(value, scope, place);
  if (resolved === NO_VALUE) throw refusal(place, 'a value', '`AWS::NoValue`');
  return resolved;
}

function resolveOrNone(value: Value, scope: ResolutionContext, place: Place): Resolved {
  if (typeof value === 'string') return finish(value, scope, place);
  if (Array.isArray(value)) {
    return value
      .map((item: Value) => resolveOrNone(item, scope, place))
      .filter((item): item is Value => item !== NO_VALUE);
  }
  if (!isObject(value)) return value;
  const call = tryReadCall(value);
  if (call === undefined) return resolveObject(value, scope, place);
  const evaluate = FUNCTIONS[call.name];
  if (evaluate === undefined) {
    throw refusal(
      place,
      `one of ${Object.keys(FUNCTIONS).join(', ')}`,
      `\`${call.name}\``,
      'the local cloud cannot evaluate it',
    );
  }
  return evaluate(call.argument, scope, place);
}

function resolveObject(value: ValueObject, scope: ResolutionContext, place: Place): Value {
  const entries: [string, Value][] = [];
  for (const [key, item] of Object.entries(value)) {
    const resolved = resolveOrNone(item, scope, { where: `${place.where}.${key}` });
    if (resolved !== NO_VALUE) entries.push([key, resolved]);
  }
  return Object.fromEntries(entries);
}

/** An object with exactly one key that names a function. */
function tryReadCall(value: Value): { readonly name: string; readonly argument: Value } | undefined {
  if (!isObject(value)) return undefined;
  const [entry, ...others] = Object.entries(value);
  if (entry === undefined || others.length > 0) return undefined;
  const [name, argument] = entry;
  const isFunction =
    name === 'Ref' || name.startsWith('Fn::') || (name === 'Condition' && typeof argument === 'string');
  return isFunction ? { name, argument } : undefined;
}

function resolveRef(name: string, scope: ResolutionContext, place: Place): Resolved {
  const { partition, region, accountId, urlSuffix } = scope.environment;
  switch (name) {
    case 'AWS::NoValue':
      return NO_VALUE;
    case 'AWS::Partition':
      return partition;
    case 'AWS::Region':
      return region;
    case 'AWS::AccountId':
      return accountId;
    case 'AWS::URLSuffix':
      return urlSuffix;
    default:
      return scope.ref(name, place);
  }
}

function substitute(argument: Value, scope: ResolutionContext, place: Place): Value {
  const [template, variables] = typeof argument === 'string' ? [argument, {}] : asList(argument, 'Fn::Sub', place);
  if (!isObject(variables ?? {}))
    throw refusal(place, 'an object of variables in Fn::Sub', describe(variables ?? null));
  const known: ValueObject = isObject(variables) ? variables : {};
  const text = asText(template ?? null, 'Fn::Sub', place).replace(/\$\{([^}]*)\}/g, (_match, inner: string) => {
    if (inner.startsWith('!')) return `\${${inner.slice(1)}}`;
    const name = inner.trim();
    const variable = known[name];
    if (variable !== undefined) return textOf(variable, scope, place);
    const [logicalId = '', ...rest] = name.split('.');
    if (rest.length > 0) return asText(scope.attribute(logicalId, rest.join('.'), place), 'Fn::Sub', place);
    return textOf({ Ref: name }, scope, place);
  });
  return finish(text, scope, place);
}

function findInMap(argument: Value, scope: ResolutionContext, place: Place): Value {
  const [name, top, second, options] = asList(argument, 'Fn::FindInMap', place);
  const keys = [top ?? null, second ?? null].map((key) => textOf(key, scope, place));
  let found: Value | undefined = scope.mapping(textOf(name ?? null, scope, place), place);
  for (const key of keys) found = isObject(found) ? found[key] : undefined;
  if (found !== undefined) return found;
  if (isObject(options) && options['DefaultValue'] !== undefined) return resolve(options['DefaultValue'], scope, place);
  throw refusal(place, 'a key of the mapping', `\`${keys.join('.')}\``);
}

function finish(text: string, scope: ResolutionContext, place: Place): string {
  const reference = /\{\{resolve:[^}]*\}\}/.exec(text);
  if (reference !== null) {
    throw refusal(
      place,
      'a value that the template holds',
      `the dynamic reference \`${reference[0]}\``,
      'Parameter Store and Secrets Manager are read on AWS only: read the value in the function, or pass it as a plain value',
    );
  }
  return scope.rewrite(text);
}

function textOf(value: Value, scope: ResolutionContext, place: Place): string {
  return asText(resolve(value, scope, place), 'the function', place);
}

function asText(value: Value, name: string, place: Place): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw refusal(place, `text in ${name}`, describe(value));
}

function asList(value: Value, name: string, place: Place): readonly Value[] {
  if (Array.isArray(value)) return value;
  throw refusal(place, `a list in ${name}`, describe(value));
}

function describe(value: Value): string {
  const text = JSON.stringify(value);
  return `\`${text.length > 120 ? `${text.slice(0, 117)}...` : text}\``;
}
