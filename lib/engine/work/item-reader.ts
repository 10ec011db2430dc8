import { gunzipSync } from 'node:zlib';
import { parseCsv } from '../../asl/language/csv.js';
import { tryParseExactJson } from '../../asl/language/exact-json.js';
import { isJsonArray, isJsonObject, type Json, type JsonObject } from '../../asl/language/json.js';
import { StatesError } from '../../asl/language/states-error.js';
import type { ItemReaderPlan, MapSourceItem } from '../model/effects.js';
import type { ObjectStore } from '../model/objects.js';

/** Reads the items of a distributed Map from Amazon S3. Throws `States.ItemReaderFailed` when they can't be read. */
export async function readItems(
  plan: ItemReaderPlan,
  objects: ObjectStore | undefined,
): Promise<readonly MapSourceItem[]> {
  if (objects === undefined) throw failed('There is no Amazon S3 to read items from.');
  const items = plan.action === 'listObjectsV2' ? await listObjects(plan, objects) : await readObject(plan, objects);
  return items.length > plan.maxItems ? items.slice(0, plan.maxItems) : items;
}

function failed(cause: string): StatesError {
  return new StatesError('States.ItemReaderFailed', cause);
}

async function listObjects(
  { parameters, config }: ItemReaderPlan,
  objects: ObjectStore,
): Promise<readonly MapSourceItem[]> {
  const bucket = String(parameters['Bucket']);
  const prefix = typeof parameters['Prefix'] === 'string' ? parameters['Prefix'] : '';
  const found = await objects.list(bucket, prefix);
  if (found === undefined) throw noSuchBucket();
  if (config['Transformation'] === 'LOAD_AND_FLATTEN') {
    const all = await Promise.all(found.map(({ key }) => readKey(bucket, key, config, objects)));
    return all.flat();
  }
  return found.map(({ key, etag, size, lastModified, storageClass }) => ({
    value: {
      Etag: etag,
      Key: key,
      LastModified: Math.floor(lastModified / 1000),
      Size: size,
      StorageClass: storageClass ?? 'STANDARD',
    },
  }));
}

function readObject({ parameters, config }: ItemReaderPlan, objects: ObjectStore): Promise<readonly MapSourceItem[]> {
  return readKey(String(parameters['Bucket']), String(parameters['Key']), config, objects);
}

async function readKey(
  bucket: string,
  key: string,
  config: JsonObject,
  objects: ObjectStore,
): Promise<readonly MapSourceItem[]> {
  const body = await objects.get(bucket, key);
  if (body === undefined) throw failed('The specified key does not exist.');
  const text = decode(body, key);
  const read = READERS[String(config['InputType'] ?? 'JSON')];
  if (read === undefined) throw failed(`The input type ${config['InputType']} is not supported.`);
  return read(text, config, bucket, objects);
}

function noSuchBucket(): StatesError {
  return failed('The specified bucket does not exist');
}

function decode(body: Uint8Array, key: string): string {
  const bytes = Buffer.from(body);
  return (key.endsWith('.gz') && bytes[0] === 0x1f ? gunzipSync(bytes) : bytes).toString('utf8');
}

type Reader = (
  text: string,
  config: JsonObject,
  bucket: string,
  objects: ObjectStore,
) => readonly MapSourceItem[] | Promise<readonly MapSourceItem[]>;

const READERS: Readonly<Record<string, Reader>> = {
  JSON: (text, config) => readJson(text, config),
  JSONL: (text) =>
    text
      .split(/\r?\n/)
      .filter((line) => line.trim() !== '')
      .map((line) => ({ value: parse(line) })),
  CSV: (text, config) => readCsv(text, config),
  MANIFEST: (text, config, bucket, objects) => readManifest(text, config, bucket, objects),
};

function parse(text: string): Json {
  const value = tryParseExactJson(text);
  if (value === undefined) throw failed('Unable to parse JSON.');
  return value;
}

function readJson(text: string, config: JsonObject): readonly MapSourceItem[] {
  const value = followPointer(parse(text), config['ItemsPointer']);
  if (Array.isArray(value)) return (value as readonly Json[]).map((item) => ({ value: item }));
  throw failed('Attempting to map over non-iterable node.');
}

/** `ItemsPointer`: a JSON pointer to the list inside the document. */
function followPointer(document: Json, pointer: Json | undefined): Json {
  if (typeof pointer !== 'string' || pointer === '') return document;
  let value: Json | undefined = document;
  for (const part of pointer.split('/').slice(1)) {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
    if (Array.isArray(value)) value = (value as readonly Json[])[Number(name)];
    else value = isJsonObject(value) ? value[name] : undefined;
    if (value === undefined) throw failed(`ItemsPointer ${pointer} does not lead to a value.`);
  }
  return value;
}

const DELIMITERS: Readonly<Record<string, string>> = { COMMA: ',', PIPE: '|', SEMICOLON: ';', SPACE: ' ', TAB: '\t' };

function readCsv(text: string, config: JsonObject): readonly MapSourceItem[] {
  const delimiter = DELIMITERS[String(config['CSVDelimiter'] ?? 'COMMA')] ?? ',';
  const rows = parseCsv(text, delimiter);
  const given = config['CSVHeaderLocation'] === 'GIVEN';
  const headers = given ? (config['CSVHeaders'] as readonly string[]) : (rows[0] ?? []);
  if (new Set(headers).size < headers.length) throw failed('CSV headers cannot contain duplicates.');
  return (given ? rows : rows.slice(1)).map((row) => ({
    value: Object.fromEntries(headers.map((header, column) => [header, row[column] ?? ''])),
  }));
}

const INVALID_MANIFEST = 'Attempting to read an invalid manifest.';

/** An S3 Inventory manifest: the items are the rows of the CSV files that it lists. */
async function readManifest(
  text: string,
  config: JsonObject,
  bucket: string,
  objects: ObjectStore,
): Promise<readonly MapSourceItem[]> {
  if (config['ManifestType'] === 'ATHENA_DATA') return readAthenaManifest(text, config, objects);
  const manifest = parse(text);
  const entries = isJsonObject(manifest) ? manifest['files'] : undefined;
  if (!isJsonObject(manifest) || !isJsonArray(entries)) throw failed(INVALID_MANIFEST);
  const source = String(manifest['destinationBucket'] ?? bucket).replace(/^arn:[\w-]+:s3:::/, '');
  const headers = String(manifest['fileSchema'] ?? '')
    .split(',')
    .map((name) => name.trim());
  const files = entries.map((entry) => {
    const key = isJsonObject(entry) ? entry['key'] : undefined;
    if (typeof key !== 'string') throw failed(INVALID_MANIFEST);
    return key;
  });
  const rows = await Promise.all(
    files.map((key) =>
      readKey(source, key, { InputType: 'CSV', CSVHeaderLocation: 'GIVEN', CSVHeaders: headers }, objects),
    ),
  );
  return rows.flat();
}

/** A data manifest of Athena: one `s3://bucket/key` a line, each a file of the given input type. */
async function readAthenaManifest(
  text: string,
  config: JsonObject,
  objects: ObjectStore,
): Promise<readonly MapSourceItem[]> {
  const uris = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  const parts = await Promise.all(
    uris.map((uri) => {
      const match = /^s3:\/\/([^/]+)\/(.+)$/.exec(uri.trim());
      if (match === null) throw failed(`Attempting to read an invalid manifest: ${uri}`);
      const { ManifestType: _type, ...rest } = config;
      const [, bucket = '', key = ''] = match;
      return readKey(bucket, key, rest, objects);
    }),
  );
  return parts.flat();
}
