import { tryJsonataText } from '../evaluate/jsonata.js';
import type { Diagnostics, MachineContext } from '../language/diagnostics.js';
import { isJsonObject, type Json, type JsonObject } from '../language/json.js';
import { tryReadTaskResource } from '../language/task-resource.js';
import type { QueryLanguage } from '../language/types.js';
import { checkPath, checkTemplate } from './validate-expressions.js';
import { checkInteger } from './validate-states.js';

/** Tolerated failures may be set inline too: they have no effect there. */
const DISTRIBUTED_ONLY = ['ItemReader', 'ItemBatcher', 'ResultWriter', 'Label'];
const INPUT_TYPES = ['CSV', 'JSON', 'JSONL', 'MANIFEST', 'PARQUET'];
const READERS = ['getObject', 'listObjectsV2'];

/** The processor of a Map and the field that holds it; `undefined` when there is none. */
export function processorOf(
  state: JsonObject,
): { readonly field: 'ItemProcessor' | 'Iterator'; readonly value: JsonObject } | undefined {
  const field = state['ItemProcessor'] !== undefined ? 'ItemProcessor' : 'Iterator';
  const value = state[field];
  return isJsonObject(value) ? { field, value } : undefined;
}

/** Checks what only a Map has, but for the states inside. */
export function checkMap(context: MachineContext, location: string, state: JsonObject, language: QueryLanguage): void {
  const { found, type } = context;
  const processor = processorOf(state);
  if (processor === undefined) {
    found.required(location, ['ItemProcessor']);
    return;
  }
  if (state['ItemProcessor'] !== undefined && state['Iterator'] !== undefined) {
    found.schema(location, "Only one of 'ItemProcessor' and 'Iterator' is allowed");
  }
  const distributed = checkProcessorConfig(found, `${location}/${processor.field}`, processor.value);
  if (distributed && type === 'EXPRESS') {
    found.schema(
      `${location}/${processor.field}`,
      'Express state machine does not support Map states in DISTRIBUTED mode',
    );
  }
  for (const field of DISTRIBUTED_ONLY) {
    if (!distributed && state[field] !== undefined) found.unsupported(location, field);
  }
  checkNumbers(found, location, state, ['MaxConcurrency', 'ToleratedFailureCount'], language);
  checkPercentage(found, location, state, language);
  checkItems(found, location, state, language);
  checkReader(found, `${location}/ItemReader`, state['ItemReader'], language);
  checkBatcher(found, `${location}/ItemBatcher`, state['ItemBatcher'], language);
  checkWriter(found, `${location}/ResultWriter`, state['ResultWriter'], language);
  checkLabel(found, `${location}/Label`, state['Label']);
}

function checkProcessorConfig(found: Diagnostics, location: string, processor: JsonObject): boolean {
  const config = processor['ProcessorConfig'];
  if (config === undefined) return false;
  const at = `${location}/ProcessorConfig`;
  if (!isJsonObject(config)) {
    found.schema(at, 'Value must be an object');
    return false;
  }
  onlyFields(found, at, config, ['Mode', 'ExecutionType']);
  const { Mode: mode = 'INLINE', ExecutionType: executionType } = config;
  if (mode !== 'INLINE' && mode !== 'DISTRIBUTED')
    found.schema(`${at}/Mode`, 'Value is not one of [INLINE, DISTRIBUTED]');
  if (mode === 'DISTRIBUTED' && executionType !== 'STANDARD' && executionType !== 'EXPRESS') {
    if (executionType === undefined) found.required(at, ['ExecutionType']);
    else found.schema(`${at}/ExecutionType`, 'Value is not one of [STANDARD, EXPRESS]');
  }
  return mode === 'DISTRIBUTED';
}

function checkNumbers(
  found: Diagnostics,
  location: string,
  state: JsonObject,
  fields: readonly string[],
  language: QueryLanguage,
): void {
  for (const field of fields) {
    const constant = state[field];
    const path = state[`${field}Path`];
    if (constant !== undefined) checkInteger(found, `${location}/${field}`, constant, 0, language);
    if (constant !== undefined && path !== undefined)
      found.schema(location, `Only one of '${field}' and '${field}Path' is allowed`);
    if (path !== undefined && language === 'JSONPath') checkPath(found, `${location}/${field}Path`, path);
  }
}

function checkPercentage(found: Diagnostics, location: string, state: JsonObject, language: QueryLanguage): void {
  const { ToleratedFailurePercentage: percentage, ToleratedFailurePercentagePath: path } = state;
  if (path !== undefined && language === 'JSONPath')
    checkPath(found, `${location}/ToleratedFailurePercentagePath`, path);
  if (percentage === undefined || (language === 'JSONata' && tryJsonataText(percentage) !== undefined)) return;
  if (typeof percentage !== 'number' || percentage < 0 || percentage > 100) {
    found.schema(`${location}/ToleratedFailurePercentage`, 'Value must be a number from 0 to 100');
  }
}

function checkItems(found: Diagnostics, location: string, state: JsonObject, language: QueryLanguage): void {
  const { Items: items } = state;
  if (items === undefined || language === 'JSONPath') return;
  checkTemplate(found, `${location}/Items`, items, language);
  if (!Array.isArray(items) && !isJsonObject(items) && tryJsonataText(items) === undefined) {
    found.schema(`${location}/Items`, 'Value must be an array or a JSONata expression');
  }
}

const READER_CONFIG = [
  'InputType',
  'CSVHeaderLocation',
  'CSVHeaders',
  'CSVDelimiter',
  'MaxItems',
  'MaxItemsPath',
  'ItemsPointer',
  'ManifestType',
  'Transformation',
];

