import { exactJsonText } from '../language/exact-json.js';
import { isJsonArray, type Json, jsonTypeName } from '../language/json.js';
import type { QueryScope, Sources } from '../language/scope.js';
import { queryError, type StatesError } from '../language/states-error.js';
import { JSONATA_LIMITS, LimitExceeded, MOST_CHARACTERS, runWithin, tryLimit } from './evaluation-limits.js';
import { compileJsonataSync, type SyncExpression, setJsonataTime } from './jsonata-engine.js';
import { InternalError, registerFunctions } from './jsonata-functions.js';
import type { Evaluator } from './payload-template.js';

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
    return tryLimit(error) ?? describe(error);
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
function jsonataFailure(text: string, field: string, problem: string): StatesError {
  return queryError(`The JSONata expression '${text}' specified for the field '${field}' ${problem}`, field);
}

/** The failure of an expression whose value has the wrong type. */
export function unexpectedType(text: string, field: string, expected: string, value: Json): StatesError {
  return jsonataFailure(
    text,
    field,
    `returned an unexpected result type. Expected '${expected}', but was '${jsonTypeName(value)}' for value: ${exactJsonText(value)}`,
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
        tryCompileTemplate(value as Json, isJsonArray(template) ? `${field}[${key}]` : `${field}/${key}`),
      ] as const,
  );
  if (parts.every(([, , evaluator]) => evaluator === undefined)) return undefined;
  if (isJsonArray(template)) {
    return (scope) => parts.map(([, value, evaluator]) => (evaluator === undefined ? value : evaluator(scope)));
  }
  return (scope) => {
    const result: Record<string, Json> = {};
    for (const [key, value, evaluator] of parts) result[key] = evaluator === undefined ? value : evaluator(scope);
    return result;
  };
}

type Run = SyncExpression['evaluate'];

const compiled = new Map<string, Run>();

function compile(text: string): Run {
  let run = compiled.get(text);
  if (run === undefined) {
    const expression = compileJsonataSync(text, JSONATA_LIMITS);
    registerFunctions(expression, () => sources);
    run = (input, bindings) => expression.evaluate(input, bindings);
    // jsonata looks at the clock between two steps; a regular expression is one.
    if (hasRegex(expression, text)) {
      const unbounded = run;
      run = (input, bindings) => runWithin(JSONATA_LIMITS.timeout, () => unbounded(input, bindings));
    }
    if (compiled.size > 10_000) compiled.clear();
    compiled.set(text, run);
  }
  return run;
}

function hasRegex(expression: SyncExpression, text: string): boolean {
  if (!text.includes('/')) return false;
  const nodes = new Set<unknown>([expression.ast()]);
  for (const node of nodes) {
    if (typeof node !== 'object' || node === null) continue;
    if ((node as { type?: unknown }).type === 'regex') return true;
    for (const inner of Object.values(node)) nodes.add(inner);
  }
  return false;
}

/** Where functions take chance from: evaluation is synchronous, so there is one at a time. */
let sources: Sources;

function evaluate(text: string, field: string, scope: QueryScope): Json {
  sources = scope.sources;
  setJsonataTime(sources.now());
  let result: unknown;
  let json: Json | undefined;
  try {
    result = compile(text)(undefined, { ...scope.variables.all(), states: statesBinding(scope) });
    if (typeof result === 'string' && result.length > MOST_CHARACTERS) throw LimitExceeded.memory();
    json = isPlain(result) ? result : tryToJson(result);
  } catch (error) {
    throw jsonataFailure(text, field, problemOf(error, scope));
  }
  if (result === undefined) throw jsonataFailure(text, field, 'returned nothing (undefined).');
  if (json === undefined) throw jsonataFailure(text, field, 'returned an unsupported result type.');
  return json;
}

function problemOf(error: unknown, scope: QueryScope): string {
  if (error instanceof InternalError) return `threw an internal error during evaluation. ${scope.sources.uuid()}`;
  const limit = tryLimit(error);
  return limit === undefined
    ? `threw an error during evaluation. ${describe(error)}`
    : `threw an error during evaluation: ${limit}`;
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
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || typeof value === 'bigint')
    return true;
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
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || typeof value === 'bigint')
    return value;
  // JSON has no infinity: AWS writes `1/0` as the text "Infinity".
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
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
