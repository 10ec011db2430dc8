/** One step of a path. */
export type PathToken =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'names'; readonly names: readonly string[] }
  | { readonly kind: 'index'; readonly index: number }
  /** `[(@.length-1)]`: an index that is counted from the length of the list. */
  | { readonly kind: 'fromEnd'; readonly offset: number }
  | { readonly kind: 'indexes'; readonly indexes: readonly number[] }
  | { readonly kind: 'slice'; readonly from?: number; readonly to?: number }
  | { readonly kind: 'wildcard' }
  | { readonly kind: 'descend' }
  | { readonly kind: 'filter'; readonly filter: FilterExpression }
  /** A `$` behind a bracket, which leads nowhere else. */
  | { readonly kind: 'same' };

/** An operand in a filter: a text (numbers and `true` too: nothing in a filter has a type), an expression, or a definite path. */
export type FilterOperand =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'regex'; readonly regex: RegExp }
  | { readonly kind: 'path'; readonly from: '@' | '$'; readonly tokens: readonly PathToken[] };

/** The comparisons of a filter, in the order in which they are looked for in its text. */
export const FILTER_OPERATORS = ['==', '>=', '<=', '!=', '<', '>', '=~'] as const;
export type FilterOperator = (typeof FILTER_OPERATORS)[number];

/** The condition inside `[?( … )]`. */
export type FilterExpression =
  | { readonly kind: 'and' | 'or'; readonly left: FilterExpression; readonly right: FilterExpression }
  | { readonly kind: 'exists'; readonly tokens: readonly PathToken[]; readonly expected: boolean }
  | {
      readonly kind: 'compare';
      readonly operator: FilterOperator;
      readonly left: FilterOperand;
      readonly right: FilterOperand;
    };

/** Whether a step leads to one place at most. */
export function isDefinite({ kind }: PathToken): boolean {
  return kind === 'name' || kind === 'names' || kind === 'index' || kind === 'fromEnd' || kind === 'same';
}

/** Steps as AWS's library prints them: `['a'][0]`. */
export function printTokens(tokens: readonly PathToken[]): string {
  return tokens.map(printToken).join('');
}

function printToken(token: PathToken): string {
  switch (token.kind) {
    case 'name':
      return printNames([token.name]);
    case 'names':
      return printNames(token.names);
    case 'index':
      return `[${token.index}]`;
    case 'fromEnd':
      return `[@.size()${token.offset}]`;
    case 'indexes':
      return `[${token.indexes.join(',')}]`;
    case 'slice':
      return `[${token.from ?? ''}:${token.to ?? ''}]`;
    case 'wildcard':
      return '[*]';
    case 'descend':
      return '..';
    case 'filter':
      return '[?]';
    case 'same':
      return '$';
  }
}

/** Property names in brackets: `['a', 'b']`. */
export function printNames(names: readonly string[]): string {
  return `[${names.map((name) => `'${name}'`).join(', ')}]`;
}
