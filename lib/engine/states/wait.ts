import { compileDataFlow, compileField } from '../../asl/evaluate/data-flow.js';
import { Reference } from '../../asl/evaluate/reference.js';
import { exactJsonText } from '../../asl/language/exact-json.js';
import type { Json } from '../../asl/language/json.js';
import type { QueryScope } from '../../asl/language/scope.js';
import { queryError, queryValueError, runtimeError, type StatesError } from '../../asl/language/states-error.js';
import { tryParseTimestamp } from '../../asl/language/timestamp.js';
import type { QueryLanguage, StateDefinition } from '../../asl/language/types.js';
import { effectiveInput, leave, nextOf } from '../model/exit.js';
import type { StateBehaviour } from '../model/program.js';
import type { StateSource } from '../model/state-source.js';

/** The longest wait until a time that AWS takes, in days: what fits into 2^31 seconds. */
const MAX_WAIT_MS = 24_855 * 86_400_000;

/** The largest `Seconds` that AWS takes. */
const MAX_SECONDS = 99_999_999;

/** Wait: for a number of seconds, or until a time. */
export function compileWait({ definition, language }: StateSource): StateBehaviour {
  const flow = compileDataFlow(definition, language);
  const next = nextOf(definition);
  const due = compileDue(definition, language);
  const inSeconds = definition['Seconds'] !== undefined || definition['SecondsPath'] !== undefined;
  const longest = inSeconds ? MAX_SECONDS * 1000 : MAX_WAIT_MS;
  return {
    enter: (thread) => {
      const input = effectiveInput(thread, flow);
      const now = thread.now();
      const until = due(thread.scope(input), now);
      if (until - now > longest) throw semantic(language, 'Wait state delay is too long.');
      return { kind: 'wait', until };
    },
    resume: (thread) => leave(thread, flow, effectiveInput(thread, flow), next),
  };
}

type Due = (scope: QueryScope, now: number) => number;

function compileDue(definition: StateDefinition, language: QueryLanguage): Due {
  const seconds = compileField(definition, 'Seconds', language);
  if (language === 'JSONPath') return compilePathDue(definition);
  if (seconds !== undefined) {
    return (scope, now) => now + jsonataSeconds(seconds.evaluate(scope)) * 1000;
  }
  const timestamp = compileField(definition, 'Timestamp', language)!;
  return (scope) => {
    const value = timestamp.evaluate(scope);
    const time = typeof value === 'string' ? tryParseTimestamp(value) : undefined;
    if (time === undefined) {
      throw queryValueError(
        `The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: ${print(value)}`,
        'Timestamp',
      );
    }
    return time;
  };
}

function jsonataSeconds(value: Json): number {
  if (typeof value !== 'number' || !Number.isInteger(value)) {
    throw queryValueError(`The Seconds field cannot be parsed as a long value: ${print(value)}`, 'Seconds');
  }
  if (value < 0) throw queryValueError(`The Seconds field references a negative value: ${value}`, 'Seconds');
  return value;
}

function compilePathDue(definition: StateDefinition): Due {
  const { Seconds, SecondsPath, Timestamp, TimestampPath } = definition;
  if (typeof Seconds === 'number') return (_scope, now) => now + Seconds * 1000;
  if (typeof Timestamp === 'string') return () => tryParseTimestamp(Timestamp)!;
  if (typeof SecondsPath === 'string') {
    const path = Reference.parse(SecondsPath);
    return (scope, now) => now + readSeconds(path, scope) * 1000;
  }
  const path = Reference.parse(String(TimestampPath));
  return (scope) => readTimestamp(path, scope);
}

function readSeconds(path: Reference, scope: QueryScope): number {
  const value = path.tryRead(scope);
  if (value === undefined)
    throw runtimeError(`The SecondsPath parameter does not reference an input value: ${path.text}`);
  if (typeof value !== 'number' || !Number.isInteger(value)) {
    throw runtimeError(`The SecondsPath parameter cannot be parsed as a long value: ${path.text} == ${print(value)}`);
  }
  if (value < 0) {
    throw runtimeError(`The SecondsPath parameter references a negative value: ${path.text} == ${value}`);
  }
  return value;
}

function readTimestamp(path: Reference, scope: QueryScope): number {
  const value = path.tryRead(scope);
  if (value === undefined) {
    throw runtimeError(`The TimestampPath parameter does not reference an input value: ${path.text}`);
  }
  const time = typeof value === 'string' ? tryParseTimestamp(value) : undefined;
  if (time === undefined) {
    throw runtimeError(
      `The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: ${path.text} == ${print(value)}`,
    );
  }
  return time;
}

function semantic(language: QueryLanguage, cause: string): StatesError {
  return language === 'JSONata' ? queryError(cause) : runtimeError(cause);
}

function print(value: Json): string {
  return typeof value === 'string' ? value : exactJsonText(value);
}
