import type { Diagnostics } from '../language/diagnostics.js';
import { isJsonArray, isJsonObject, type Json, type JsonObject } from '../language/json.js';
import type { QueryLanguage } from '../language/types.js';

const MAX_NAME = 80;

/** A Unicode identifier, as the specification has it: no digit and no underscore at its start, no path. */
const IDENTIFIER = /^\p{ID_Start}\p{ID_Continue}*$/u;

/** Checks the names to which a state assigns; `outer` are those that the scopes around it have assigned by then. */
export function checkVariables(
  found: Diagnostics,
  location: string,
  state: JsonObject,
  language: QueryLanguage,
  outer: ReadonlySet<string>,
): void {
  for (const { at, assign } of assignmentsOf(state)) {
    for (const field of Object.keys(assign))
      checkName(found, `${location}${at}/${field}`, nameOf(field, language), outer);
  }
}

function checkName(found: Diagnostics, location: string, name: string, outer: ReadonlySet<string>): void {
  const invalid = (reason: string) =>
    found.error('INVALID_VARIABLE_NAME', location, `Invalid variable name '${name}': ${reason}.`);
  if (name === 'states')
    found.error('RESERVED_VARIABLE_NAME', location, "Cannot assign to reserved variable '$states'.");
  else if (!IDENTIFIER.test(name)) invalid('the variable name contains invalid characters');
  else if ([...name].length > MAX_NAME) invalid(`the variable name exceeds ${MAX_NAME} characters`);
  else if (outer.has(name))
    found.error(
      'DUPLICATE_VARIABLE_NAME',
      location,
      `The variable name '${name}' was already defined in a parent scope.`,
    );
}

/**
 * By state, the variables that can have a value when it is entered: those around, and what was assigned on some way to it. Empty where no state has a
 * scope inside, which alone needs to know.
 */
export function variablesBefore(
  states: JsonObject,
  startAt: Json | undefined,
  language: QueryLanguage,
  outer: ReadonlySet<string>,
): ReadonlyMap<string, ReadonlySet<string>> {
  const before = new Map<string, Set<string>>();
  if (typeof startAt !== 'string' || !Object.hasOwn(states, startAt)) return before;
  if (!Object.values(states).some(hasInnerScope)) return before;
  before.set(startAt, new Set(outer));
  const waiting = [startAt];
  for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
    for (const { next, variables } of waysOut(states[name]!, language)) {
      if (!Object.hasOwn(states, next)) continue;
      const known = before.get(next);
      const arriving = new Set([...(known ?? []), ...before.get(name)!, ...variables]);
      if (arriving.size === known?.size) continue;
      before.set(next, arriving);
      waiting.push(next);
    }
  }
  return before;
}

function hasInnerScope(state: Json): boolean {
  return isJsonObject(state) && (state['Type'] === 'Map' || state['Type'] === 'Parallel');
}

interface WayOut {
  readonly next: string;
  readonly variables: readonly string[];
}

function waysOut(state: Json, language: QueryLanguage): readonly WayOut[] {
  if (!isJsonObject(state)) return [];
  const own = state['QueryLanguage'] === 'JSONata' ? 'JSONata' : language;
  const way = (next: Json | undefined, assigner: JsonObject): readonly WayOut[] => {
    if (typeof next !== 'string') return [];
    const variables = assignment('', assigner).flatMap(({ assign }) => Object.keys(assign));
    return [{ next, variables: variables.map((field) => nameOf(field, own)) }];
  };
  const entries = [...entriesOf(state['Choices']), ...entriesOf(state['Catch'])].filter(isJsonObject);
  return [
    ...way(state['Next'], state),
    ...way(state['Default'], state),
    ...entries.flatMap((entry) => way(entry['Next'], entry)),
  ];
}

interface Assignment {
  readonly at: string;
  readonly assign: JsonObject;
}

/** A state assigns when it ends, when a rule of it applies, when it catches an error. */
function assignmentsOf(state: JsonObject): readonly Assignment[] {
  return [
    ...assignment('/Assign', state),
    ...entriesOf(state['Choices']).flatMap((rule, index) => assignment(`/Choices[${index}]/Assign`, rule)),
    ...entriesOf(state['Catch']).flatMap((catcher, index) => assignment(`/Catch[${index}]/Assign`, catcher)),
  ];
}

function entriesOf(entries: Json | undefined): readonly Json[] {
  return isJsonArray(entries) ? entries : [];
}

function assignment(at: string, holder: Json): readonly Assignment[] {
  const assign = isJsonObject(holder) ? holder['Assign'] : undefined;
  return assign !== undefined && isJsonObject(assign) ? [{ at, assign }] : [];
}

/** In JSONPath, `name.$` assigns the value of a path to `name`. */
function nameOf(field: string, language: QueryLanguage): string {
  return language === 'JSONPath' && field.endsWith('.$') ? field.slice(0, -2) : field;
}
