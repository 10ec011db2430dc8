import { tryJsonataText } from '../evaluate/jsonata.js';
import type { Diagnostics, MachineContext } from '../language/diagnostics.js';
import { isJsonArray, isJsonObject, itemsOf, type Json, type JsonObject } from '../language/json.js';
import { tryReadTaskResource } from '../language/task-resource.js';
import { tryParseTimestamp } from '../language/timestamp.js';
import type { QueryLanguage } from '../language/types.js';
import { checkPath, checkReferencePath, checkTemplate, isPathOrCall } from './validate-expressions.js';
import {
  checkExclusive,
  checkKnown,
  checkNumber,
  checkObjects,
  checkOneOf,
  checkTypes,
  MAX_SECONDS,
  type NumberRange,
} from './validate-members.js';

/** Checks what only a Task has. */
export function checkTask(
  { found, type }: MachineContext,
  location: string,
  state: JsonObject,
  language: QueryLanguage,
): void {
  const { Resource: resource, Credentials: credentials } = state;
  if (resource !== undefined) checkResource(found, `${location}/Resource`, resource, type);
  if (credentials !== undefined && isActivity(resource))
    found.schema(`${location}/Credentials`, "The field 'Credentials' is not supported for activities");
  else if (credentials !== undefined) checkCredentials(found, `${location}/Credentials`, credentials, language);
  for (const field of ['TimeoutSeconds', 'HeartbeatSeconds'])
    checkQuantity(found, location, state, field, { min: 1, max: MAX_SECONDS }, language);
  const { TimeoutSeconds: timeout, HeartbeatSeconds: heartbeat } = state;
  if (typeof timeout === 'number' && typeof heartbeat === 'number' && heartbeat >= timeout) {
    found.schema(`${location}/HeartbeatSeconds`, "'HeartbeatSeconds' must be smaller than 'TimeoutSeconds'");
  }
}

function isActivity(resource: Json | undefined): boolean {
  return typeof resource === 'string' && tryReadTaskResource(resource)?.kind === 'activity';
}

function checkResource(
  found: Diagnostics,
  location: string,
  resource: Json,
  machineType: 'STANDARD' | 'EXPRESS',
): void {
  if (typeof resource !== 'string') {
    found.type(location, 'STRING');
    return;
  }
  const read = tryReadTaskResource(resource);
  if (read === undefined) {
    found.schema(location, 'Value is not a valid resource ARN');
    return;
  }
  if (machineType === 'STANDARD') return;
  if (read.kind === 'activity') found.schema(location, 'Express state machine does not support Activity ARN');
  if (read.kind !== 'service') return;
  if (read.pattern === 'waitForTaskToken') {
    found.schema(location, "Express state machine does not support '.waitForTaskToken' service integration ");
  } else if (read.pattern !== 'request') {
    found.schema(location, "Express state machine does not support '.sync' service integration");
  }
}

function checkCredentials(found: Diagnostics, location: string, credentials: Json, language: QueryLanguage): void {
  if (language === 'JSONata' && tryJsonataText(credentials) !== undefined) {
    checkTemplate(found, location, credentials, language);
    return;
  }
  const role = isJsonObject(credentials)
    ? (credentials['RoleArn'] ?? (language === 'JSONPath' ? credentials['RoleArn.$'] : undefined))
    : undefined;
  if (role === undefined) found.schema(location, "The field 'RoleArn' is required but was missing");
  else checkTemplate(found, location, credentials, language);
  if (isJsonObject(credentials)) checkTypes(found, location, credentials, 'STRING', ['RoleArn']);
}

/** A number that is given as it is, by a path, or by an expression. */
export function checkQuantity(
  found: Diagnostics,
  location: string,
  object: JsonObject,
  field: string,
  range: NumberRange,
  language: QueryLanguage,
): void {
  checkNumber(found, `${location}/${field}`, object[field], range, language);
  if (language === 'JSONata') return;
  checkExclusive(found, location, object, [field, `${field}Path`], false);
  const path = object[`${field}Path`];
  if (path !== undefined) checkPath(found, `${location}/${field}Path`, path);
}

const WAITS: Readonly<Record<QueryLanguage, readonly string[]>> = {
  JSONPath: ['SecondsPath', 'Seconds', 'TimestampPath', 'Timestamp'],
  JSONata: ['Seconds', 'Timestamp'],
};

/** Checks what only a Wait has: exactly one way to say how long. */
export function checkWait(found: Diagnostics, location: string, state: JsonObject, language: QueryLanguage): void {
  checkExclusive(found, location, state, WAITS[language], true);
  checkNumber(found, `${location}/Seconds`, state['Seconds'], { min: 0, max: MAX_SECONDS }, language);
  const timestamp = state['Timestamp'];
  if (timestamp !== undefined) checkTimestamp(found, `${location}/Timestamp`, timestamp, language);
  if (language === 'JSONata') return;
  for (const field of ['SecondsPath', 'TimestampPath']) {
    const path = state[field];
    if (path !== undefined) checkPath(found, `${location}/${field}`, path);
  }
}

