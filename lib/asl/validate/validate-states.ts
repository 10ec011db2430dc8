import { tryJsonataText } from '../evaluate/jsonata.js';
import type { Diagnostics, MachineContext } from '../language/diagnostics.js';
import { isJsonObject, type Json, type JsonObject } from '../language/json.js';
import { tryReadTaskResource } from '../language/task-resource.js';
import { tryParseTimestamp } from '../language/timestamp.js';
import type { QueryLanguage } from '../language/types.js';
import { checkPath, checkReferencePath, checkTemplate, isPathOrCall } from './validate-expressions.js';

/** Checks what only a Task has. */
export function checkTask(
  { found, type }: MachineContext,
  location: string,
  state: JsonObject,
  language: QueryLanguage,
): void {
  const { Resource: resource, Credentials: credentials } = state;
  if (resource !== undefined) checkResource(found, `${location}/Resource`, resource, type);
  if (credentials !== undefined) checkCredentials(found, `${location}/Credentials`, credentials, language);
  for (const field of ['TimeoutSeconds', 'HeartbeatSeconds']) checkSeconds(found, location, state, field, language);
  const { TimeoutSeconds: timeout, HeartbeatSeconds: heartbeat } = state;
  if (typeof timeout === 'number' && typeof heartbeat === 'number' && heartbeat >= timeout) {
    found.schema(`${location}/HeartbeatSeconds`, "'HeartbeatSeconds' must be smaller than 'TimeoutSeconds'");
  }
}

function checkResource(
  found: Diagnostics,
  location: string,
  resource: Json,
  machineType: 'STANDARD' | 'EXPRESS',
): void {
  const read = typeof resource === 'string' ? tryReadTaskResource(resource) : undefined;
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
}

/** A positive number of seconds: a constant, a path, an expression. */
function checkSeconds(
  found: Diagnostics,
  location: string,
  state: JsonObject,
  field: string,
  language: QueryLanguage,
): void {
  const constant = state[field];
  const path = state[`${field}Path`];
  if (constant !== undefined && path !== undefined)
    found.schema(location, `Only one of '${field}' and '${field}Path' is allowed`);
  if (constant !== undefined) checkInteger(found, `${location}/${field}`, constant, 1, language);
  if (path !== undefined && language === 'JSONPath') checkPath(found, `${location}/${field}Path`, path);
}

/** An integer of at least `least`, or in JSONata an expression. */
export function checkInteger(
  found: Diagnostics,
  location: string,
  value: Json,
  least: number,
  language: QueryLanguage,
): void {
  if (language === 'JSONata' && tryJsonataText(value) !== undefined) checkTemplate(found, location, value, language);
  else if (typeof value !== 'number' || !Number.isInteger(value) || value < least) {
    found.schema(location, `Value must be an integer of at least ${least}`);
  }
}

const WAITS = ['Seconds', 'SecondsPath', 'Timestamp', 'TimestampPath'];

/** Checks what only a Wait has: exactly one way to say how long. */
export function checkWait(found: Diagnostics, location: string, state: JsonObject, language: QueryLanguage): void {
  const given = WAITS.filter((field) => state[field] !== undefined);
  if (given.length !== 1) found.schema(location, `Exactly one of [${WAITS.join(', ')}] is required`);
  const { Seconds: seconds, Timestamp: timestamp } = state;
  if (seconds !== undefined) checkInteger(found, `${location}/Seconds`, seconds, 0, language);
  if (timestamp !== undefined) {
    if (language === 'JSONata' && tryJsonataText(timestamp) !== undefined) {
      checkTemplate(found, `${location}/Timestamp`, timestamp, language);
    } else if (
      language === 'JSONPath' &&
      (typeof timestamp !== 'string' || tryParseTimestamp(timestamp) === undefined)
    ) {
      found.schema(`${location}/Timestamp`, 'String does not match RFC3339 timestamp');
    }
  }
  if (language === 'JSONata') return;
  for (const field of ['SecondsPath', 'TimestampPath']) {
    const path = state[field];
    if (path !== undefined) checkPath(found, `${location}/${field}`, path);
  }
}

/** Checks what only a Fail has. */
export function checkFail(found: Diagnostics, location: string, state: JsonObject, language: QueryLanguage): void {
  for (const field of ['Error', 'Cause']) {
    const constant = state[field];
    const path = state[`${field}Path`];
    if (constant !== undefined && path !== undefined)
      found.schema(location, `Only one of '${field}' and '${field}Path' is allowed`);
    if (constant !== undefined && typeof constant !== 'string')
      found.schema(`${location}/${field}`, 'Value must be a string');
    else if (constant !== undefined) checkTemplate(found, `${location}/${field}`, constant, language);
    if (path !== undefined && language === 'JSONPath' && (typeof path !== 'string' || !isPathOrCall(path))) {
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

/** Checks a `Retry`. */
export function checkRetriers(found: Diagnostics, location: string, retry: Json): void {
  checkHandlers(found, location, retry, RETRY_FIELDS, (entry, at) => {
    const number = (field: string, least: number, whole: boolean) => {
      const value = entry[field];
      if (value === undefined) return;
      if (typeof value !== 'number' || value < least || (whole && !Number.isInteger(value))) {
        found.schema(`${at}/${field}`, `Value must be ${whole ? 'an integer' : 'a number'} of at least ${least}`);
      }
    };
    number('IntervalSeconds', 1, true);
    number('MaxAttempts', 0, true);
    number('BackoffRate', 1, false);
    number('MaxDelaySeconds', 1, true);
    const { JitterStrategy: jitter } = entry;
    if (jitter !== undefined && jitter !== 'FULL' && jitter !== 'NONE') {
      found.schema(`${at}/JitterStrategy`, 'Value is not one of [FULL, NONE]');
    }
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
  if (!Array.isArray(handlers)) {
    found.schema(location, 'Value must be an array');
    return;
  }
  (handlers as readonly Json[]).forEach((entry, index) => {
    const at = `${location}[${index}]`;
    if (!isJsonObject(entry)) {
      found.schema(at, 'Value must be an object');
      return;
    }
    for (const field of Object.keys(entry)) if (!fields.includes(field)) found.unsupported(at, field);
    checkErrorEquals(found, at, entry['ErrorEquals'], index === handlers.length - 1);
    check(entry, at);
  });
}

/** `States.ALL` stands alone, and in the last entry. */
function checkErrorEquals(found: Diagnostics, at: string, errors: Json | undefined, last: boolean): void {
  if (errors === undefined) {
    found.required(at, ['ErrorEquals']);
    return;
  }
  const names = Array.isArray(errors) ? (errors as readonly Json[]) : [];
  if (names.length === 0 || names.some((name) => typeof name !== 'string')) {
    found.schema(`${at}/ErrorEquals`, 'Value must be a non-empty array of strings');
  }
  if (names.includes('States.ALL') && (names.length > 1 || !last)) {
    found.schema(`${at}/ErrorEquals`, "'States.ALL' must appear alone, and in the last entry");
  }
}
