import { type Diagnostic, Diagnostics, type MachineContext } from '../language/diagnostics.js';
import { isJsonObject, type Json, type JsonObject } from '../language/json.js';
import { allowsField, knowsField, REQUIRED_FIELDS } from '../language/state-fields.js';
import { type QueryLanguage, STATE_TYPES, type StateType } from '../language/types.js';
import { checkChoice } from './validate-choice.js';
import { checkPath, checkReferencePath, checkTemplate } from './validate-expressions.js';
import { checkMap, processorOf } from './validate-map.js';
import { checkCatchers, checkFail, checkRetriers, checkTask, checkWait } from './validate-states.js';
import { checkVariables, variablesBefore } from './validate-variables.js';

const MACHINE_FIELDS = ['Comment', 'QueryLanguage', 'StartAt', 'States', 'TimeoutSeconds', 'Version'];
const BRANCH_FIELDS = ['Comment', 'StartAt', 'States', 'ProcessorConfig'];
const MAX_NAME = 80;
const NONE: ReadonlySet<string> = new Set();

/**
 * Checks a definition as AWS does when a state machine is created: structure, fields by state type and query language, transitions, expressions, and what
 * Express can't do. Gives what is wrong; an empty list when it can be run.
 */
export function validateDefinition(definition: Json | undefined, type: 'STANDARD' | 'EXPRESS'): readonly Diagnostic[] {
  if (!isJsonObject(definition)) {
    return [{ severity: 'ERROR', code: 'SCHEMA_VALIDATION_FAILED', message: 'Definition must be a valid JSON object' }];
  }
  const found = new Diagnostics();
  const language = readLanguage(found, '', definition['QueryLanguage']) ?? 'JSONPath';
  checkOnlyFields(found, '', definition, MACHINE_FIELDS);
  checkVersion(found, definition['Version']);
  const { TimeoutSeconds } = definition;
  if (TimeoutSeconds !== undefined && !isPositiveInteger(TimeoutSeconds)) {
    found.schema('/TimeoutSeconds', 'Value must be a positive integer');
  }
  checkBranch({ found, type, language, names: new Set(), outer: NONE, visible: NONE }, '', definition);
  return found.list;
}

/** Checks one state by itself, as TestState does: transitions lead out of it, so they are not followed. */
export function validateState(state: JsonObject, language: QueryLanguage): readonly Diagnostic[] {
  const found = new Diagnostics();
  checkState({ found, type: 'STANDARD', language, names: new Set(), outer: NONE, visible: NONE }, '', state);
  return found.list;
}

function checkVersion(found: Diagnostics, version: Json | undefined): void {
  if (version !== undefined && version !== '1.0') found.schema('/Version', "Value must be '1.0'");
}

function readLanguage(found: Diagnostics, location: string, language: Json | undefined): QueryLanguage | undefined {
  if (language === undefined || language === 'JSONPath' || language === 'JSONata') return language;
  found.schema(`${location}/QueryLanguage`, 'Value is not one of [JSONPath, JSONata]');
  return undefined;
}

function checkOnlyFields(found: Diagnostics, location: string, object: JsonObject, known: readonly string[]): void {
  for (const field of Object.keys(object)) {
    if (!known.includes(field)) found.unsupported(location, field);
  }
}

/** Checks a set of states with an entry: the machine, a branch, a Map's processor. */
function checkBranch(context: MachineContext, location: string, branch: JsonObject): void {
  const { found } = context;
  const missing = ['States', 'StartAt'].filter((field) => branch[field] === undefined);
  found.required(location, missing);
  const { States: states, StartAt: startAt } = branch;
  if (states === undefined) return;
  if (!isJsonObject(states) || Object.keys(states).length === 0) {
    found.schema(`${location}/States`, 'Value must be an object with at least one state');
    return;
  }
  const before = variablesBefore(states, startAt, context.language, context.outer);
  for (const [name, state] of Object.entries(states)) {
    const scope = { ...context, visible: before.get(name) ?? NONE };
    checkNamedState(scope, `${location}/States/${name}`, name, state);
  }
  checkTransitions(found, location, states, startAt);
  if (!Object.values(states).some(isTerminal)) found.workflow('MISSING_END_STATE', 'Workflow has no terminal state');
}

function checkNamedState(context: MachineContext, location: string, name: string, state: Json): void {
  const { found, names } = context;
  if (name.length > MAX_NAME) found.schema(location, `State name exceeds ${MAX_NAME} characters`);
  if (names.has(name)) found.error('DUPLICATE_STATE_NAME', location, `Duplicate State name: ${name}`);
  names.add(name);
  if (isJsonObject(state)) checkState(context, location, state);
  else found.schema(location, 'Value must be an object');
}

