import { compileJsonataTemplate } from '../../asl/evaluate/jsonata.js';
import { compilePayloadTemplate, type Evaluator } from '../../asl/evaluate/payload-template.js';
import { exactJsonText } from '../../asl/language/exact-json.js';
import type { Json, JsonObject } from '../../asl/language/json.js';
import type { QueryScope } from '../../asl/language/scope.js';
import { runtimeError, StatesError } from '../../asl/language/states-error.js';
import { readTaskResource } from '../../asl/language/task-resource.js';
import type { QueryLanguage, StateDefinition } from '../../asl/language/types.js';
import type {
  DistributedPlan,
  ItemReaderPlan,
  MapIteration,
  MapSourceItem,
  ResultWriterPlan,
  Tolerance,
} from '../model/effects.js';
import { compileNumber } from './map-numbers.js';

type Iterate = (items: readonly MapSourceItem[]) => readonly MapIteration[];
type Compiled<T> = (scope: QueryScope) => T;

/** The most items a distributed Map reads. */
const MAX_ITEMS = 100_000_000;
/** The largest batch, in bytes: AWS's limit on a payload. */
const MAX_BATCH_BYTES = 262_144;

/** Compiles what only a distributed Map has: reader, batches, tolerated failures, writer. */
export function compileDistributed(
  name: string,
  definition: StateDefinition,
  language: QueryLanguage,
  config: JsonObject,
): (scope: QueryScope, iterate: Iterate) => DistributedPlan {
  const label = typeof definition['Label'] === 'string' ? definition['Label'] : name;
  const executionType = config['ExecutionType'] === 'EXPRESS' ? 'EXPRESS' : 'STANDARD';
  const tolerance = compileTolerance(definition, language);
  const reader = compileReader(definition['ItemReader'] as JsonObject | undefined, language);
  const batch = compileBatcher(definition['ItemBatcher'] as JsonObject | undefined, language);
  const writer = compileWriter(definition['ResultWriter'] as JsonObject | undefined, language);
  return (scope, iterate) => ({
    label,
    executionType,
    tolerance: () => tolerance(scope),
    plan: (items) => batch(scope, iterate(items)),
    batch: (iterations) => batch(scope, iterations),
    ...(reader !== undefined && { reader: () => reader(scope) }),
    ...(writer !== undefined && { writer: () => writer(scope) }),
  });
}

function compileTolerance(definition: StateDefinition, language: QueryLanguage): Compiled<Tolerance> {
  const count = compileNumber(definition, 'ToleratedFailureCount', language);
  const percentage = compileNumber(definition, 'ToleratedFailurePercentage', language, 'float');
  return (scope) => {
    const tolerated = { count: count?.(scope), percentage: percentage?.(scope) };
    if (tolerated.count !== undefined && tolerated.count < 0) {
      throw runtimeError('ToleratedFailureCount cannot be negative.');
    }
    if (tolerated.percentage !== undefined && !(tolerated.percentage >= 0 && tolerated.percentage <= 100)) {
      throw runtimeError('ToleratedFailurePercentage must be between 0 and 100.');
    }
    return {
      ...(tolerated.count !== undefined && { count: tolerated.count }),
      ...(tolerated.percentage !== undefined && { percentage: tolerated.percentage }),
    };
  };
}

function compileReader(reader: JsonObject | undefined, language: QueryLanguage): Compiled<ItemReaderPlan> | undefined {
  if (reader === undefined) return undefined;
  const resource = readTaskResource(String(reader['Resource']));
  const parameters = compilePayload(reader, language, 'ItemReader');
  const config = (reader['ReaderConfig'] ?? {}) as JsonObject;
  const maxItems = compileNumber(config, 'MaxItems', language);
  return (scope) => ({
    action: resource.kind === 'service' ? resource.action : resource.kind,
    parameters: parameters(scope) as JsonObject,
    config,
    maxItems: readMaxItems(maxItems?.(scope)),
  });
}

/** 0 stands for all items, as AWS has it. */
function readMaxItems(value: number | undefined): number {
  if (value === undefined || value === 0) return MAX_ITEMS;
  if (value < 0) throw new StatesError('States.ItemReaderFailed', 'field MaxItems must be positive');
  return Math.min(value, MAX_ITEMS);
}

function compilePayload(source: JsonObject, language: QueryLanguage, field: string): Evaluator {
  const template: Json = (language === 'JSONata' ? source['Arguments'] : source['Parameters']) ?? {};
  return language === 'JSONata'
    ? compileJsonataTemplate(template, `${field}/Arguments`)
    : compilePayloadTemplate(template);
}

function compileWriter(
  writer: JsonObject | undefined,
  language: QueryLanguage,
): Compiled<ResultWriterPlan> | undefined {
  if (writer === undefined) return undefined;
  const parameters = compilePayload(writer, language, 'ResultWriter');
  const { Transformation, OutputType } = (writer['WriterConfig'] ?? {}) as JsonObject;
  return (scope) => {
    const { Bucket, Prefix } = parameters(scope) as JsonObject;
    return {
      ...(typeof Bucket === 'string' && { bucket: Bucket }),
      ...(typeof Prefix === 'string' && { prefix: Prefix }),
      ...(typeof Transformation === 'string' && { transformation: Transformation }),
      ...(typeof OutputType === 'string' && { outputType: OutputType }),
    };
  };
}

type Batch = (scope: QueryScope, iterations: readonly MapIteration[]) => readonly MapIteration[];

function compileBatcher(batcher: JsonObject | undefined, language: QueryLanguage): Batch {
  if (batcher === undefined) return (_scope, iterations) => iterations;
  const maxItems = compileNumber(batcher, 'MaxItemsPerBatch', language);
  const maxBytes = compileNumber(batcher, 'MaxInputBytesPerBatch', language);
  const input = batcher['BatchInput'];
  const batchInput =
    input === undefined
      ? undefined
      : language === 'JSONata'
        ? compileJsonataTemplate(input, 'ItemBatcher/BatchInput')
        : compilePayloadTemplate(input);
  return (scope, iterations) =>
    cutIntoBatches(
      iterations,
      positive(maxItems?.(scope), 'MaxItemsPerBatch') ?? Number.POSITIVE_INFINITY,
      Math.min(positive(maxBytes?.(scope), 'MaxInputBytesPerBatch') ?? MAX_BATCH_BYTES, MAX_BATCH_BYTES),
      batchInput === undefined ? {} : { BatchInput: batchInput(scope) },
    );
}

function positive(value: number | undefined, field: string): number | undefined {
  if (value !== undefined && value <= 0) throw runtimeError(`${field} must be positive.`);
  return value;
}

/** Batches of at most `maxItems` items and `maxBytes` bytes of JSON; an item that is larger by itself makes a batch of its own. */
function cutIntoBatches(
  iterations: readonly MapIteration[],
  maxItems: number,
  maxBytes: number,
  head: JsonObject,
): readonly MapIteration[] {
  const batches: MapIteration[] = [];
  const headBytes = sizeOf({ ...head, Items: [] });
  let items: Json[] = [];
  let bytes = headBytes;
  const close = (): void => {
    if (items.length > 0) batches.push({ input: { ...head, Items: items }, count: items.length });
    items = [];
    bytes = headBytes;
  };
  for (const { input } of iterations) {
    const size = sizeOf(input) + 1;
    if (items.length >= maxItems || (items.length > 0 && bytes + size > maxBytes)) close();
    items.push(input);
    bytes += size;
  }
  close();
  return batches;
}

function sizeOf(value: Json): number {
  return Buffer.byteLength(exactJsonText(value));
}
