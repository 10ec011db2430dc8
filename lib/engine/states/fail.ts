import { compileField } from '../../asl/evaluate/data-flow.js';
import { tryJsonataText, unexpectedType } from '../../asl/evaluate/jsonata.js';
import { exactJsonText } from '../../asl/language/exact-json.js';
import type { Json } from '../../asl/language/json.js';
import type { QueryScope } from '../../asl/language/scope.js';
import { runtimeError } from '../../asl/language/states-error.js';
import type { StateBehaviour } from '../model/program.js';
import type { StateSource } from '../model/state-source.js';

/** Fail: ends the execution or the branch with an error and a cause. */
export function compileFail(source: StateSource): StateBehaviour {
  const error = compileText(source, 'Error');
  const cause = compileText(source, 'Cause');
  return {
    enter: (thread) => {
      const scope = thread.scope();
      const failure = { error: error?.(scope), cause: cause?.(scope) };
      return {
        kind: 'fail',
        ...(failure.error !== undefined && { error: failure.error }),
        ...(failure.cause !== undefined && { cause: failure.cause }),
      };
    },
  };
}

function compileText({ definition, language }: StateSource, name: string): ((scope: QueryScope) => string) | undefined {
  const compiled = compileField(definition, name, language);
  if (compiled === undefined) return undefined;
  return (scope) => {
    const value = compiled.evaluate(scope);
    if (typeof value === 'string') return value;
    throw wrongType(definition[name], compiled, value, language === 'JSONata');
  };
}

function wrongType(
  constant: Json | undefined,
  { field, text }: { readonly field: string; readonly text: string | undefined },
  value: Json,
  jsonata: boolean,
) {
  const expression = jsonata ? tryJsonataText(constant) : undefined;
  if (expression !== undefined) return unexpectedType(expression, field, 'string', value);
  return runtimeError(
    `The ${field} field refers to value "${exactJsonText(value)}" which is not a valid string: ${text}`,
  );
}
