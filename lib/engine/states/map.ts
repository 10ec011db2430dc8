import { compileDataFlow, type DataFlow } from '../../asl/evaluate/data-flow.js';
import { PathNotFound } from '../../asl/evaluate/json-path/json-path.js';
import { compileJsonataTemplate, tryJsonataText, unexpectedType } from '../../asl/evaluate/jsonata.js';
import { compilePayloadTemplate, type Evaluator } from '../../asl/evaluate/payload-template.js';
import { Reference } from '../../asl/evaluate/reference.js';
import { exactJsonText } from '../../asl/language/exact-json.js';
import type { Json, JsonObject } from '../../asl/language/json.js';
import type { QueryScope } from '../../asl/language/scope.js';
import { queryError, runtimeError } from '../../asl/language/states-error.js';
import type { QueryLanguage, StateDefinition } from '../../asl/language/types.js';
import type { MapIteration, MapSourceItem } from '../model/effects.js';
import { effectiveInput, leave, nextOf } from '../model/exit.js';
import type { MapItemContext } from '../model/map-item.js';
import type { StateBehaviour } from '../model/program.js';
import type { StateSource } from '../model/state-source.js';
import type { Thread } from '../model/thread.js';
import { compileDistributed } from './map-distributed.js';
import { compileNumber } from './map-numbers.js';

/** Map: runs its processor once for each item, inline or as child executions (distributed). */
export function compileMap({ name, definition, language, compileBranch }: StateSource): StateBehaviour {
  const flow = compileDataFlow(definition, language);
  const next = nextOf(definition);
  const processorSource = (definition['ItemProcessor'] ?? definition['Iterator']) as JsonObject;
  const processor = compileBranch(processorSource);
  const config = (processorSource['ProcessorConfig'] ?? {}) as JsonObject;
  const readItems = definition['ItemReader'] === undefined ? compileItems(definition, language) : undefined;
  const select = compileItemSelector(definition, language);
  const maxConcurrency = compileNumber(definition, 'MaxConcurrency', language);
  const distributed =
    config['Mode'] === 'DISTRIBUTED' ? compileDistributed(name, definition, language, config) : undefined;
  return {
    inner: [processor],
    enter: (thread) => {
      const input = effectiveInput(thread, flow);
      const scope = thread.scope(input);
      const items = readItems?.(scope);
      const iterate = (source: readonly MapSourceItem[]) => selectItems(thread, input, select, source);
      return {
        kind: 'map',
        plan: {
          length: items?.length ?? 0,
          maxConcurrency: maxConcurrency?.(scope) ?? 0,
          iterations: () => iterate(items ?? []),
          ...(distributed !== undefined && { distributed: distributed(scope, iterate) }),
        },
      };
    },
    resume: (thread, result) => leaveMap(thread, flow, result, next),
  };
}

function leaveMap(thread: Thread, flow: DataFlow, result: Json, next: string | undefined) {
  return leave(thread, flow, result, next, result);
}

function compileItems(
  definition: StateDefinition,
  language: QueryLanguage,
): (scope: QueryScope) => readonly MapSourceItem[] {
  return language === 'JSONata' ? compileJsonataItems(definition['Items']) : compileItemsPath(definition['ItemsPath']);
}

function compileJsonataItems(items: Json | undefined): (scope: QueryScope) => readonly MapSourceItem[] {
  const expression = tryJsonataText(items);
  const evaluate = items === undefined ? undefined : compileJsonataTemplate(items, 'Items');
  return (scope) => {
    const value = evaluate === undefined ? scope.input : evaluate(scope);
    if (Array.isArray(value)) return (value as readonly Json[]).map((item) => ({ value: item }));
    if (expression === undefined) throw queryError(`Map state input must be an array but was: ${exactJsonText(value)}`);
    throw unexpectedType(expression, 'Items', 'array', value);
  };
}

function compileItemsPath(path: Json | undefined): (scope: QueryScope) => readonly MapSourceItem[] {
  const text = typeof path === 'string' ? path : '$';
  const reference = Reference.parse(text);
  return (scope) => {
    const value = reference.read(scope);
    if (value instanceof PathNotFound) throw runtimeError(`Invalid path '${text}' : ${value.reason}`);
    if (Array.isArray(value)) return (value as readonly Json[]).map((item) => ({ value: item }));
    throw runtimeError(`Reference path "${text.replace(/^\$\$/, '$')}" must point to array.`);
  };
}

function compileItemSelector(definition: StateDefinition, language: QueryLanguage): Evaluator | undefined {
  const selector = definition['ItemSelector'] ?? definition['Parameters'];
  if (selector === undefined) return undefined;
  return language === 'JSONata' ? compileJsonataTemplate(selector, 'ItemSelector') : compilePayloadTemplate(selector);
}

/** The iterations of a list of items: the selector sees the state's input, and the item in the context object. */
function selectItems(
  thread: Thread,
  input: Json,
  select: Evaluator | undefined,
  source: readonly MapSourceItem[],
): readonly MapIteration[] {
  const scope = thread.scope(input);
  const context = select === undefined ? undefined : thread.context();
  return source.map(({ value, key }, index) => {
    const item: MapItemContext = { Index: index, Value: value, ...(key !== undefined && { Key: key }) };
    if (select === undefined) return { input: value, item, count: 1 };
    return { input: select(new ItemScope(scope, { ...context, Map: { Item: item } })), item, count: 1 };
  });
}

class ItemScope implements QueryScope {
  constructor(
    private readonly outer: QueryScope,
    readonly context: JsonObject,
  ) {}

  get input() {
    return this.outer.input;
  }

  get variables() {
    return this.outer.variables;
  }

  get sources() {
    return this.outer.sources;
  }
}
