import { compileDataFlow, compileJsonPathStages } from '../../asl/evaluate/data-flow.js';
import { exactJsonText } from '../../asl/language/exact-json.js';
import type { Json } from '../../asl/language/json.js';
import { StatesError } from '../../asl/language/states-error.js';
import type { QueryLanguage, StateDefinition } from '../../asl/language/types.js';
import type { InspectionData } from '../model/api.js';
import type { MapPlan } from '../model/effects.js';
import type { Frame } from '../model/frame.js';

type Data = { -readonly [K in keyof InspectionData]: InspectionData[K] };

const text = (value: Json): string => exactJsonText(value);

/**
 * What TestState tells of the way through a state: each step of the data flow that the state has, as far as it got.
 */
export function inspectEntry(frame: Frame, definition: StateDefinition, language: QueryLanguage): InspectionData {
  const data: Data = { input: text(frame.input) };
  if (Object.keys(frame.variables.all()).length > 0) data.variables = text(frame.variables.all());
  try {
    if (language === 'JSONata') inspectArguments(data, frame, definition);
    else inspectInput(data, frame, definition);
  } catch (error) {
    // The state itself fails for the same reason, and reports it; what came before is still told.
    if (!(error instanceof StatesError)) throw error;
  }
  return data;
}

function inspectArguments(data: Data, frame: Frame, definition: StateDefinition): void {
  if (definition.Type !== 'Task' || definition['Arguments'] === undefined) return;
  const flow = compileDataFlow(definition, 'JSONata', { payload: 'Arguments' });
  data.afterArguments = text(flow.input(frame.scope(), (input) => frame.scope(input)));
}

function inspectInput(data: Data, frame: Frame, definition: StateDefinition): void {
  const type = definition.Type;
  if (type === 'Parallel' || (type === 'Pass' && definition['Result'] !== undefined)) return;
  const { inputPath, payload } = compileJsonPathStages(definition, 'Parameters');
  const input = inputPath === undefined ? frame.input : inputPath(frame.scope());
  data.afterInputPath = text(input);
  if (type !== 'Pass' && type !== 'Task') return;
  data.afterParameters = text(payload === undefined ? input : payload(frame.scope(input)));
}

/** What a Map planned: its items and its limits. */
export function inspectMap(plan: MapPlan, definition: StateDefinition, language: QueryLanguage): InspectionData {
  const data: Data = { maxConcurrency: plan.maxConcurrency };
  const tolerance = plan.distributed?.tolerance();
  if (tolerance?.count !== undefined) data.toleratedFailureCount = tolerance.count;
  if (tolerance?.percentage !== undefined) data.toleratedFailurePercentage = tolerance.percentage;
  if (language === 'JSONPath' && definition['ItemReader'] === undefined) {
    const iterations = plan.iterations();
    data.afterItemsPath = text(iterations.map(({ item }) => item?.Value ?? null));
    if (definition['ItemSelector'] !== undefined) data.afterItemSelector = text(iterations.map(({ input }) => input));
  }
  return data;
}

/** What became of a result: shaped, and put into the input. */
export function inspectResult(
  frame: Frame,
  definition: StateDefinition,
  language: QueryLanguage,
  result: Json,
): InspectionData {
  const type = definition.Type;
  const data: Data = {};
  if (type === 'Task' || (type === 'Pass' && definition['Result'] !== undefined)) data.result = text(result);
  if (language === 'JSONata' || type === 'Choice' || type === 'Wait' || type === 'Succeed') return data;
  const { resultSelector, resultPath } = compileJsonPathStages(definition);
  const selected = resultSelector === undefined ? result : resultSelector(frame.scope(result));
  data.afterResultSelector = text(selected);
  data.afterResultPath = text(resultPath(frame.input, selected));
  return data;
}
