import type { Expr } from './reference.js';

type IsAny<T> = 0 extends 1 & T ? true : false;

/** The value that a template has once its references are resolved. A member that may be undefined may be left out. */
export type Resolved<T> =
  IsAny<T> extends true
    ? T
    : T extends Expr<infer V>
      ? unknown extends V
        ? ResolvedMembers<T>
        : V
      : ResolvedMembers<T>;

type ResolvedMembers<T> = T extends readonly unknown[]
  ? { readonly [Key in keyof T]: Resolved<T[Key]> }
  : T extends object
    ? [KeysLeftOut<T>] extends [never]
      ? { readonly [Key in keyof T]: Resolved<T[Key]> }
      : Flat<
          { readonly [Key in Exclude<keyof T, KeysLeftOut<T>>]: Resolved<T[Key]> } & {
            readonly [Key in KeysLeftOut<T>]?: Exclude<Resolved<T[Key]>, undefined>;
          }
        >
    : T;

type KeysLeftOut<T> = { [Key in keyof T]-?: MayBeMissing<T[Key]> extends true ? Key : never }[keyof T];

type Flat<T> = { [Key in keyof T]: T[Key] };

type MayBeMissing<T> =
  IsAny<T> extends true
    ? false
    : T extends Expr<infer V>
      ? unknown extends V
        ? false
        : undefined extends V
          ? true
          : false
      : false;

/** How deep a template is looked into: plain values in it may be of recursive types. */
type Deepest = 5;

/** Where a template would have no value: alone and in a list nothing can be left out. */
type Missing<T, Path extends string, Depth extends readonly 0[]> =
  IsAny<T> extends true
    ? never
    : Depth['length'] extends Deepest
      ? never
      : T extends Expr<unknown>
        ? true extends MayBeMissing<T>
          ? `\`${Path}\` may be undefined: settle it with orElse()`
          : never
        : T extends readonly (infer Element)[]
          ? Missing<Element, `${Path}[]`, readonly [...Depth, 0]>
          : T extends object
            ? {
                [Key in keyof T & string]-?: true extends MayBeMissing<T[Key]>
                  ? never
                  : Missing<T[Key], `${Path}.${Key}`, readonly [...Depth, 0]>;
              }[keyof T & string]
            : never;

/** A bound for a template: anything where every place has a value or can be left out, else the reason, which the compiler shows. */
export type NothingMissing<T, Path extends string> = [Missing<T, Path, []>] extends [never]
  ? unknown
  : Missing<T, Path, []>;
