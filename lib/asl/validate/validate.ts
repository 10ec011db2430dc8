import { type Diagnostic, Diagnostics, type MachineContext } from '../language/diagnostics.js';
import { isJsonObject, itemsOf, type Json, type JsonObject } from '../language/json.js';
import { exceedsJsonDepth } from '../language/json-size.js';
import { allowsField, knowsField, REQUIRED_FIELDS } from '../language/state-fields.js';
import { type QueryLanguage, STATE_TYPES, type StateType } from '../language/types.js';
import { checkChoice } from './validate-choice.js';
import { checkPath, checkReferencePath, checkTemplate } from './validate-expressions.js';
import { checkMap, processorOf } from './validate-map.js';
import {
  checkExclusive,
  checkKnown,
  checkNumber,
  checkObjects,
  checkOneOf,
  checkTypes,
  MAX_SECONDS,
} from './validate-members.js';
import { checkCatchers, checkFail, checkRetriers, checkTask, checkWait } from './validate-states.js';
import { checkVariables, variablesBefore } from './validate-variables.js';

const MACHINE_FIELDS = ['Comment', 'QueryLanguage', 'StartAt', 'States', 'TimeoutSeconds', 'Version'];
const BRANCH_FIELDS = ['Comment', 'StartAt', 'States', 'ProcessorConfig'];
const MAX_NAME = 80;

/** The longest text that Step Functions takes for a definition: https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachine.html */
export const MAX_DEFINITION_LENGTH = 1_048_576;
const NONE: ReadonlySet<string> = new Set();

/** What is said, alone, of a definition that is nested deeper than AWS reads: it can't be looked into. */
export const TOO_DEEPLY_NESTED: Diagnostic = {
  severity: 'ERROR',
  code: 'TOO_DEEPLY_NESTED',
  message: 'The states are too deeply nested',
};

/**
 * Checks a definition as AWS does when a state machine is created: structure, fields by state type and query language, transitions, expressions, and what
 * Express can't do. Gives what is wrong; an empty list when it can be run.
 */
export function validateDefinition(definition: Json | undefined, type: 'STANDARD' | 'EXPRESS'): readonly Diagnostic[] {
  if (exceedsJsonDepth(definition)) return [TOO_DEEPLY_NESTED];
  if (!isJsonObject(definition)) {
    return [{ severity: 'ERROR', code: 'SCHEMA_VALIDATION_FAILED', message: 'Definition must be a valid JSON object' }];
  }
  const found = new Diagnostics();
  const language = readLanguage(found, '', definition['QueryLanguage']) ?? 'JSONPath';
  checkKnown(found, '', definition, MACHINE_FIELDS);
  checkOneOf(found, '/Version', definition['Version'], ['1.0']);
  checkNumber(found, '/TimeoutSeconds', definition['TimeoutSeconds'], { min: 1, max: MAX_SECONDS }, 'JSONPath');
  checkBranch({ found, type, language, names: new Set(), outer: NONE, visible: NONE }, '', definition);
  return found.list;
}

/** Checks one state by itself, as TestState does: transitions lead out of it, so they are not followed. */
export function validateState(state: JsonObject, language: QueryLanguage): readonly Diagnostic[] {
  const found = new Diagnostics();
  checkState({ found, type: 'STANDARD', language, names: new Set(), outer: NONE, visible: NONE }, '', state);
  return found.list;
}

/** Whatever is written and isn't `JSONPath` is JSONata to AWS, also what it refuses as a language. */
function readLanguage(found: Diagnostics, location: string, language: Json | undefined): QueryLanguage | undefined {
  checkOneOf(found, `${location}/QueryLanguage`, language, ['JSONPath', 'JSONata']);
  if (language === undefined || language === 'JSONPath') return language;
  return 'JSONata';
}

