import { tryJsonataText } from '../evaluate/jsonata.js';
import type { Diagnostics, MachineContext } from '../language/diagnostics.js';
import { isJsonArray, isJsonObject, type Json, type JsonObject } from '../language/json.js';
import { tryReadTaskResource } from '../language/task-resource.js';
import type { QueryLanguage } from '../language/types.js';
import { checkTemplate } from './validate-expressions.js';
import { checkExclusive, checkKnown, checkOneOf, checkTypes, type NumberRange } from './validate-members.js';
import { checkQuantity } from './validate-states.js';

/** Tolerated failures may be set inline too: they have no effect there. */
const DISTRIBUTED_ONLY = ['ItemReader', 'ItemBatcher', 'ResultWriter', 'Label'];
const NUMBERS: Readonly<Record<string, NumberRange>> = {
  MaxConcurrency: { min: 0 },
  ToleratedFailureCount: { min: 0 },
  ToleratedFailurePercentage: { min: 0, max: 100, fractions: true },
};
const INPUT_TYPES = ['CSV', 'JSON', 'JSONL', 'MANIFEST', 'PARQUET'];
const READERS = ['getObject', 'listObjectsV2'];
const DELIMITERS = ['COMMA', 'PIPE', 'SEMICOLON', 'SPACE', 'TAB'];
const MANIFEST_TYPES = ['ATHENA_DATA', 'S3_INVENTORY'];
const TRANSFORMATIONS = ['NONE', 'LOAD_AND_FLATTEN'];

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
  checkExclusive(found, location, state, ['ItemProcessor', 'Iterator'], true);
  checkTypes(found, location, state, 'OBJECT', ['ItemProcessor', 'Iterator']);
  const processor = processorOf(state);
  if (processor === undefined) return;
  const distributed = checkProcessorConfig(found, `${location}/${processor.field}`, processor.value);
  if (distributed && type === 'EXPRESS') {
    found.schema(
      `${location}/${processor.field}/ProcessorConfig/Mode`,
      "The field 'Mode' with value 'DISTRIBUTED' is not supported inside 'EXPRESS' state machines",
    );
  }
  for (const field of DISTRIBUTED_ONLY) {
    if (!distributed && state[field] !== undefined) found.unsupported(location, field);
  }
  for (const [field, range] of Object.entries(NUMBERS)) checkQuantity(found, location, state, field, range, language);
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
    found.type(at, 'OBJECT');
    return false;
  }
  checkKnown(found, at, config, ['Mode', 'ExecutionType']);
  const { Mode: mode = 'INLINE', ExecutionType: executionType } = config;
  checkOneOf(found, `${at}/Mode`, mode, ['INLINE', 'DISTRIBUTED']);
  checkOneOf(found, `${at}/ExecutionType`, executionType, ['STANDARD', 'EXPRESS']);
  if (mode === 'DISTRIBUTED' && executionType === undefined) found.required(at, ['ExecutionType']);
  if (config['Mode'] === 'INLINE' && executionType !== undefined) found.unsupported(at, 'ExecutionType');
  return mode === 'DISTRIBUTED';
}

