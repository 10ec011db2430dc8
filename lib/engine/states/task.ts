import { compileDataFlow, compileField } from '../../asl/evaluate/data-flow.js';
import { compileJsonataTemplate, tryJsonataText, unexpectedType } from '../../asl/evaluate/jsonata.js';
import { compilePayloadTemplate, type Evaluator } from '../../asl/evaluate/payload-template.js';
import { Reference } from '../../asl/evaluate/reference.js';
import { exactJsonText } from '../../asl/language/exact-json.js';
import type { Json, JsonObject } from '../../asl/language/json.js';
import type { QueryScope } from '../../asl/language/scope.js';
import { queryError, runtimeError } from '../../asl/language/states-error.js';
import { readTaskResource } from '../../asl/language/task-resource.js';
import type { QueryLanguage, StateDefinition } from '../../asl/language/types.js';
import { effectiveInput, leave, nextOf } from '../model/exit.js';
import type { StateBehaviour } from '../model/program.js';
import type { StateSource } from '../model/state-source.js';

/** Task: has work done elsewhere, by a Lambda function, an AWS service, an activity worker. */
export function compileTask({ definition, language }: StateSource): StateBehaviour {
  const flow = compileDataFlow(definition, language, { payload: language === 'JSONata' ? 'Arguments' : 'Parameters' });
  const next = nextOf(definition);
  const resource = definition['Resource'] as string;
  const integration = readTaskResource(resource);
  const timeout = compileSeconds(definition, 'TimeoutSeconds', language);
  const heartbeat = compileSeconds(definition, 'HeartbeatSeconds', language);
  const credentials = compileCredentials(definition['Credentials'], language);
  return {
    enter: (thread) => {
      const scope = thread.scope();
      const timeoutSeconds = timeout?.(scope);
      const heartbeatSeconds = heartbeat?.(scope);
      return {
        kind: 'call',
        resource,
        integration,
        parameters: effectiveInput(thread, flow),
        ...(timeoutSeconds !== undefined && { timeoutSeconds }),
        ...(heartbeatSeconds !== undefined && { heartbeatSeconds }),
        ...(credentials !== undefined && { credentials: credentials(scope) as JsonObject }),
      };
    },
    resume: (thread, result) => leave(thread, flow, result, next, result),
  };
}

function compileCredentials(template: Json | undefined, language: QueryLanguage): Evaluator | undefined {
  if (template === undefined) return undefined;
  return language === 'JSONata' ? compileJsonataTemplate(template, 'Credentials') : compilePayloadTemplate(template);
}

function compileSeconds(
  definition: StateDefinition,
  name: string,
  language: QueryLanguage,
): ((scope: QueryScope) => number) | undefined {
  const path = definition[`${name}Path`];
  if (language === 'JSONPath' && typeof path === 'string') {
    const reference = Reference.parse(path);
    return (scope) => positiveSeconds(reference.require(scope), `${name}Path`, path);
  }
  const compiled = compileField(definition, name, language);
  if (compiled === undefined) return undefined;
  const expression = tryJsonataText(definition[name]);
  return (scope) => {
    const value = compiled.evaluate(scope);
    if (typeof value === 'number' && Number.isInteger(value) && value > 0) return value;
    if (typeof value !== 'number' && expression !== undefined) throw unexpectedType(expression, name, 'integer', value);
    throw queryError(`The ${name} field must be a positive integer but was: ${exactJsonText(value)}`, name);
  };
}

function positiveSeconds(value: Json, field: string, path: string): number {
  const seconds = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof seconds === 'number' && Number.isInteger(seconds) && seconds > 0) return seconds;
  const shown = typeof value === 'string' ? value : exactJsonText(value);
  throw runtimeError(`The ${field} field refers to value "${shown}" which is not a valid positive integer: ${path}`);
}
