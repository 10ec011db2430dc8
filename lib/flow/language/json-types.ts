/**
 * What JSON does to types. Everything that a flow passes on travels as JSON: values that don't survive it are refused by the compiler, with the path of the field.
 */

type IsAny<V> = 0 extends 1 & V ? true : false;

/** How deep types are looked into: recursive ones have no end. */
type Deepest = 7;

type Scalar = string | number | boolean | null | undefined;

/** Values that `JSON.stringify` makes something else of, and what to say instead. */
type LossOf<V> = V extends bigint
  ? 'a bigint, which JSON can’t hold: use a string'
  : V extends symbol
    ? 'a symbol, which JSON leaves out'
    : V extends Date
      ? 'a Date, which arrives as a text: use a string, made by toISOString()'
      : V extends ReadonlyMap<infer _K, infer _V>
        ? 'a Map, which arrives as {}: use a record, made by Object.fromEntries()'
        : V extends ReadonlySet<infer _E>
          ? 'a Set, which arrives as {}: use a list'
          : V extends RegExp | Error | Promise<unknown> | WeakMap<object, unknown> | WeakSet<object>
            ? 'an object that arrives as {}: use a plain one'
            : V extends ArrayBuffer | ArrayBufferView
              ? 'binary data, which JSON can’t hold: use a string in base64, or an object in Amazon S3'
              : V extends (...args: never) => unknown
                ? 'a function, which JSON leaves out: use a plain object, no instance of a class'
                : never;

/**
 * Why JSON doesn't keep a value of type `V`, with the path of each field that it doesn't keep; `never` for a type that it keeps.
 *
 * @example
 * JsonLoss<{ readonly at: Date }, 'input'>   // '`input.at` is a Date, which arrives as a text: use a string, made by toISOString()'
 */
export type JsonLoss<V, Path extends string, Depth extends readonly 0[] = []> =
  IsAny<V> extends true
    ? never
    : unknown extends V
      ? never
      : Depth['length'] extends Deepest
        ? never
        : V extends Scalar
          ? never
          : [LossOf<V>] extends [never]
            ? V extends readonly unknown[]
              ? ListLoss<V, Path, Depth>
              : V extends object
                ? { [Key in keyof V & (string | number)]-?: FieldLoss<V, Key, `${Path}.${Key}`, Depth> }[keyof V &
                    (string | number)]
                : never
            : `\`${Path}\` is ${LossOf<V>}`;

type FieldLoss<V, Key extends keyof V, Path extends string, Depth extends readonly 0[]> = [V[Key]] extends [never]
  ? never
  : [V[Key]] extends [undefined]
    ? // biome-ignore lint/complexity/noBannedTypes: the way to ask whether a field is optional
      {} extends Pick<V, Key>
      ? never
      : `\`${Path}\` is always undefined, which JSON leaves out: leave it out, or use null`
    : JsonLoss<V[Key], Path, readonly [...Depth, 0]>;

type ListLoss<V extends readonly unknown[], Path extends string, Depth extends readonly 0[]> =
  | JsonLoss<V[number], `${Path}[]`, readonly [...Depth, 0]>
  | (number extends V['length']
      ? IsAny<V[number]> extends true
        ? never
        : unknown extends V[number]
          ? never
          : undefined extends V[number]
            ? `\`${Path}[]\` may be undefined, which arrives as null in a list: use null`
            : never
      : never);

/** A bound for type parameters: anything for a type that JSON keeps, else the reason, which the compiler shows. */
export type KeptByJson<V, Path extends string> = [JsonLoss<V, Path>] extends [never] ? unknown : JsonLoss<V, Path>;

/**
 * What may be handed over where a `V` is taken. Data is copied on its way, so a readonly list fits where a handler takes one that it may change.
 */
export type TakenAs<V> = IsAny<V> extends true ? V : Frozen<V> extends V ? V : Frozen<V>;

type Frozen<V> =
  IsAny<V> extends true
    ? V
    : V extends Scalar | ((...args: never) => unknown)
      ? V
      : V extends readonly unknown[]
        ? number extends V['length']
          ? readonly Frozen<V[number]>[]
          : Readonly<{ [Key in keyof V]: Frozen<V[Key]> }>
        : V extends object
          ? { [Key in keyof V]: Frozen<V[Key]> }
          : V;