function checkState(context: MachineContext, location: string, state: JsonObject): void {
  const { found } = context;
  const type = STATE_TYPES.find((known) => known === state['Type']);
  if (state['Type'] === undefined) found.required(location, ['Type']);
  else if (type === undefined) found.schema(`${location}/Type`, `Value is not one of [${STATE_TYPES.join(', ')}]`);
  if (type === undefined) return;
  const own = readLanguage(found, location, state['QueryLanguage']);
  if (own === 'JSONPath' && context.language === 'JSONata') {
    found.schema(location, "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine");
  }
  const language = own ?? context.language;
  checkFields(found, location, state, type, language);
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
): void {
  found.required(
    location,
    REQUIRED_FIELDS[type].filter((field) => state[field] === undefined),
  );
  for (const field of Object.keys(state)) {
    if (allowsField(type, language, field)) continue;
    if (!knowsField(type, field)) found.unsupported(location, field);
    else
      found.schema(
        location,
        `The QueryLanguage is set to '${language}', but field '${field}' is only supported for the '${otherThan(language)}' QueryLanguage`,
      );
  }
}

function hasResult(type: StateType): boolean {
  return type === 'Task' || type === 'Parallel' || type === 'Map';
}

function otherThan(language: QueryLanguage): QueryLanguage {
  return language === 'JSONata' ? 'JSONPath' : 'JSONata';
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
  if (state['Assign'] !== undefined && !isJsonObject(state['Assign']))
    found.schema(`${location}/Assign`, 'Value must be an object');
  if (language === 'JSONata') return;
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
  const { Next: next, End: end } = state;
  if (end !== undefined && typeof end !== 'boolean') found.schema(`${location}/End`, 'Value must be a boolean');
  if (next === undefined && end !== true) found.schema(location, "Exactly one of 'Next' and 'End' is required");
  if (next !== undefined && end === true) found.schema(location, "'Next' and 'End' can not both be specified");
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
  checkOnlyFields(context.found, at, processor.value, BRANCH_FIELDS);
  // The children of a distributed Map are executions of their own: they see no variable of their parent.
  const config = processor.value['ProcessorConfig'];
  const distributed = config !== undefined && isJsonObject(config) && config['Mode'] === 'DISTRIBUTED';
  checkBranch({ ...context, outer: distributed ? NONE : context.visible }, at, processor.value);
}

function checkBranches(context: MachineContext, location: string, branches: Json | undefined): void {
  if (branches === undefined) return;
  if (!Array.isArray(branches) || branches.length === 0) {
    context.found.schema(`${location}/Branches`, 'Value must be a non-empty array');
    return;
  }
  (branches as readonly Json[]).forEach((branch, index) => {
    const at = `${location}/Branches[${index}]`;
    if (!isJsonObject(branch)) context.found.schema(at, 'Value must be an object');
    else {
      checkOnlyFields(context.found, at, branch, BRANCH_FIELDS);
      checkBranch({ ...context, outer: context.visible }, at, branch);
    }
  });
}

/** Every transition leads to a state of the same set, and every state can be reached. */
function checkTransitions(found: Diagnostics, location: string, states: JsonObject, startAt: Json | undefined): void {
  if (startAt === undefined) return;
  const reached = new Set<string>();
  const follow = (target: Json | undefined, from: string, field: string): void => {
    if (target === undefined) return;
    if (typeof target !== 'string') found.schema(from, 'Value must be a string');
    else if (Object.hasOwn(states, target)) reached.add(target);
    else found.error('MISSING_TRANSITION_TARGET', from, `Missing '${field}' target: ${target}`);
  };
  follow(startAt, `${location}/StartAt`, 'StartAt');
  for (const [name, state] of Object.entries(states)) {
    for (const { target, at, field } of transitionsOf(state)) follow(target, `${location}/States/${name}${at}`, field);
  }
  for (const name of Object.keys(states)) {
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
  readonly field: string;
}

function transitionsOf(state: Json): readonly Transition[] {
  if (!isJsonObject(state)) return [];
  const inside = (field: 'Choices' | 'Catch'): readonly Transition[] =>
    (Array.isArray(state[field]) ? (state[field] as readonly Json[]) : []).map((entry, index) => ({
      target: isJsonObject(entry) ? entry['Next'] : undefined,
      at: `/${field}[${index}]/Next`,
      field: 'Next',
    }));
  return [
    { target: state['Next'], at: '/Next', field: 'Next' },
    { target: state['Default'], at: '/Default', field: 'Default' },
    ...inside('Choices'),
    ...inside('Catch'),
  ];
}

function isPositiveInteger(value: Json): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value > 0;
}
