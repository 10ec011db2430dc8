import { FILTER_OPERATORS, type FilterExpression, type FilterOperand, isDefinite, type PathToken } from './tokens.js';

/** Parses a path behind its root. */
export type PathParser = (text: string) => readonly PathToken[];

/**
 * Parses the filter at the beginning of a bracket, `[?( … )]`, as AWS's library reads it: cut at `&&` and `||` wherever they stand, `&&` before
 * `||`, while parentheses group nothing. Throws a `SyntaxError` when it is none.
 */
export function parseFilter(bracket: string, parsePath: PathParser): FilterExpression {
  const inner = /^\[\s*\?\s*\(([\s\S]*)\)\s*\]$/.exec(bracket.slice(0, filterEnd(bracket)))?.[1];
  if (inner === undefined) return fail('a filter `[?( … )]`', bracket);
  const parser = new ConditionParser(bracket, parsePath);
  const parts = inner.trim().split(/(?<=&&|\|\|)|(?=&&|\|\|)/);
  const operators: string[] = [];
  const conditions: FilterExpression[] = [];
  for (const part of parts.map((text) => text.trim())) {
    if (part === '&&' || part === '||') operators.push(part);
    else conditions.push(parser.condition(withoutParentheses(part, bracket)));
  }
  if (conditions.length !== operators.length + 1) fail("conditions between each two of '&&' and '||'", bracket);
  return combine(conditions, operators);
}

/** Behind the bracket that ends the filter: outside of quotes and of parentheses. */
function filterEnd(bracket: string): number {
  let quoted = false;
  let parentheses = 0;
  let brackets = 0;
  for (let at = 0; at < bracket.length; at++) {
    const char = bracket[at];
    if (char === "'" && bracket[at - 1] !== '\\') quoted = !quoted;
    if (quoted) continue;
    if (char === '(') parentheses++;
    else if (char === ')') parentheses--;
    else if (char === '[') brackets++;
    else if (char === ']') {
      brackets--;
      if (parentheses !== 0) continue;
      return brackets === 0 ? at + 1 : fail('balanced brackets', bracket);
    }
  }
  return fail("a filter that ends with ')]'", bracket);
}

/** From the end to the start, as the library does it: what is last is tried first. */
function combine(conditions: readonly FilterExpression[], operators: readonly string[]): FilterExpression {
  let root = conditions.at(-1)!;
  for (let i = operators.length - 1; i >= 0; i--) {
    const other = conditions[i]!;
    if (operators[i] === '||') root = { kind: 'or', left: root, right: other };
    else if (root.kind === 'or') root = { ...root, right: { kind: 'and', left: root.right, right: other } };
    else root = { kind: 'and', left: root, right: other };
  }
  return root;
}

function withoutParentheses(text: string, bracket: string): string {
  const condition = text.replace(/^[[?( ]+/, '').replace(/[) ]+$/, '');
  return condition === '' ? fail('a condition', bracket) : condition;
}

/** Parses a comparison, or a path whose existence is asked for. */
class ConditionParser {
  constructor(
    private readonly bracket: string,
    private readonly parsePath: PathParser,
  ) {}

  condition(text: string): FilterExpression {
    const operator = FILTER_OPERATORS.find((candidate) => text.includes(candidate));
    if (operator === undefined) return this.existence(text.trim());
    const at = text.indexOf(operator);
    const left = text.slice(0, at).trim();
    const right = text.slice(at + operator.length).trim();
    // A negation of what is compared counts for nothing.
    return { kind: 'compare', operator, left: this.operand(left.replace(/^!(?=@)/, '')), right: this.operand(right) };
  }

  private existence(text: string): FilterExpression {
    const path = /^(!?)(@[\s\S]*|\$[\s\S]*)$/.exec(text);
    if (path === null || text.startsWith('!$')) return this.fail('a comparison or a path');
    const [, not, definite = ''] = path;
    return { kind: 'exists', tokens: this.definitePath(definite), expected: not === '' };
  }

  private operand(text: string): FilterOperand {
    if (text.startsWith('@') || text.startsWith('$')) {
      return { kind: 'path', from: text[0] as '@' | '$', tokens: this.definitePath(text) };
    }
    if (text.startsWith('!@')) return this.fail('a negation only of a path that stands alone');
    if (["'", '/', '/i'].includes(text)) return this.fail('a text or a regular expression that is closed');
    if (text.startsWith("'") && text.endsWith("'")) return { kind: 'text', text: text.slice(1, -1) };
    const pattern = /^\/([\s\S]*)\/(i?)$/.exec(text);
    if (pattern === null) return { kind: 'text', text };
    const [, source = '', flags = ''] = pattern;
    return { kind: 'regex', regex: this.regex(source, flags) };
  }

  private definitePath(text: string): readonly PathToken[] {
    const tokens = this.parsePath(text.slice(1));
    return tokens.every(isDefinite) ? tokens : this.fail(`a definite path, got '${text}'`);
  }

  /** Matches whole texts, as `Matcher.matches` does; `(?i)` at the beginning is Java's way to ignore case. */
  private regex(source: string, flags: string): RegExp {
    const inline = source.startsWith('(?i)');
    try {
      return new RegExp(`^(?:${inline ? source.slice(4) : source})$`, inline ? 'i' : flags);
    } catch {
      return this.fail(`a regular expression, got '${source}'`);
    }
  }

  private fail(expected: string): never {
    return fail(expected, this.bracket);
  }
}

function fail(expected: string, filter: string): never {
  throw new SyntaxError(`expected ${expected} in the filter '${filter}'`);
}