/** Checks a set of states with an entry: the machine, a branch, a Map's processor. */
function checkBranch(context: MachineContext, location: string, branch: JsonObject): void {
  const { found } = context;
  const missing = ['States', 'StartAt'].filter((field) => branch[field] === undefined);
  found.required(location, missing);
  checkTypes(found, location, branch, 'STRING', ['Comment']);
  const { States: states, StartAt: startAt } = branch;
  if (states === undefined) return;
  if (!isJsonObject(states)) {
    found.type(`${location}/States`, 'OBJECT');
    return;
  }
  if (Object.keys(states).length === 0) {
    found.schema(`${location}/States`, 'Value cannot be empty');
    return;
  }
  const before = variablesBefore(states, startAt, context.language, context.outer);
  for (const [name, state] of Object.entries(states)) {
    const scope = { ...context, visible: before.get(name) ?? NONE };
    checkNamedState(scope, `${location}/States/${name}`, name, state);
  }
  const ends = Object.values(states).some(isTerminal);
  checkTransitions(found, location, states, startAt, ends);
  if (!ends) found.workflow('MISSING_END_STATE', 'Workflow has no terminal state');
}

function checkNamedState(context: MachineContext, location: string, name: string, state: Json): void {
  const { found, names } = context;
  if (name.length > MAX_NAME) found.schema(location, `State name exceeds ${MAX_NAME} characters`);
  if (names.has(name)) found.error('DUPLICATE_STATE_NAME', location, `Duplicate State name: ${name}`);
  names.add(name);
  if (isJsonObject(state)) checkState(context, location, state);
  else found.type(location, 'OBJECT');
}

function checkState(context: MachineContext, location: string, state: JsonObject): void {
  const { found } = context;
  const type = STATE_TYPES.find((known) => known === state['Type']);
  if (state['Type'] === undefined) found.required(location, ['Type']);
  else checkOneOf(found, `${location}/Type`, state['Type'], STATE_TYPES);
  if (type === undefined) return;
  const own = readLanguage(found, location, state['QueryLanguage']);
  const reverted = own === 'JSONPath' && context.language === 'JSONata';
  if (reverted)
    found.schema(location, "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine");
  const language = own ?? context.language;
  checkFields(found, location, state, type, language, reverted);
  checkDataFlow(found, location, state, type, language);
  checkVariables(found, location, state, language, context.outer);
  checkEnd(found, location, state, type);
  checkByType(context, location, state, type, language);
}

function checkFields(
  found: Diagnostics,
  location: string,
  state: JsonObject,
  type: StateType,
  language: QueryLanguage,
  ofAnyLanguage: boolean,
): void {
  checkTypes(found, location, state, 'STRING', ['Comment']);
  found.required(
    location,
    REQUIRED_FIELDS[type].filter((field) => state[field] === undefined),
  );
  for (const field of Object.keys(state)) {
    if (allowsField(type, language, field)) continue;
    if (!knowsField(type, field)) found.unsupported(location, field);
    else if (!ofAnyLanguage) found.unsupportedIn(language, location, field);
  }
}

function hasResult(type: StateType): boolean {
  return type === 'Task' || type === 'Parallel' || type === 'Map';
}

function checkDataFlow(
  found: Diagnostics,
  location: string,
  state: JsonObject,
  type: StateType,
  language: QueryLanguage,
): void {
  for (const field of ['Arguments', 'Output', 'Assign', 'Parameters', 'ResultSelector', 'ItemSelector']) {
    const template = state[field];
    const reads = hasResult(type) && (field === 'Output' || field === 'Assign') ? (['result'] as const) : [];
    if (template !== undefined) checkTemplate(found, `${location}/${field}`, template, language, reads);
  }
  checkTypes(found, location, state, 'OBJECT', ['Assign']);
  if (language === 'JSONata') return;
  // AWS takes any value for the other templates, its own schema of the language too, beyond what the specification says.
  checkTypes(found, location, state, 'OBJECT', ['ResultSelector']);
  for (const field of ['InputPath', 'OutputPath', 'ItemsPath']) {
    const path = state[field];
    if (path !== undefined && path !== null) checkPath(found, `${location}/${field}`, path);
  }
  const resultPath = state['ResultPath'];
  if (resultPath !== undefined && resultPath !== null && type !== 'Choice') {
    checkReferencePath(found, `${location}/ResultPath`, resultPath);
  }
}

/** Exactly one of Next and End, where a state has either. */
function checkEnd(found: Diagnostics, location: string, state: JsonObject, type: StateType): void {
  if (type === 'Choice' || type === 'Succeed' || type === 'Fail') return;
  checkTypes(found, location, state, 'BOOLEAN', ['End']);
  const { End: end, ...others } = state;
  // `"End": false` says nothing.
  checkExclusive(found, location, end === false ? others : state, ['Next', 'End'], true);
}

