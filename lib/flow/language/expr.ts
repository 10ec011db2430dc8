import { DurableStepsError } from '../../errors.js';
import { type Expression, makeExpression, tryExpression } from './expression.js';
import type { Expr, Resolvable } from './reference.js';
import { renderLiteral } from './template.js';

/**
 * JSONata by hand, for what paths and templates can't say: arithmetic, conditions, functions. References and plain values may be interpolated; plain values
 * become JSONata literals. The type parameter is a promise by the author: nothing checks it.
 *
 * @example
 * expr<string>`'Publish ' & ${input.location} & '?'`   // {% 'Publish ' & $states.context.Execution.Input.location & '?' %}
 */
export function expr<V = unknown>(strings: TemplateStringsArray, ...values: readonly unknown[]): Expr<V> {
  const label = `expr\`${strings.raw.join('${…}')}\``;
  const text: Expression['text'] = (at) =>
    strings.raw.reduce((before, part, index) => before + renderLiteral(values[index - 1], at, label) + part);
  return makeExpression<V>({ label, mayBeMissing: true, text }, values);
}

/**
 * The value of `reference`, or `fallback` where it is missing or null.
 *
 * @example
 * ({ input }) => ({ note: orElse(input.note, '') })   // {% $exists($states.context.Execution.Input.note) and $states.context.Execution.Input.note != null ? $states.context.Execution.Input.note : "" %}
 */
export function orElse<V, F>(
  reference: Expr<V> | undefined,
  fallback: Resolvable<F>,
): Expr<Exclude<V, null | undefined> | F> {
  const expression = tryExpression(reference);
  if (expression === undefined) {
    throw new DurableStepsError('InvalidOption', {
      where: 'orElse',
      expected: 'a reference or an `expr`',
      got: `\`${String(reference)}\``,
    });
  }
  const label = `orElse(${expression.label})`;
  const text: Expression['text'] = (at) => {
    const value = renderLiteral(reference, at, label);
    return `$exists(${value}) and ${value} != null ? ${value} : ${renderLiteral(fallback, at, label)}`;
  };
  return makeExpression({ label, text }, [reference, fallback]);
}
