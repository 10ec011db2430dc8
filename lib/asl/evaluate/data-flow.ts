import { exactJsonText } from '../language/exact-json.js';
import { type Json, type JsonObject, objectOf } from '../language/json.js';
import type { QueryScope } from '../language/scope.js';
import { StatesError } from '../language/states-error.js';
import type { Fields, QueryLanguage } from '../language/types.js';
import type { JsonPath } from './json-path/json-path.js';
import { compileJsonataTemplate } from './jsonata.js';
import { compilePathExpression, compilePayloadTemplate, type Evaluator } from './payload-template.js';
import { parseReferencePath, Reference, tryWriteAt } from './reference.js';

/** Makes a scope over another input; what else is readable stays the same. */
export type WithInput = (input: Json) => QueryScope;

/** What a state leaves behind. */
export interface Outcome {
  readonly output: Json;
  readonly assigned?: JsonObject;
}

/** How data goes into a state and out of it, in either query language. */
export interface DataFlow {
  /** The effective input: what a task receives, what a Map's paths see. `scope.input` is the state's raw input. */
  input(scope: QueryScope, at: WithInput): Json;
  /** What follows from a result. `scope` sees the raw input, and in JSONata the result. */
  outcome(scope: QueryScope, result: Json, at: WithInput): Outcome;
}

/**
 * Compiles the fields of a state (or of a catcher, of a choice rule) that move data. `payload` names the field that shapes the input; `owner` is what
 * stands before the fields' names in messages, for example `Catch[0]/`.
 */
export function compileDataFlow(
  fields: Fields,
  language: QueryLanguage,
  { payload, owner = '' }: { readonly payload?: 'Parameters' | 'Arguments' | undefined; readonly owner?: string } = {},
): DataFlow {
  return language === 'JSONata' ? jsonataFlow(fields, payload, owner) : jsonPathFlow(fields, payload);
}

function jsonataFlow(fields: Fields, payload: string | undefined, owner: string): DataFlow {
  const shape = payload === undefined ? undefined : tryTemplate(fields[payload], payload);
  const output = tryTemplate(fields['Output'], `${owner}Output`);
  const assign = tryTemplate(fields['Assign'], `${owner}Assign`);
  return {
    input: (scope) => (shape === undefined ? scope.input : shape(scope)),
    outcome: (scope, result) => {
      const assigned = assign === undefined ? undefined : objectOf(assign(scope));
      return { output: output === undefined ? result : output(scope), ...(assigned !== undefined && { assigned }) };
    },
  };
}

function tryTemplate(template: Json | undefined, field: string): Evaluator | undefined {
  return template === undefined ? undefined : compileJsonataTemplate(template, field);
}

/** The steps of the JSONPath language, one by one; a step that changes nothing is missing. */
export interface JsonPathStages {
  readonly inputPath: Evaluator | undefined;
  readonly payload: Evaluator | undefined;
  readonly resultSelector: Evaluator | undefined;
  readonly resultPath: (input: Json, result: Json) => Json;
  readonly outputPath: Evaluator | undefined;
  readonly assign: Evaluator | undefined;
}

/** Compiles the steps through which data goes in the JSONPath language. */
export function compileJsonPathStages(fields: Fields, payload?: string): JsonPathStages {
  return {
    inputPath: compileDataPath(fields['InputPath']),
    payload: tryPayload(payload === undefined ? undefined : fields[payload]),
    resultSelector: tryPayload(fields['ResultSelector']),
    resultPath: compileResultPath(fields['ResultPath']),
    outputPath: compileDataPath(fields['OutputPath']),
    assign: tryPayload(fields['Assign']),
  };
}

function jsonPathFlow(fields: Fields, payloadField: string | undefined): DataFlow {
  const { inputPath, payload, resultSelector, resultPath, outputPath, assign } = compileJsonPathStages(
    fields,
    payloadField,
  );
  return {
    input: (scope, at) => {
      const input = inputPath === undefined ? scope.input : inputPath(scope);
      return payload === undefined ? input : payload(input === scope.input ? scope : at(input));
    },
    outcome: (scope, result, at) => {
      const selected = resultSelector === undefined ? result : resultSelector(at(result));
      const combined = resultPath(scope.input, selected);
      const assigned = assign === undefined ? undefined : objectOf(assign(at(selected)));
      const output = outputPath === undefined ? combined : outputPath(at(combined));
      return assigned === undefined ? { output } : { output, assigned };
    },
  };
}

function tryPayload(template: Json | undefined): Evaluator | undefined {
  return template === undefined ? undefined : compilePayloadTemplate(template);
}

const EMPTY: JsonObject = {};

/** `InputPath` and `OutputPath`: `null` stands for an empty object; `undefined` when the path changes nothing. */
function compileDataPath(path: Json | undefined): Evaluator | undefined {
  if (path === null) return () => EMPTY;
  if (typeof path !== 'string' || path === '$') return undefined;
  const reference = Reference.parse(path);
  return (scope) => reference.require(scope);
}

function compileResultPath(text: Json | undefined): (input: Json, result: Json) => Json {
  if (text === null) return (input) => input;
  if (typeof text !== 'string' || text === '$') return (_input, result) => result;
  const path: JsonPath = parseReferencePath(text);
  return (input, result) => {
    const combined = tryWriteAt(input, path, result);
    if (combined !== undefined) return combined;
    throw new StatesError(
      'States.ResultPathMatchFailure',
      `Unable to apply ReferencePath ${text} to input ${exactJsonText(input)}`,
      undefined,
      true,
    );
  };
}

/** A field that may be given as a constant, as a `…Path` (JSONPath) or as an expression (JSONata). */
export function compileField(
  definition: Fields,
  field: string,
  language: QueryLanguage,
): { readonly evaluate: Evaluator; readonly field: string; readonly text: string | undefined } | undefined {
  const constant = definition[field];
  const path = definition[`${field}Path`];
  if (language === 'JSONata') {
    if (constant === undefined) return undefined;
    return { evaluate: compileJsonataTemplate(constant, field), field, text: undefined };
  }
  if (typeof path === 'string') {
    return { evaluate: compilePathExpression(path, `${field}Path`), field: `${field}Path`, text: path };
  }
  return constant === undefined ? undefined : { evaluate: () => constant, field, text: undefined };
}
