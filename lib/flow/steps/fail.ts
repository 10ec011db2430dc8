import { DurableStepsError } from '../../errors.js';
import type { ScopedStep, ScopeMapping } from '../compiler/scoped-step.js';
import type { Fragment } from '../compiler/state.js';
import type { Site, Step } from '../compiler/step.js';
import { addThrow } from '../compiler/throw.js';
import type { AnyMapping } from '../language/expression.js';
import type { Resolvable } from '../language/reference.js';
import { renderLiteral } from '../language/template.js';

/** A text of {@link fail}: as it is, or from the values known where it stands. */
type Text<S> = string | ((scope: S) => Resolvable<string>);

/**
 * Fails with an error of your own, as a handler that throws: a `catch` handles it, a saga is undone, a `finally` runs; uncaught, it is the error of the instance. One Fail
 * state, or none where something handles it right there. Nothing comes out of it, so that it stands at the end of a branch or of the flow.
 *
 * @param name the error's name, which `catch` and `retry` match
 * @param message what a person should read
 * @example .choose({ when: ({ stock }) => expr<boolean>`${stock.left} = 0`, then: fail('SoldOut', 'nothing is left') })
 * @example .step('reject', fail('Rejected', ({ review }) => expr<string>`'by ' & ${review.by}`))
 * @throws DurableStepsError `InvalidOption` for a name that is empty
 */
export function fail(name: string, message: string): Step<unknown, never>;
export function fail<S>(name: Text<S>, message: Text<S>): ScopedStep<S, never>;
export function fail<S>(name: Text<S>, message: Text<S>): Step<unknown, never> | ScopedStep<S, never> {
  for (const [option, text] of Object.entries({ name, message })) checkText(option, text);
  const stepName = typeof name === 'string' ? name : 'Fail';
  if (typeof name === 'string' && typeof message === 'string') {
    return { stepName, compile: (site) => compileFail(site, JSON.stringify(name), JSON.stringify(message), name) };
  }
  return { stepName, compileScoped: (site, map) => compileScoped(site, map, { name, message }) };
}

function checkText(option: string, text: unknown): void {
  if (typeof text === 'function' || (typeof text === 'string' && (text !== '' || option === 'message'))) return;
  throw new DurableStepsError('InvalidOption', {
    where: `fail.${option}`,
    expected: 'a text, or a callback that gives one',
    got: `\`${String(text)}\``,
  });
}

function compileScoped<S>(
  site: Site,
  map: ScopeMapping,
  { name, message }: { readonly name: Text<S>; readonly message: Text<S> },
): Fragment {
  const render = (option: string, text: AnyMapping | string) =>
    typeof text === 'string'
      ? JSON.stringify(text)
      : `$string(${renderLiteral(map(option, text), site.scope.position(), `${site.name}.${option}`)})`;
  const literal = typeof name === 'string' ? name : undefined;
  return compileFail(site, render('name', name), render('message', message), literal);
}

function compileFail(site: Site, name: string, cause: string, literal: string | undefined): Fragment {
  const thrown = { name, cause, ...(literal !== undefined && { literal }) };
  return { start: addThrow(site.scope, site.name, thrown, site.context), exits: [] };
}
