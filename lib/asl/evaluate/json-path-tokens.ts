import type { Json } from '../language/json.js';

/** One step of a path. */
export type PathToken =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'names'; readonly names: readonly string[] }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'indexes'; readonly indexes: readonly number[] }
  | { readonly kind: 'slice'; readonly from?: number; readonly to?: number; readonly step?: number }
  | { readonly kind: 'wildcard' }
  | { readonly kind: 'descend' }
  | { readonly kind: 'filter'; readonly filter: FilterExpression }
  | { readonly kind: 'function'; readonly name: PathFunction };

/** The functions that may end a path, as in `$.items.length()`. */
export const PATH_FUNCTIONS = ['length', 'min', 'max', 'avg', 'sum', 'stddev', 'keys'] as const;
export type PathFunction = (typeof PATH_FUNCTIONS)[number];

/** An operand in a filter: a literal, or a path from the item (`@`) or from the document (`$`). */
export type FilterOperand =
  | { readonly kind: 'literal'; readonly value: Json }
  | { readonly kind: 'regex'; readonly regex: RegExp }
  | { readonly kind: 'path'; readonly from: '@' | '$'; readonly tokens: readonly PathToken[] };

/** The comparisons of a filter. */
export const FILTER_OPERATORS = [
  '==',
  '!=',
  '<=',
  '<',
  '>=',
  '>',
  '=~',
  'in',
  'nin',
  'contains',
  'size',
  'empty',
  'subsetof',
  'anyof',
  'noneof',
] as const;
export type FilterOperator = (typeof FILTER_OPERATORS)[number];

/** The condition inside `[?( … )]`. */
export type FilterExpression =
  | { readonly kind: 'and' | 'or'; readonly left: FilterExpression; readonly right: FilterExpression }
  | { readonly kind: 'not'; readonly operand: FilterExpression }
  | { readonly kind: 'exists'; readonly operand: FilterOperand }
  | {
      readonly kind: 'compare';
      readonly operator: FilterOperator;
      readonly left: FilterOperand;
      readonly right: FilterOperand;
    };
