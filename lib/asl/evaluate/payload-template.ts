import { exactJsonText } from '../language/exact-json.js';
import { isJsonArray, isJsonObject, type Json, type JsonObject } from '../language/json.js';
import type { QueryScope } from '../language/scope.js';
import { runtimeError } from '../language/states-error.js';
import { evaluateIntrinsic, isIntrinsicCall, parseIntrinsicCall } from './intrinsic-call.js';
import { PathNotFound } from './json-path/json-path.js';
import { Reference } from './reference.js';

/** A compiled value: a template, an expression, a path. */
export type Evaluator = (scope: QueryScope) => Json;

/**
 * Compiles a payload template of the JSONPath language (`Parameters`, `ResultSelector`, `ItemSelector`, `Assign`): each member whose name ends in
 * `.$` is a path or an intrinsic function. Parts without any are used as they are. Throws a `SyntaxError` for a path or function that is none.
 */
export function compilePayloadTemplate(template: Json): Evaluator {
  return tryCompile(template) ?? (() => template);
}

/** Compiles a path or a call of an intrinsic function, as the value of the template member `field`. */
export function compilePathExpression(text: string, field: string): Evaluator {
  if (isIntrinsicCall(text)) {
    const call = parseIntrinsicCall(text);
    return (scope) => evaluateIntrinsic(call, scope);
  }
  const reference = Reference.parse(text);
  return (scope) => {
    const value = reference.read(scope);
    if (value instanceof PathNotFound) {
      // What is there but isn't what the path is for makes AWS say what its library says.
      if (!value.missing) throw runtimeError(value.reason);
      throw runtimeError(
        `The JSONPath '${text}' specified for the field '${field}' could not be found in the input '${exactJsonText(scope.input)}'`,
      );
    }
    return value;
  };
}

/** `undefined` for a template without any expression. */
function tryCompile(template: Json): Evaluator | undefined {
  if (isJsonArray(template)) return tryCompileList(template);
  return isJsonObject(template) ? tryCompileObject(template) : undefined;
}

function tryCompileList(template: readonly Json[]): Evaluator | undefined {
  const items = template.map(tryCompile);
  if (items.every((item) => item === undefined)) return undefined;
  return (scope) => items.map((item, index) => (item === undefined ? (template[index] ?? null) : item(scope)));
}

function tryCompileObject(template: JsonObject): Evaluator | undefined {
  const members = Object.entries(template).map(([key, value]) => {
    if (!key.endsWith('.$')) return { name: key, value, evaluate: tryCompile(value) };
    if (typeof value !== 'string') throw new SyntaxError(`expected a path or an intrinsic function for '${key}'`);
    return { name: key.slice(0, -2), value, evaluate: compilePathExpression(value, key) };
  });
  if (members.every(({ evaluate }) => evaluate === undefined)) return undefined;
  return (scope) => {
    const result: Record<string, Json> = {};
    for (const { name, value, evaluate } of members) result[name] = evaluate === undefined ? value : evaluate(scope);
    return result;
  };
}