function checkByType(
  context: MachineContext,
  location: string,
  state: JsonObject,
  type: StateType,
  language: QueryLanguage,
): void {
  const { found } = context;
  if (state['Retry'] !== undefined) checkRetriers(found, `${location}/Retry`, state['Retry']);
  if (state['Catch'] !== undefined) checkCatchers(found, `${location}/Catch`, state['Catch'], language);
  switch (type) {
    case 'Task':
      checkTask(context, location, state, language);
      break;
    case 'Choice':
      checkChoice(found, location, state, language);
      break;
    case 'Wait':
      checkWait(found, location, state, language);
      break;
    case 'Fail':
      checkFail(found, location, state, language);
      break;
    case 'Parallel':
      checkBranches(context, location, state['Branches']);
      break;
    case 'Map':
      checkMap(context, location, state, language);
      checkProcessor(context, location, state);
      break;
    case 'Pass':
    case 'Succeed':
  }
}

function checkProcessor(context: MachineContext, location: string, state: JsonObject): void {
  const processor = processorOf(state);
  if (processor === undefined) return;
  const at = `${location}/${processor.field}`;
  checkKnown(context.found, at, processor.value, BRANCH_FIELDS);
  // The children of a distributed Map are executions of their own: they see no variable of their parent.
  const config = processor.value['ProcessorConfig'];
  const { Mode: mode, ExecutionType: type } = config !== undefined && isJsonObject(config) ? config : {};
  const inner: MachineContext =
    mode === 'DISTRIBUTED'
      ? { ...context, outer: NONE, type: type === 'EXPRESS' ? 'EXPRESS' : 'STANDARD' }
      : { ...context, outer: context.visible };
  checkBranch(inner, at, processor.value);
}

function checkBranches(context: MachineContext, location: string, branches: Json | undefined): void {
  if (branches === undefined) return;
  for (const { at, entry } of checkObjects(context.found, `${location}/Branches`, branches, 1)) {
    checkKnown(context.found, at, entry, BRANCH_FIELDS);
    checkBranch({ ...context, outer: context.visible }, at, entry);
  }
}

/** Every transition leads to a state of the same set, and every state can be reached (which AWS doesn't ask where there is no end). */
function checkTransitions(
  found: Diagnostics,
  location: string,
  states: JsonObject,
  startAt: Json | undefined,
  ends: boolean,
): void {
  if (startAt === undefined) return;
  const reached = new Set<string>();
  const follow = (target: Json | undefined, from: string): void => {
    if (target === undefined) return;
    if (typeof target !== 'string') found.type(from, 'STRING');
    else if (Object.hasOwn(states, target)) reached.add(target);
    // AWS says 'Next' for whatever field it is.
    else found.error('MISSING_TRANSITION_TARGET', from, `Missing 'Next' target: ${target}`);
  };
  follow(startAt, `${location}/StartAt`);
  for (const [name, state] of Object.entries(states)) {
    for (const { target, at } of transitionsOf(state)) follow(target, `${location}/States/${name}${at}`);
  }
  for (const name of ends ? Object.keys(states) : []) {
    if (!reached.has(name))
      found.error('MISSING_TRANSITION_TARGET', `${location}/States/${name}`, `State "${name}" is not reachable.`);
  }
}

/** Whether an execution can end in this state. */
function isTerminal(state: Json): boolean {
  return isJsonObject(state) && (state['End'] === true || state['Type'] === 'Succeed' || state['Type'] === 'Fail');
}

interface Transition {
  readonly target: Json | undefined;
  readonly at: string;
}

function transitionsOf(state: Json): readonly Transition[] {
  if (!isJsonObject(state)) return [];
  const inside = (field: 'Choices' | 'Catch'): readonly Transition[] =>
    itemsOf(state[field]).map((entry, index) => ({
      target: isJsonObject(entry) ? entry['Next'] : undefined,
      at: `/${field}[${index}]/Next`,
    }));
  return [
    { target: state['Next'], at: '/Next' },
    { target: state['Default'], at: '/Default' },
    ...inside('Choices'),
    ...inside('Catch'),
  ];
}
