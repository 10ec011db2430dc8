import { DurableStepsError } from '../../errors.js';
import type { AnyRef, Expr, Ref } from './reference.js';

/**
 * Where an expression is rendered. The same reference reads differently in different states: the workflow's input is `$states.input` in the first state and
 * `$states.context.Execution.Input` afterwards; a step's result is `$states.result` in the state that produces it and `$name` afterwards.
 */
export interface Position {
  /** The JSONata text of the workflow's (or an inner scope's) input, or of a variable, here. */
  render(value: NamedValue): string;
}

/** A value that the workflow gives a name: the input of a scope, or a variable. */
export interface NamedValue {
  readonly label: string;
  /** It is known to be a list. @default false */
  readonly isList?: boolean;
}

/** What JSONata text an expression becomes at a position, and how to name it in messages. */
export interface Expression {
  readonly text: (at: Position) => string;
  readonly label: string;
  /** It is known to be a list, so that a number is an index and never a key. @default false */
  readonly isList?: boolean;
  /** There may be no value: it is a member of one that the workflow was given, or JSONata by hand. @default false */
  readonly mayBeMissing?: boolean;
  /** The expression of a member. @default - a path: `.name`, `[0]` */
  readonly member?: (key: string) => Expression;
}

const expressions = new WeakMap<object, Expression>();
/** References read while a mapping callback runs, so that one that is read and then dropped (`a && b`, `if (a)`) can be refused. */
let reads: Map<object, { readonly label: string; readonly parent: object | undefined }> | undefined;

/** The expression behind a reference or an `expr`, or undefined for an ordinary value. */
export function tryExpression(value: unknown): Expression | undefined {
  return (typeof value === 'object' && value !== null) || typeof value === 'function'
    ? expressions.get(value)
    : undefined;
}

/** An opaque expression: it can be passed on, but has no members. `parts` are the references that it is composed of. */
export function makeExpression<V>(expression: Expression, parts: readonly unknown[]): Expr<V> {
  const carrier = Object.freeze(new ExpressionValue());
  expressions.set(carrier, expression);
  interpolated.set(carrier, parts);
  return carrier as object as Expr<V>;
}

class ExpressionValue {
  [Symbol.toPrimitive](): never {
    throw refusal(expressions.get(this)?.label ?? 'expression', 'was used as a plain value');
  }
}

/** A reference: property and index access give references to the parts. */
export function makeReference<V>(expression: Expression): Ref<V> {
  const members = new Map<string, unknown>();
  const proxy: object = new Proxy(function reference() {}, {
    get(_target, key) {
      if (key === Symbol.toPrimitive)
        return () => {
          throw refusal(expression.label, 'was used as a plain value');
        };
      if (key === Symbol.iterator || key === Symbol.asyncIterator)
        throw refusal(expression.label, 'was iterated or spread');
      if (key === 'toJSON') throw refusal(expression.label, 'was given to JSON.stringify');
      if (typeof key === 'symbol') return undefined;
      let member = members.get(key);
      if (member === undefined) {
        member = makeReference(expression.member?.(key) ?? memberOf(expression, key));
        members.set(key, member);
      }
      reads?.set(member as object, { label: expressions.get(member as object)!.label, parent: proxy });
      return member;
    },
    has: () => {
      throw refusal(expression.label, 'was tested with `in`');
    },
    ownKeys: () => {
      throw refusal(expression.label, 'was spread or enumerated');
    },
    set: () => {
      throw refusal(expression.label, 'was assigned to');
    },
    apply: () => {
      throw refusal(expression.label, 'was called as a function');
    },
    getOwnPropertyDescriptor: () => undefined,
    getPrototypeOf: () => null,
  });
  expressions.set(proxy, expression);
  return proxy as AnyRef;
}

/** Runs a mapping callback; refuses promises, and references that were read but are not part of the result. */
export function evaluateMapping<Scope, Result>(
  where: string,
  mapping: (scope: Scope) => Result,
  scope: () => Scope,
): Result {
  const outer = reads;
  const read = new Map<object, { readonly label: string; readonly parent: object | undefined }>();
  reads = read;
  let result: Result;
  try {
    result = mapping(scope());
  } finally {
    reads = outer;
  }
  if (result instanceof Promise) {
    throw new DurableStepsError('ReferenceMisused', {
      where,
      expected: 'a mapping that returns its result',
      got: 'a promise',
      fix: 'remove `async`: the mapping runs once, when the workflow is synthesized',
    });
  }
  const used = new Set<object>();
  collectUsed(result, used, read);
  for (const [reference, { label }] of read) {
    if (used.has(reference)) continue;
    const isPrefix = [...read.values()].some((other) => other.parent === reference);
    if (!isPrefix) {
      throw new DurableStepsError('ReferenceMisused', {
        where,
        expected: `every reference it reads to be part of what it returns`,
        got: `\`${label}\`, which was read and then dropped`,
        fix: 'a reference is no value at synthesis: it is always truthy, so `if`, `?:`, `&&`, `||` and `??` decide nothing. Use `.choose(…)`, `orElse(…)` or expr`…`; do not destructure what you do not use',
      });
    }
  }
  return result;
}

