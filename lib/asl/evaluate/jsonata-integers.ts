import { exactJsonText, tryExactInteger } from '../language/exact-json.js';

/*
 * Integers that a JavaScript number can't hold (`bigint`) in the source of jsonata.
 *
 * As in AWS's evaluator they are numbers: they stay what they are where a value is handed on, compared or written, and become doubles where one computes with
 * them. jsonata knows numbers by `typeof` and by its own `isNumeric`; these are the places.
 */

/** What the changed source calls. */
export const integers = {
  kind: (value: unknown): string => (typeof value === 'bigint' ? 'number' : typeof value),
  literal: (digits: string): number | bigint => tryExactInteger(digits) ?? Number.parseFloat(digits),
  text: exactJsonText,
  rounded: (value: unknown): unknown => (typeof value === 'bigint' ? Number(value) : value),
  /** The signature of a function of jsonata's own. One that computes gets numbers. */
  computing: (signature: Signature): Signature =>
    COMPUTES.test(signature.definition)
      ? { ...signature, validate: (args, context) => signature.validate(args, context).map(roundedArgument) }
      : signature,
};

interface Signature {
  readonly definition: string;
  validate(args: readonly unknown[], context: unknown): unknown[];
}

/** A parameter that is a number and nothing else, or a list of them. */
const COMPUTES = /^<(?:n|an|a<n>|s-n|s-\(sf\)n|s-f<s:o>n)/;

function roundedArgument(value: unknown): unknown {
  return Array.isArray(value) && value.some((item) => typeof item === 'bigint')
    ? value.map(integers.rounded)
    : integers.rounded(value);
}

/** Each place and what stands there instead, and how often it is there. */
const PLACES: readonly (readonly [place: string, change: string, times: number])[] = [
  ["if(typeof n === 'number') {", "if(typeof n === 'bigint') return true;\n        if(typeof n === 'number') {", 1],
  [
    "switch (op) {\n            case '+':",
    "lhs = integers.rounded(lhs); rhs = integers.rounded(rhs);\n        switch (op) {\n            case '+':",
    1,
  ],
  ['var ltype = typeof lhs;', 'var ltype = integers.kind(lhs);', 2],
  ['var rtype = typeof rhs;', 'var rtype = integers.kind(rhs);', 2],
  ['var atype = typeof aa;', 'var atype = integers.kind(aa);', 1],
  ['var btype = typeof bb;', 'var btype = integers.kind(bb);', 1],
  [
    'var type = typeof value;\n                switch (type)',
    'var type = integers.kind(value);\n                switch (type)',
    1,
  ],
  ['Math.floor(ires)', 'Math.floor(integers.rounded(ires))', 1],
  ['Math.floor(predicate.value)', 'Math.floor(integers.rounded(predicate.value))', 1],
  ["create('number', num)", "create('number', integers.literal(match[0]))", 1],
  ["if (typeof arg === 'number') {\n            // already a number", "if (integers.kind(arg) === 'number') {", 1],
  ['str = JSON.stringify(arg, function', 'str = integers.text(arg, function', 1],
  [
    'definition.signature = parseSignature(signature);',
    'definition.signature = integers.computing(parseSignature(signature));',
    1,
  ],
];

/**
 * The source with every place changed. It calls {@link integers} under that name.
 *
 * @returns the place that isn't there as often as it was, instead of a source
 */
export function withLargeIntegers(source: string): { readonly source: string } | { readonly missing: string } {
  let changed = source;
  for (const [place, change, times] of PLACES) {
    const pieces = changed.split(place);
    if (pieces.length !== times + 1) return { missing: place };
    changed = pieces.join(change);
  }
  return { source: changed };
}
