import type { Expr } from './reference.js';

/** The value that a template has once its references are resolved. */
export type Resolved<T> = 0 extends 1 & T
  ? T
  : T extends Expr<infer V>
    ? unknown extends V
      ? ResolvedMembers<T>
      : V
    : ResolvedMembers<T>;
type ResolvedMembers<T> = T extends object ? { readonly [Key in keyof T]: Resolved<T[Key]> } : T;