function collectUsed(
  value: unknown,
  used: Set<object>,
  read: ReadonlyMap<object, { readonly parent: object | undefined }>,
): void {
  if (typeof value !== 'object' && typeof value !== 'function') return;
  if (value === null) return;
  if (expressions.has(value)) {
    used.add(value);
    for (const inner of interpolated.get(value) ?? []) collectUsed(inner, used, read);
    return;
  }
  if (used.has(value)) return;
  used.add(value);
  for (const part of Object.values(value)) collectUsed(part, used, read);
}

const interpolated = new WeakMap<object, readonly unknown[]>();

const identifier = /^[A-Za-z_][A-Za-z0-9_]*$/;
const words = new Set(['and', 'or', 'in', 'true', 'false', 'null', 'function']);

/** The member of a value: a path, `.name` or `[0]`. */
export function memberOf(parent: Expression, key: string): Expression {
  const isIndex = /^(0|[1-9][0-9]*)$/.test(key);
  const label = isIndex
    ? `${parent.label}[${key}]`
    : identifier.test(key)
      ? `${parent.label}.${key}`
      : `${parent.label}[${JSON.stringify(key)}]`;
  return {
    label,
    mayBeMissing: true,
    text: (at) => {
      const base = parent.text(at);
      if (!isIndex) return entryOf(base, key);
      return parent.isList === true ? `${asOperand(base)}[${key}]` : indexOrEntry(base, key);
    },
  };
}

function entryOf(base: string, key: string): string {
  if (identifier.test(key) && !words.has(key)) return `${asOperand(base)}.${key}`;
  // JSONata knows no escape between backticks, and half of a surrogate pair survives only as one.
  return key.includes('`') || !isWellFormed(key)
    ? `$lookup(${base}, ${JSON.stringify(key)})`
    : `${asOperand(base)}.\`${key}\``;
}

/** Only the value tells a list from a record with numbers for keys. JSONata takes a value that is no list for a list of one: `[0]` of a record would be the whole of it. */
function indexOrEntry(base: string, key: string): string {
  const choice = (of: string) => `$type(${of}) = 'array' ? ${of}[${key}] : ${of}.\`${key}\``;
  return base.length <= 80 && path.test(base) ? choice(base) : `($of := ${base}; ${choice('$of')})`;
}

function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}

const path = /^\$?[\w$]+(\.([\w$]+|`[^`]*`)|\[\d+\])*$/;
/** A string, a number, the call of a function without nested calls, a list or an object. */
const closed = /^("(?:[^"\\]|\\.)*"|\d+(\.\d+)?|\$\w+\([^()"'`/]*\)|[[{][\s\S]*[\]}])$/;

/** Text that can be followed by `.member`, or stand inside another expression, without changing its meaning. */
export function asOperand(text: string): string {
  return path.test(text) || (closed.test(text) && isOneBracket(text)) ? text : `(${text})`;
}

/** Whether the bracket that a text begins with is closed at its end, or it begins with none. */
function isOneBracket(text: string): boolean {
  if (!/^[[{]/.test(text)) return true;
  let depth = 0;
  for (let index = 0; index < text.length; index++) {
    const char = text[index]!;
    if ('"\'`'.includes(char)) index = endOfQuoted(text, index);
    // A regular expression or a comment may hold any bracket.
    else if (char === '/') return false;
    else if ('[{('.includes(char)) depth++;
    else if (')}]'.includes(char) && --depth === 0 && index < text.length - 1) return false;
  }
  return true;
}

function endOfQuoted(text: string, start: number): number {
  const quote = text[start]!;
  for (let index = start + 1; index < text.length; index++) {
    if (text[index] === '\\' && quote !== '`') index++;
    else if (text[index] === quote) return index;
  }
  return text.length;
}

function refusal(label: string, what: string): DurableStepsError {
  return new DurableStepsError('ReferenceMisused', {
    where: label,
    expected: 'a reference to be passed on or composed, since its value exists only when the workflow runs',
    got: `a reference that ${what}`,
    fix: `write the computation as JSONata: expr\`… \${${label}} …\`, or do it in an activity`,
  });
}

/** A callback of a flow with its types erased. */
// biome-ignore lint/suspicious/noExplicitAny: the callback's own types were checked where the flow was written
export type AnyMapping = (scope: any) => unknown;
