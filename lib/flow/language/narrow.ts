import { DurableStepsError } from '../../errors.js';
import { expr } from './expr.js';
import { tryExpression } from './expression.js';
import type { Expr, Ref } from './reference.js';

/** Members that tell the alternatives of a union apart, with the values of one of them. */
export type UnionPattern<V> = V extends object
  ? { readonly [Key in keyof V]?: V[Key] & (string | number | boolean | null) }
  : never;

/** The alternatives of a union that have these members. */
export type Matching<V, P> = V extends P ? V : never;

/**
 * Whether a value is the alternative of a union that has these members: a condition for `.choose`, where {@link narrow} then reads it as such.
 *
 * @example
 * .choose({
 *   when: ({ input }) => matches(input.payment, { kind: 'card' }),
 *   then: (f) => f.step('charge', chargeCard, ({ input }) => ({ number: narrow(input.payment, { kind: 'card' }).number })),
 * })
 */
export function matches<V, const P extends UnionPattern<V>>(reference: Expr<V>, pattern: P): Expr<boolean> {
  const entries = Object.entries(pattern);
  if (tryExpression(reference) === undefined || entries.length === 0) {
    throw new DurableStepsError('InvalidOption', {
      where: 'matches',
      expected: 'a reference, and one member at least that tells its alternatives apart',
      got: entries.length === 0 ? 'no member' : `\`${String(reference)}\``,
    });
  }
  const members = reference as unknown as Readonly<Record<string, unknown>>;
  return entries
    .map(([key, value]) => expr<boolean>`${members[key]} = ${value}`)
    .reduce((all, one) => expr<boolean>`${all} and ${one}`);
}

/**
 * The same value, read as the alternative of a union that has these members. It is a promise by the author, kept by a `.choose` with {@link matches} around it: nothing checks it here.
 */
export function narrow<V, const P extends UnionPattern<V>>(reference: Expr<V>, _pattern: P): Ref<Matching<V, P>> {
  return reference as Ref<Matching<V, P>>;
}