function checkTimestamp(found: Diagnostics, location: string, timestamp: Json, language: QueryLanguage): void {
  if (typeof timestamp !== 'string') found.type(location, 'STRING');
  else if (language === 'JSONata' && /^\{%|%\}$/.test(timestamp)) checkTemplate(found, location, timestamp, language);
  else if (tryParseTimestamp(timestamp) === undefined)
    found.schema(location, 'String does not match RFC3339 timestamp');
}

/** Checks what only a Fail has. */
export function checkFail(found: Diagnostics, location: string, state: JsonObject, language: QueryLanguage): void {
  checkTypes(found, location, state, 'STRING', ['Error', 'Cause', 'ErrorPath', 'CausePath']);
  for (const field of ['Error', 'Cause']) {
    const constant = state[field];
    const path = state[`${field}Path`];
    if (constant !== undefined) checkTemplate(found, `${location}/${field}`, constant, language);
    if (language === 'JSONata') continue;
    checkExclusive(found, location, state, [field, `${field}Path`], false);
    if (typeof path === 'string' && !isPathOrCall(path)) {
      found.schema(`${location}/${field}Path`, 'Value is not a valid JSONPath or intrinsic function call');
    }
  }
}

const RETRY_FIELDS = [
  'ErrorEquals',
  'IntervalSeconds',
  'MaxAttempts',
  'BackoffRate',
  'MaxDelaySeconds',
  'JitterStrategy',
  'Comment',
];

const RETRY_NUMBERS: Readonly<Record<string, NumberRange>> = {
  // The specification asks for a positive interval; AWS takes 0.
  IntervalSeconds: { min: 0, max: MAX_SECONDS },
  MaxAttempts: { min: 0, max: MAX_SECONDS },
  BackoffRate: { min: 1, fractions: true },
  MaxDelaySeconds: { min: 1, max: 31_622_400 },
};

/** Checks a `Retry`: its numbers are constants in any language. */
export function checkRetriers(found: Diagnostics, location: string, retry: Json): void {
  checkHandlers(found, location, retry, RETRY_FIELDS, (entry, at) => {
    for (const [field, range] of Object.entries(RETRY_NUMBERS))
      checkNumber(found, `${at}/${field}`, entry[field], range, 'JSONPath');
    checkOneOf(found, `${at}/JitterStrategy`, entry['JitterStrategy'], ['NONE', 'FULL']);
  });
}

const CATCH_FIELDS: Readonly<Record<QueryLanguage, readonly string[]>> = {
  JSONPath: ['ErrorEquals', 'Next', 'ResultPath', 'Assign', 'Comment'],
  JSONata: ['ErrorEquals', 'Next', 'Output', 'Assign', 'Comment'],
};

/** Checks a `Catch`. */
export function checkCatchers(found: Diagnostics, location: string, catchers: Json, language: QueryLanguage): void {
  checkHandlers(found, location, catchers, CATCH_FIELDS[language], (entry, at) => {
    if (entry['Next'] === undefined) found.required(at, ['Next']);
    checkTypes(found, at, entry, 'OBJECT', ['Assign']);
    for (const field of ['Output', 'Assign']) {
      const template = entry[field];
      if (template !== undefined) checkTemplate(found, `${at}/${field}`, template, language, ['errorOutput']);
    }
    const resultPath = entry['ResultPath'];
    if (resultPath !== undefined && resultPath !== null) checkReferencePath(found, `${at}/ResultPath`, resultPath);
  });
}

function checkHandlers(
  found: Diagnostics,
  location: string,
  handlers: Json,
  fields: readonly string[],
  check: (entry: JsonObject, at: string) => void,
): void {
  for (const { at, entry, index } of checkObjects(found, location, handlers, 0)) {
    checkKnown(found, at, entry, fields);
    checkTypes(found, at, entry, 'STRING', ['Comment']);
    checkErrorEquals(found, at, entry['ErrorEquals'], index === itemsOf(handlers).length - 1);
    check(entry, at);
  }
}

/** `States.ALL` stands alone, and in the last entry. */
function checkErrorEquals(found: Diagnostics, at: string, errors: Json | undefined, last: boolean): void {
  if (errors === undefined) {
    found.required(at, ['ErrorEquals']);
    return;
  }
  const location = `${at}/ErrorEquals`;
  if (!isJsonArray(errors)) {
    found.type(location, 'ARRAY');
    return;
  }
  if (errors.length === 0) found.schema(location, 'Value cannot be empty');
  errors.forEach((name, index) => {
    if (typeof name !== 'string') found.type(`${location}[${index}]`, 'STRING');
  });
  if (errors.includes('States.ALL') && (errors.length > 1 || !last)) {
    found.schema(location, 'States.ALL must appear alone and at end of list');
  }
}
