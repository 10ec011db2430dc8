import type { Json } from '../language/json.js';
import {
  FILTER_OPERATORS,
  type FilterExpression,
  type FilterOperand,
  type FilterOperator,
  PATH_FUNCTIONS,
  type PathFunction,
  type PathToken,
} from './json-path-tokens.js';

/** Parses a path after its root. Throws a `SyntaxError` that says what was expected where. */
export function parseJsonPath(text: string): readonly PathToken[] {
  const parser = new Parser(text);
  const tokens = parser.path();
  parser.end();
  return tokens;
}

const NAME_END = new Set(['.', '[', ']', '(', ')', ' ', ',', '=', '!', '<', '>', '&', '|', '~', "'", '"']);

class Parser {
  private at = 0;

  constructor(private readonly text: string) {}

  end(): void {
    if (this.at < this.text.length) this.fail('the end of the path');
  }

  path(inFilter = false): PathToken[] {
    const tokens: PathToken[] = [];
    for (;;) {
      if (this.take('..')) {
        tokens.push({ kind: 'descend' });
        if (this.peek() !== '[') tokens.push(this.dotted(inFilter));
      } else if (this.take('.')) tokens.push(this.dotted(inFilter));
      else if (this.peek() === '[') tokens.push(this.bracketed());
      else return tokens;
    }
  }

  private dotted(inFilter: boolean): PathToken {
    if (this.take('*')) return { kind: 'wildcard' };
    // A dot before a bracket counts for nothing: AWS's own guide writes `$.abc.['def ghi']`.
    if (this.peek() === '[') return this.bracketed();
    const start = this.at;
    while (this.at < this.text.length && !this.endsName(inFilter)) this.at++;
    const name = this.text.slice(start, this.at);
    if (name === '') this.fail('a property name');
    if (this.text.startsWith('()', this.at) && isPathFunction(name)) {
      this.at += 2;
      return { kind: 'function', name };
    }
    return { kind: 'name', name };
  }

  private endsName(inFilter: boolean): boolean {
    const char = this.text[this.at]!;
    return inFilter
      ? NAME_END.has(char)
      : char === '.' || char === '[' || char === ']' || char === '(' || char === ')' || char === ' ' || char === ',';
  }

  private bracketed(): PathToken {
    this.expect('[');
    this.space();
    const token = this.insideBrackets();
    this.space();
    this.expect(']');
    return token;
  }

  private insideBrackets(): PathToken {
    const char = this.peek();
    if (this.take('*')) return { kind: 'wildcard' };
    if (char === "'" || char === '"') return this.names();
    if (this.take('?')) {
      this.space();
      this.expect('(');
      const filter = this.or();
      this.space();
      this.expect(')');
      return { kind: 'filter', filter };
    }
    return this.indexes();
  }

  private names(): PathToken {
    const names = [this.quoted()];
    while (this.comma()) names.push(this.quoted());
    return names.length === 1 ? { kind: 'name', name: names[0]! } : { kind: 'names', names };
  }

  private indexes(): PathToken {
    const first = this.tryInteger();
    this.space();
    if (this.peek() === ':') return this.slice(first);
    if (first === undefined) return this.fail("an index, a slice, a quoted name, '*' or a filter");
    const indexes = [first];
    while (this.comma()) indexes.push(this.tryInteger() ?? this.fail('an index'));
    return indexes.length === 1 ? { kind: 'index', index: first } : { kind: 'indexes', indexes };
  }

  private slice(from: number | undefined): PathToken {
    this.expect(':');
    const to = this.tryInteger();
    const step = this.take(':') ? this.tryInteger() : undefined;
    if (step !== undefined && step <= 0) this.fail('a positive step');
    return {
      kind: 'slice',
      ...(from !== undefined && { from }),
      ...(to !== undefined && { to }),
      ...(step !== undefined && { step }),
    };
  }

  private or(): FilterExpression {
    let left = this.and();
    for (this.space(); this.take('||'); this.space()) left = { kind: 'or', left, right: this.and() };
    return left;
  }

  private and(): FilterExpression {
    let left = this.unary();
    for (this.space(); this.take('&&'); this.space()) left = { kind: 'and', left, right: this.unary() };
    return left;
  }

  private unary(): FilterExpression {
    this.space();
    if (this.take('!')) return { kind: 'not', operand: this.unary() };
    if (this.take('(')) {
      const inner = this.or();
      this.space();
      this.expect(')');
      return inner;
    }
    const left = this.operand();
    this.space();
    const operator = this.tryOperator();
    if (operator === undefined) return { kind: 'exists', operand: left };
    this.space();
    return { kind: 'compare', operator, left, right: this.operand() };
  }

  private tryOperator(): FilterOperator | undefined {
    return FILTER_OPERATORS.find((operator) => this.take(operator));
  }

  private operand(): FilterOperand {
    const char = this.peek();
    if (char === '@' || char === '$') {
      this.at++;
      return { kind: 'path', from: char, tokens: this.path(true) };
    }
    if (char === '/') return { kind: 'regex', regex: this.regex() };
    return { kind: 'literal', value: this.literal() };
  }

  private regex(): RegExp {
    const match = /^\/((?:[^/\\]|\\.)*)\/([a-z]*)/.exec(this.text.slice(this.at));
    if (match === null) return this.fail('a regular expression');
    this.at += match[0].length;
    return new RegExp(`^(?:${match[1]})$`, match[2]);
  }

  private literal(): Json {
    const char = this.peek();
    if (char === "'" || char === '"') return this.quoted();
    if (this.take('[')) {
      const items: Json[] = [];
      this.space();
      if (!this.take(']')) {
        do {
          this.space();
          items.push(this.literal());
        } while (this.comma());
        this.expect(']');
      }
      return items;
    }
    const match = /^(?:true|false|null|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)/.exec(this.text.slice(this.at));
    if (match === null) return this.fail('a value');
    this.at += match[0].length;
    return JSON.parse(match[0]) as Json;
  }

  private quoted(): string {
    const quote = this.peek();
    if (quote !== "'" && quote !== '"') return this.fail('a quoted name');
    this.at++;
    let value = '';
    while (this.at < this.text.length && this.text[this.at] !== quote) {
      if (this.text[this.at] === '\\') this.at++;
      value += this.text[this.at++] ?? '';
    }
    this.expect(quote);
    return value;
  }

  private tryInteger(): number | undefined {
    this.space();
    const match = /^-?\d+/.exec(this.text.slice(this.at));
    if (match === null) return undefined;
    this.at += match[0].length;
    return Number(match[0]);
  }

  private comma(): boolean {
    this.space();
    if (!this.take(',')) return false;
    this.space();
    return true;
  }

  private space(): void {
    while (this.text[this.at] === ' ') this.at++;
  }

  private peek(): string | undefined {
    return this.text[this.at];
  }

  private take(token: string): boolean {
    if (!this.text.startsWith(token, this.at)) return false;
    this.at += token.length;
    return true;
  }

  private expect(token: string): void {
    if (!this.take(token)) this.fail(`'${token}'`);
  }

  private fail(expected: string): never {
    throw new SyntaxError(`expected ${expected} at character ${this.at + 1} of '${this.text}'`);
  }
}

function isPathFunction(name: string): name is PathFunction {
  return PATH_FUNCTIONS.some((known) => known === name);
}
