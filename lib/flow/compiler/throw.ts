import { type RenderedError, renderError } from '../language/workflow-error.js';
import type { Scope } from './scope.js';
import { Exit, type State } from './state.js';
import type { Thrown } from './thrown.js';

/**
 * Adds a Fail state and answers its name. The language can't catch a Fail state of the same level, so a `catch` around takes the state over (see
 * {@link interceptThrown}).
 */
export function addThrow(scope: Scope, wanted: string, thrown: Thrown, context: readonly string[] = []): string {
  const state = renderThrow(thrown);
  scope.throws.set(state, thrown);
  return scope.add(wanted, state, context);
}

/** Says that a Fail state which stands already, in a hand-written definition, throws an error as ours do. */
export function adoptThrow(scope: Scope, state: State): void {
  const name = readText(state['Error'], 'Error');
  const literal = tryLiteral(name);
  scope.throws.set(state, { name, cause: readText(state['Cause'], ''), ...(literal !== undefined && { literal }) });
}

/** The JSONata of a field of a definition. */
function readText(field: unknown, otherwise: string): string {
  if (typeof field !== 'string') return JSON.stringify(otherwise);
  return /^\{%([\s\S]*)%\}$/.exec(field)?.[1]?.trim() ?? JSON.stringify(field);
}

/** What JSONata gives that is no more than a text. */
function tryLiteral(expression: string): string | undefined {
  return /^"(?:[^"\\]|\\.)*"$/.test(expression) ? (JSON.parse(expression) as string) : undefined;
}

/** The Fail state that throws. */
export function renderThrow({ literal, name, cause }: Thrown): State {
  return { Type: 'Fail', Error: asField(literal, name), Cause: asField(tryLiteral(cause), cause) };
}

/** A text as it is, unless it has delimiters in it, which only an expression may. */
function asField(text: string | undefined, expression: string): string {
  return text === undefined || /\{%|%\}/.test(text) ? `{% ${expression} %}` : text;
}

/**
 * Turns a Fail state of ours into one that stores the error and leads on to a handler.
 *
 * @returns the way to the handler, or undefined where the handler isn't for this error
 */
export function interceptThrown(
  scope: Scope,
  name: string,
  state: State,
  errors: readonly string[],
  keep: (error: RenderedError) => { readonly Assign?: Record<string, unknown>; readonly Output?: unknown },
): Exit | undefined {
  const thrown = scope.throws.get(state)!;
  const all = errors.includes('States.ALL');
  if (!all && thrown.literal !== undefined && !covers(errors, thrown.literal)) return undefined;
  scope.throws.delete(state);
  delete state['Error'];
  delete state['Cause'];
  const kept = keep(renderError(thrown, thrown.at ?? name));
  const result = `{"Error": ${thrown.name}, "Cause": ${thrown.cause}}`;
  if (all || thrown.literal !== undefined) {
    Object.assign(state, { Type: 'Pass', ...kept });
    return Exit.ofState(state, result);
  }
  const rule = { Condition: `{% ${renderCovers(errors, thrown.name)} %}`, ...kept };
  Object.assign(state, { Type: 'Choice', Choices: [rule] });
  state['Default'] = addThrow(scope, `${name}: other`, thrown);
  return Exit.ofRule(state, rule);
}

const timeout = 'States.Timeout';

/** `States.TaskFailed` stands for every error but a time-out. */
function covers(errors: readonly string[], name: string): boolean {
  return errors.includes(name) || (errors.includes('States.TaskFailed') && name !== timeout);
}

function renderCovers(errors: readonly string[], name: string): string {
  const named = `(${name}) in ${JSON.stringify(errors)}`;
  return errors.includes('States.TaskFailed') ? `${named} or (${name}) != "${timeout}"` : named;
}
