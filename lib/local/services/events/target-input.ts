import { jsonPath, PathNotFound } from '../../../asl/evaluate/json-path/json-path.js';
import { exactJsonText } from '../../../asl/language/exact-json.js';
import { type Json, type JsonObject, tryParseJson } from '../../../asl/language/json.js';

/** What a target gets instead of the whole event. */
export type TargetInput =
  | { readonly kind: 'event' }
  | { readonly kind: 'constant'; readonly text: string }
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'transformer'; readonly paths: Readonly<Record<string, string>>; readonly template: string };

/** What the reserved placeholders of an input transformer stand for. */
export interface RuleNames {
  readonly arn: string;
  readonly name: string;
}

/** The payload of a target as JSON text; plain text from a transformer becomes a JSON string. */
export function renderTargetInput(input: TargetInput, event: JsonObject, rule: RuleNames): string {
  switch (input.kind) {
    case 'event':
      return exactJsonText(event);
    case 'constant':
      return input.text;
    case 'path':
      return exactJsonText(tryRead(input.path, event) ?? null);
    case 'transformer':
      return renderInputTemplate(input.template, { ...reserved(event, rule), ...valuesOf(input.paths, event) });
  }
}

/** Fills `<name>` placeholders: inside of quotes as text, outside as JSON. */
export function renderInputTemplate(template: string, values: Readonly<Record<string, Json | undefined>>): string {
  let rendered = '';
  let quoted = false;
  for (const piece of template.split(/(\\.|"|<[\w.-]+>)/s)) {
    if (piece === '"') quoted = !quoted;
    const name = /^<([\w.-]+)>$/.exec(piece)?.[1];
    rendered += name === undefined || !Object.hasOwn(values, name) ? piece : renderValue(values[name], quoted);
  }
  return tryParseJson(rendered) === undefined ? JSON.stringify(rendered) : rendered;
}

function renderValue(value: Json | undefined, quoted: boolean): string {
  if (!quoted) return exactJsonText(value ?? null);
  if (value === undefined) return '';
  const text = typeof value === 'string' ? value : exactJsonText(value);
  return JSON.stringify(text).slice(1, -1);
}

function reserved(event: JsonObject, { arn, name }: RuleNames): Record<string, Json> {
  const { detail: _, ...withoutDetail } = event;
  return {
    'aws.events.rule-arn': arn,
    'aws.events.rule-name': name,
    'aws.events.event.ingestion-time': event['time'] ?? null,
    'aws.events.event': withoutDetail,
    'aws.events.event.json': event,
  };
}

function valuesOf(paths: Readonly<Record<string, string>>, event: JsonObject): Record<string, Json | undefined> {
  return Object.fromEntries(Object.entries(paths).map(([name, path]) => [name, tryRead(path, event)]));
}

/** The value at a path, or undefined. */
export function tryRead(path: string, event: Json): Json | undefined {
  // EventBridge allows member names with dashes, which JSONPath wants in brackets.
  const quoted = path.replace(/\.([A-Za-z_][\w-]*-[\w-]*)/g, "['$1']");
  const value = jsonPath(quoted.replace(/^\$/, '')).read(event);
  return value instanceof PathNotFound ? undefined : value;
}
