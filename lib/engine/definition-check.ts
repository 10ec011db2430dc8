import { tryParseJson } from '../asl/json';
import type { StateMachineDefinition } from '../asl/types';
import { validateDefinition } from '../asl/validate';
import type { StateMachineType } from './api';
import { ApiError } from './api-errors';
import type { TaskPort } from './tasks';

/** Parses and checks a definition, also for tasks that can't be done; throws `InvalidDefinition` with AWS's kind of message. */
export function checkDefinition(text: string, type: StateMachineType, _tasks: TaskPort): StateMachineDefinition {
  const definition = tryParseJson(text);
  const diagnostics = validateDefinition(definition, type).filter(({ severity }) => severity === 'ERROR');
  if (diagnostics.length === 0) return definition as unknown as StateMachineDefinition;
  const listed = diagnostics.map(
    ({ code, message, location }) => `${code}: ${message}${location === undefined ? '' : ` at ${location}`}`,
  );
  throw new ApiError('InvalidDefinition', `Invalid State Machine Definition: '${listed.join(', ')}'`);
}
