import { type Json, jsonTypeName } from '../language/json.js';
import type { QueryScope, Sources } from '../language/scope.js';
import { queryError, type StatesError } from '../language/states-error.js';
import { hash, partition, range } from './intrinsics.js';
import { JavaRandom } from './java-random.js';
import { compileJsonataSync, type SyncExpression, setJsonataTime } from './jsonata-engine.js';
import type { Evaluator } from './payload-template.js';

/**
 * Limits on one evaluation. AWS has limits of its own that it doesn't publish; these end a runaway expression without getting in the way of others.
 */
const LIMITS = { timeout: 5_000, stack: 600 };

/** Beyond it a range is a runaway expression. AWS gives at least 200,000 items. */
const MAX_SEQUENCE = 10_000_000;

const DELIMITED = /^\{%([\s\S]*)%\}$/;

/** The expression inside `{% … %}`; `undefined` for any other text (surrounding spaces make it one). */
export function tryJsonataText(value: Json | undefined): string | undefined {
  return typeof value === 'string' ? DELIMITED.exec(value)?.[1]?.trim() : undefined;
}

/** What is wrong with an expression's syntax; `undefined` when it parses. */
export function jsonataSyntaxError(text: string): string | undefined {
  try {
    compile(text);
    return undefined;
  } catch (error) {
    return describe(error);
  }
}

/** Compiles `{% … %}` as the value of `field`, for example `Output/result`. Throws a `SyntaxError` when it can't be parsed. */
export function compileJsonata(text: string, field: string): Evaluator {
  const problem = jsonataSyntaxError(text);
  if (problem !== undefined)
    throw new SyntaxError(`The JSONata expression '${text}' specified for the field '${field}' ${problem}`);
  return (scope) => evaluate(text, field, scope);
}

/** A failure of the expression, in AWS's words. */
export function jsonataFailure(text: string, field: string, problem: string): StatesError {
  return queryError(`The JSONata expression '${text}' specified for the field '${field}' ${problem}`, field);
}

/** The failure of an expression whose value has the wrong type. */
export function unexpectedType(text: string, field: string, expected: string, value: Json): StatesError {
  return jsonataFailure(
    text,
    field,
    `returned an unexpected result type. Expected '${expected}', but was '${jsonTypeName(value)}' for value: ${JSON.stringify(value)}`,
  );
}

/** Compiles a value of the JSONata language: texts in `{% … %}`, at any depth, are expressions; all else is used as it is. */
export function compileJsonataTemplate(template: Json, field: string): Evaluator {
  return tryCompileTemplate(template, field) ?? (() => template);
}

function tryCompileTemplate(template: Json, field: string): Evaluator | undefined {
  const text = tryJsonataText(template);
  if (text !== undefined) return compileJsonata(text, field);
  if (typeof template !== 'object' || template === null) return undefined;
  const parts = Object.entries(template).map(
    ([key, value]) =>
      [
        key,
        value as Json,
        tryCompileTemplate(value as Json, Array.isArray(template) ? `${field}[${key}]` : `${field}/${key}`),
      ] as const,
  );
  if (parts.every(([, , evaluator]) => evaluator === undefined)) return undefined;
  if (Array.isArray(template)) {
    return (scope) => parts.map(([, value, evaluator]) => (evaluator === undefined ? value : evaluator(scope)));
  }
  return (scope) => {
    const result: Record<string, Json> = {};
    for (const [key, value, evaluator] of parts) result[key] = evaluator === undefined ? value : evaluator(scope);
    return result;
  };
}

const compiled = new Map<string, SyncExpression>();

function compile(text: string): SyncExpression {
  let expression = compiled.get(text);
  if (expression === undefined) {
    expression = compileJsonataSync(text, LIMITS);
    registerFunctions(expression);
    if (compiled.size > 10_000) compiled.clear();
    compiled.set(text, expression);
  }
  return expression;
}

/** Where functions take chance from: evaluation is synchronous, so there is one at a time. */
let sources: Sources;