function checkItems(found: Diagnostics, location: string, state: JsonObject, language: QueryLanguage): void {
  const { Items: items } = state;
  if (items === undefined || language === 'JSONPath') return;
  checkTemplate(found, `${location}/Items`, items, language);
  if (!isJsonArray(items) && !isJsonObject(items) && tryJsonataText(items) === undefined) {
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
  if (reader['Resource'] === undefined) found.required(at, ['Resource']);
  const { ReaderConfig: config = {} } = reader;
  const where = `${at}/ReaderConfig`;
  if (!isJsonObject(config)) {
    found.type(where, 'OBJECT');
    return;
  }
  checkKnown(found, where, config, READER_CONFIG);
  const { InputType: inputType, CSVHeaderLocation: headers } = config;
  checkOneOf(found, `${where}/InputType`, inputType, INPUT_TYPES);
  if (inputType === 'PARQUET') found.schema(`${where}/InputType`, 'The input type PARQUET can not be read here');
  checkOneOf(found, `${where}/CSVHeaderLocation`, headers, ['FIRST_ROW', 'GIVEN']);
  if (inputType === 'CSV' && headers === undefined) found.required(where, ['CSVHeaderLocation']);
  if (inputType === 'JSON' && headers !== undefined) found.unsupported(where, 'CSVHeaderLocation');
  checkOneOf(found, `${where}/CSVDelimiter`, config['CSVDelimiter'], DELIMITERS);
  checkOneOf(found, `${where}/ManifestType`, config['ManifestType'], MANIFEST_TYPES);
  checkOneOf(found, `${where}/Transformation`, config['Transformation'], TRANSFORMATIONS);
  checkTypes(found, where, config, 'STRING', ['ItemsPointer']);
  checkHeaders(found, `${where}/CSVHeaders`, config['CSVHeaders']);
  if (headers === 'GIVEN' && config['CSVHeaders'] === undefined) found.required(where, ['CSVHeaders']);
  checkQuantity(found, where, config, 'MaxItems', { min: 0 }, language);
}

function checkHeaders(found: Diagnostics, at: string, headers: Json | undefined): void {
  if (headers === undefined) return;
  if (!isJsonArray(headers)) found.type(at, 'ARRAY');
  else
    headers.forEach((header, index) => {
      if (typeof header !== 'string') found.type(`${at}[${index}]`, 'STRING');
    });
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
    found.type(at, 'OBJECT');
    return false;
  }
  const payload = language === 'JSONata' ? 'Arguments' : 'Parameters';
  checkKnown(found, at, value, ['Resource', payload, ...config]);
  const { Resource: resource } = value;
  const read = typeof resource === 'string' ? tryReadTaskResource(resource) : undefined;
  const known = read?.kind === 'service' && read.service === 's3' && actions.includes(read.action);
  if (resource !== undefined && !known)
    found.schema(`${at}/Resource`, "The field 'Resource' does not match any of the allowed values");
  const template = value[payload];
  if (template !== undefined) checkTemplate(found, `${at}/${payload}`, template, language);
  if (language === 'JSONPath') checkTypes(found, at, value, 'OBJECT', ['Parameters']);
  if (resource !== undefined && template === undefined) found.required(at, [payload]);
  return true;
}

function checkBatcher(found: Diagnostics, at: string, batcher: Json | undefined, language: QueryLanguage): void {
  if (batcher === undefined) return;
  if (!isJsonObject(batcher)) {
    found.type(at, 'OBJECT');
    return;
  }
  const limits = ['MaxItemsPerBatch', 'MaxInputBytesPerBatch'];
  checkKnown(found, at, batcher, [...limits, ...limits.map((limit) => `${limit}Path`), 'BatchInput']);
  checkQuantity(found, at, batcher, 'MaxItemsPerBatch', { min: 1 }, language);
  checkQuantity(found, at, batcher, 'MaxInputBytesPerBatch', { min: 1, max: 262_144 }, language);
  if (!limits.some((limit) => batcher[limit] !== undefined || batcher[`${limit}Path`] !== undefined))
    found.required(at, limits);
  const { BatchInput: input } = batcher;
  if (input !== undefined) checkTemplate(found, `${at}/BatchInput`, input, language);
}

function checkWriter(found: Diagnostics, at: string, writer: Json | undefined, language: QueryLanguage): void {
  if (writer === undefined || !checkIntegration(found, at, writer, ['WriterConfig'], ['putObject'], language)) return;
  const config = writer['WriterConfig'];
  const exports = config === undefined || writer['Parameters'] !== undefined || writer['Arguments'] !== undefined;
  if (exports && writer['Resource'] === undefined) found.required(at, ['Resource']);
  if (config === undefined) return;
  const where = `${at}/WriterConfig`;
  if (!isJsonObject(config)) {
    found.type(where, 'OBJECT');
    return;
  }
  checkKnown(found, where, config, ['Transformation', 'OutputType']);
  checkOneOf(found, `${where}/Transformation`, config['Transformation'], ['NONE', 'COMPACT', 'FLATTEN']);
  checkOneOf(found, `${where}/OutputType`, config['OutputType'], ['JSON', 'JSONL']);
}

/** Characters that a label can't hold: whitespace, wildcards, brackets, special and control characters. */
const LABEL_FORBIDDEN = /[\s?*<>{}[\]:;,\\|^~$#%&`"\p{Cc}]/u;
const MAX_LABEL = 40;

function checkLabel(found: Diagnostics, at: string, label: Json | undefined): void {
  if (label === undefined) return;
  if (typeof label !== 'string') {
    found.type(at, 'STRING');
    return;
  }
  if (label === '') found.schema(at, 'Label cannot be empty');
  if (label.length > MAX_LABEL) found.schema(at, `Label cannot exceed ${MAX_LABEL} characters`);
  const [forbidden] = LABEL_FORBIDDEN.exec(label) ?? [];
  if (forbidden !== undefined) found.schema(at, `Label contains invalid character: '${forbidden}'`);
}
