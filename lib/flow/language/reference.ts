/**
 * The types of what a mapping callback receives and gives back. They exist only for the compiler: at synthesis a reference is a proxy that
 * records a path (see `expression.ts`), at run time it is JSONata.
 */

declare const valueType: unique symbol;

/** An expression that has a value of type `V` when the workflow runs, for example `` expr<number>`$sum(${prices})` ``. */
export interface Expr<out V> {
  readonly [valueType]: V;
}

type IsAny<V> = 0 extends 1 & V ? true : false;

type Members<V> = V extends readonly (infer Element)[]
  ? { readonly [index: number]: Ref<Element> }
  : V extends object
    ? { readonly [Key in keyof V]-?: Ref<V[Key]> }
    : unknown;

/**
 * A typed reference to a value that exists only when the workflow runs. Property and index access builds a path: `renditions[0].location`
 * renders to `{% $renditions[0].location %}` where `renditions` is known to be a list (a fan-out gave it), else to a choice, since `0` may be
 * a record's key. A value that may be missing (`T | null`) offers no members: pass it on whole, or settle it with {@link orElse}.
 */
export type Ref<V> = IsAny<V> extends true ? AnyRef : Expr<V> & Members<V>;

/** A reference into untyped data: every member exists, and it fits everywhere. */
// biome-ignore lint/suspicious/noExplicitAny: untyped data in, untyped data out
export type AnyRef = any;

type Scalar = string | number | boolean | bigint | symbol | null | undefined;

/**
 * What may stand where a value of type `V` is wanted: the value itself, an expression of that type, or an object or array literal that mixes both.
 * A field that may be undefined takes a reference that may be, and is left out where there is no value; every other field asks for {@link orElse}.
 */
export type Resolvable<V> =
  IsAny<V> extends true
    ? unknown
    : V extends Scalar
      ? Exclude<V, undefined> | Expr<Exclude<V, undefined>>
      : V | Expr<V> | ResolvableMembers<V>;

/** A list is not mapped member by member, but for a tuple: types may be recursive. */
type ResolvableMembers<V> = V extends readonly unknown[]
  ? number extends V['length']
    ? readonly Resolvable<V[number]>[]
    : { readonly [Key in keyof V]: Resolvable<V[Key]> }
  : { readonly [Key in keyof V]: Resolvable<V[Key]> | (undefined extends V[Key] ? Expr<V[Key]> : never) };