/** AWS's additions to JSONata; `$eval` is not available. */
function registerFunctions(expression: SyncExpression): void {
  expression.assign('eval', undefined);
  expression.registerFunction(
    'partition',
    (list: readonly Json[] | undefined, size: number) => {
      // A list without pieces is nothing, as an empty sequence is.
      return list === undefined || list.length === 0 ? undefined : attempt(() => partition(list, Math.trunc(size)));
    },
    '<an:a>',
  );
  expression.registerFunction(
    'range',
    function (this: { createSequence(): Json[] }, from: number, to: number, step: number) {
      const sequence = this.createSequence();
      const numbers = attempt(() => range(Math.trunc(from), Math.trunc(to), Math.trunc(step), MAX_SEQUENCE));
      for (const number of numbers) sequence.push(number);
      return sequence;
    },
    '<nnn:a>',
  );
  expression.registerFunction(
    'hash',
    (data: string | undefined, algorithm: string) =>
      data === undefined ? undefined : attempt(() => hash(data, algorithm)),
    '<ss:s>',
  );
  expression.registerFunction(
    'random',
    (seed?: number) => (seed === undefined ? sources.random() : new JavaRandom(seed).nextDouble()),
    '<n?:n>',
  );
  expression.registerFunction('uuid', () => sources.uuid(), '<:s>');
  expression.registerFunction(
    'parse',
    (text: string | undefined) => (text === undefined ? undefined : attempt(() => JSON.parse(text) as Json)),
    '<s:x>',
  );
}

/** A failure inside a function, in the form in which jsonata reports its own. */
function attempt<T>(apply: () => T): T {
  try {
    return apply();
  } catch (error) {
    throw { code: 'D3137', message: error instanceof Error ? error.message : String(error) };
  }
}

function evaluate(text: string, field: string, scope: QueryScope): Json {
  sources = scope.sources;
  setJsonataTime(sources.now());
  let result: unknown;
  try {
    result = compile(text).evaluate(undefined, { ...scope.variables.all(), states: statesBinding(scope) });
  } catch (error) {
    throw jsonataFailure(text, field, `threw an error during evaluation. ${describe(error)}`);
  }
  if (result === undefined) throw jsonataFailure(text, field, 'returned nothing (undefined).');
  if (!isPlain(result)) {
    const json = tryToJson(result);
    if (json === undefined) throw jsonataFailure(text, field, 'returned an unsupported result type.');
    return json;
  }
  return result;
}

function statesBinding(scope: QueryScope): object {
  return {
    input: scope.input,
    get context() {
      return scope.context;
    },
    ...(scope.result !== undefined && { result: scope.result }),
    ...(scope.errorOutput !== undefined && { errorOutput: scope.errorOutput }),
  };
}

/** `T1006: Attempted to invoke a non-function`. */
function describe(error: unknown): string {
  const { code, message } = error as { code?: string; message?: string };
  return `${code === undefined ? '' : `${code}: `}${message ?? String(error)}`;
}

/** Whether a result holds nothing but JSON, so that it needs no copy: no sequences of jsonata, no functions, no getters. */
function isPlain(value: unknown): value is Json {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object') return false;
  if (Array.isArray(value)) {
    if ('sequence' in value || 'keepSingleton' in value || 'cons' in value) return false;
    for (const item of value) if (!isPlain(item)) return false;
    return true;
  }
  for (const key in value) {
    const descriptor = Object.getOwnPropertyDescriptor(value, key);
    if (descriptor?.get !== undefined || !isPlain(descriptor?.value)) return false;
  }
  return !('_jsonata_lambda' in value) && !('_jsonata_function' in value);
}

/** A copy of a result without jsonata's marks; `undefined` when a function is in it. */
function tryToJson(value: unknown): Json | undefined {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value !== 'object' || '_jsonata_lambda' in value || '_jsonata_function' in value) return undefined;
  if (Array.isArray(value)) {
    const items = value.map(tryToJson);
    return items.every((item) => item !== undefined) ? items : undefined;
  }
  const result: Record<string, Json> = {};
  for (const [key, member] of Object.entries(value)) {
    if (member === undefined) continue;
    const json = tryToJson(member);
    if (json === undefined) return undefined;
    result[key] = json;
  }
  return result;
}