function checkReader(found: Diagnostics, at: string, reader: Json | undefined, language: QueryLanguage): void {
  if (reader === undefined || !checkIntegration(found, at, reader, ['ReaderConfig'], READERS, language)) return;
  const config = reader['ReaderConfig'] ?? {};
  const where = `${at}/ReaderConfig`;
  if (!isJsonObject(config)) {
    found.schema(where, 'Value must be an object');
    return;
  }
  onlyFields(found, where, config, READER_CONFIG);
  const { InputType: inputType, CSVHeaderLocation: headers, MaxItems: maxItems, MaxItemsPath: maxItemsPath } = config;
  if (inputType !== undefined && !INPUT_TYPES.includes(String(inputType))) {
    found.schema(`${where}/InputType`, `Value is not one of [${INPUT_TYPES.join(', ')}]`);
  }
  if (inputType === 'PARQUET') found.schema(`${where}/InputType`, 'The input type PARQUET can not be read here');
  if (headers !== undefined && headers !== 'FIRST_ROW' && headers !== 'GIVEN') {
    found.schema(`${where}/CSVHeaderLocation`, 'Value is not one of [FIRST_ROW, GIVEN]');
  }
  if (inputType === 'CSV' && headers === undefined) found.required(where, ['CSVHeaderLocation']);
  if (headers === 'GIVEN' && !Array.isArray(config['CSVHeaders'])) found.required(where, ['CSVHeaders']);
  if (maxItems !== undefined) checkInteger(found, `${where}/MaxItems`, maxItems, 0, language);
  if (maxItemsPath !== undefined && language === 'JSONPath') checkPath(found, `${where}/MaxItemsPath`, maxItemsPath);
}

/** A reader or a writer: its resource, and Parameters or Arguments. */
function checkIntegration(
  found: Diagnostics,
  at: string,
  value: Json,
  config: readonly string[],
  actions: readonly string[],
  language: QueryLanguage,
): value is JsonObject {
  if (!isJsonObject(value)) {
    found.schema(at, 'Value must be an object');
    return false;
  }
  const payload = language === 'JSONata' ? 'Arguments' : 'Parameters';
  onlyFields(found, at, value, ['Resource', payload, ...config]);
  const { Resource: resource } = value;
  const read = typeof resource === 'string' ? tryReadTaskResource(resource) : undefined;
  const known = read?.kind === 'service' && read.service === 's3' && actions.includes(read.action);
  if (resource !== undefined && !known) found.schema(`${at}/Resource`, 'Value is not a valid resource ARN');
  const template = value[payload];
  if (template !== undefined) checkTemplate(found, `${at}/${payload}`, template, language);
  if (resource !== undefined && template === undefined) found.required(at, [payload]);
  return true;
}

function checkBatcher(found: Diagnostics, at: string, batcher: Json | undefined, language: QueryLanguage): void {
  if (batcher === undefined) return;
  if (!isJsonObject(batcher)) {
    found.schema(at, 'Value must be an object');
    return;
  }
  const limits = ['MaxItemsPerBatch', 'MaxInputBytesPerBatch'];
  onlyFields(found, at, batcher, [...limits, ...limits.map((limit) => `${limit}Path`), 'BatchInput']);
  checkNumbers(found, at, batcher, limits, language);
  if (!limits.some((limit) => batcher[limit] !== undefined || batcher[`${limit}Path`] !== undefined))
    found.required(at, limits);
  const { BatchInput: input } = batcher;
  if (input !== undefined) checkTemplate(found, `${at}/BatchInput`, input, language);
}

function checkWriter(found: Diagnostics, at: string, writer: Json | undefined, language: QueryLanguage): void {
  if (writer === undefined || !checkIntegration(found, at, writer, ['WriterConfig'], ['putObject'], language)) return;
  const config = writer['WriterConfig'];
  if (config === undefined) {
    if (writer['Resource'] === undefined) found.required(at, ['Resource']);
    return;
  }
  const where = `${at}/WriterConfig`;
  if (!isJsonObject(config)) {
    found.schema(where, 'Value must be an object');
    return;
  }
  onlyFields(found, where, config, ['Transformation', 'OutputType']);
  oneOf(found, `${where}/Transformation`, config['Transformation'], ['NONE', 'COMPACT', 'FLATTEN']);
  oneOf(found, `${where}/OutputType`, config['OutputType'], ['JSON', 'JSONL']);
}

/** Characters that a label can't hold: whitespace, wildcards, brackets, special and control characters. */
const LABEL_FORBIDDEN = /[\s?*<>{}[\]:;,\\|^~$#%&`"\p{Cc}]/u;
const MAX_LABEL = 40;

function checkLabel(found: Diagnostics, at: string, label: Json | undefined): void {
  if (label === undefined) return;
  if (typeof label !== 'string') {
    found.schema(at, 'Value must be a string');
    return;
  }
  if (label === '') found.schema(at, 'Label cannot be empty');
  if (label.length > MAX_LABEL) found.schema(at, `Label cannot exceed ${MAX_LABEL} characters`);
  const [forbidden] = LABEL_FORBIDDEN.exec(label) ?? [];
  if (forbidden !== undefined) found.schema(at, `Label contains invalid character: '${forbidden}'`);
}

function oneOf(found: Diagnostics, at: string, value: Json | undefined, allowed: readonly string[]): void {
  if (value !== undefined && !allowed.includes(String(value)))
    found.schema(at, `Value is not one of [${allowed.join(', ')}]`);
}

function onlyFields(found: Diagnostics, at: string, object: JsonObject, known: readonly string[]): void {
  for (const field of Object.keys(object)) if (!known.includes(field)) found.unsupported(at, field);
}
