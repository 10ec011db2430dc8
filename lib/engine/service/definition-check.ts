import type { Diagnostic } from '../../asl/language/diagnostics.js';
import { tryParseExactJson } from '../../asl/language/exact-json.js';
import { isJsonObject, type Json, type JsonObject } from '../../asl/language/json.js';
import { tryFindJsonFault } from '../../asl/language/json-syntax.js';
import { tryReadTaskResource } from '../../asl/language/task-resource.js';
import type { StateMachineDefinition } from '../../asl/language/types.js';
import { MAX_DEFINITION_LENGTH, validateDefinition } from '../../asl/validate/validate.js';
import type {
  StateMachineType,
  ValidateStateMachineDefinitionRequest,
  ValidateStateMachineDefinitionResult,
} from '../model/api.js';
import { ApiError } from '../model/api-errors.js';
import type { TaskPort } from '../model/tasks.js';
import { isSfnIntegration } from './sfn-integrations.js';

/** Parses and checks a definition, also for tasks that nobody here can do; throws `InvalidDefinition` with AWS's kind of message. */
export function checkDefinition(text: string, type: StateMachineType, tasks: TaskPort): StateMachineDefinition {
  if (text.length > MAX_DEFINITION_LENGTH) {
    const limit = `Member must have length less than or equal to ${MAX_DEFINITION_LENGTH}`;
    throw new ApiError(
      'ValidationException',
      `1 validation error detected: Value at 'definition' failed to satisfy constraint: ${limit}`,
    );
  }
  const diagnostics = diagnose(text, type).filter(({ severity }) => severity === 'ERROR');
  const definition = diagnostics.length > 0 ? undefined : tryParseExactJson(text);
  const listed = diagnostics.length > 0 ? diagnostics : findUnsupported(definition ?? null, '', tasks);
  if (listed.length === 0) return definition as unknown as StateMachineDefinition;
  throw new ApiError('InvalidDefinition', `Invalid State Machine Definition: '${listed.map(print).join(', ')}'`);
}

/** What is wrong with the text of a definition, from its syntax on. */
function diagnose(text: string, type: StateMachineType): readonly Diagnostic[] {
  const definition = tryParseExactJson(text);
  if (definition === undefined && text.trim() !== '') {
    const message = tryFindJsonFault(text) ?? 'JSON syntax problem found.';
    return [{ severity: 'ERROR', code: 'INVALID_JSON_DESCRIPTION', message }];
  }
  return validateDefinition(definition, type);
}

function print({ code, message, location }: Diagnostic): string {
  // AWS prints the missing place of a problem of the whole workflow as `null`.
  return `${code}: ${message} at ${location ?? 'null'}`;
}

/** The tasks that the port refuses, by their place. */
function findUnsupported(value: Json, location: string, tasks: TaskPort): readonly Diagnostic[] {
  if (typeof value !== 'object' || value === null) return [];
  const inside = Object.entries(value).flatMap(([key, inner]) =>
    findUnsupported(inner as Json, `${location}/${key}`, tasks),
  );
  return isJsonObject(value) && value['Type'] === 'Task' ? [...checkTask(value, location, tasks), ...inside] : inside;
}

function checkTask(state: JsonObject, location: string, tasks: TaskPort): readonly Diagnostic[] {
  const resource = String(state['Resource']);
  const integration = tryReadTaskResource(resource);
  if (integration === undefined || integration.kind === 'activity' || isSfnIntegration({ integration })) return [];
  const reason = tasks.supports(integration);
  if (reason === undefined) return [];
  const message = `The resource '${resource}' is not supported here: ${reason}`;
  return [{ severity: 'ERROR', code: 'UNSUPPORTED_RESOURCE', location: `${location}/Resource`, message }];
}

/** A definition checked as it would be when a state machine is created, as `ValidateStateMachineDefinition` answers. */
export function validationResult({
  definition,
  type = 'STANDARD',
  maxResults = 100,
}: ValidateStateMachineDefinitionRequest): ValidateStateMachineDefinitionResult {
  const all = diagnose(definition, type);
  const limit = maxResults === 0 ? 100 : maxResults;
  return {
    result: all.some(({ severity }) => severity === 'ERROR') ? 'FAIL' : 'OK',
    diagnostics: all.slice(0, limit),
    truncated: all.length > limit,
  };
}
