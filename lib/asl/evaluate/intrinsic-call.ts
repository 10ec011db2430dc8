import { exactJsonText, parseExactJson } from '../language/exact-json.js';
import type { Json } from '../language/json.js';
import type { QueryScope } from '../language/scope.js';
import { intrinsicError, runtimeError } from '../language/states-error.js';
import { INTRINSICS } from './intrinsics.js';
import { PathNotFound } from './json-path/json-path.js';
import { Reference } from './reference.js';

/** An argument of an intrinsic function, or a whole expression. */
export type IntrinsicExpression =
  | { readonly kind: 'literal'; readonly value: Json; readonly raw?: string }
  | { readonly kind: 'reference'; readonly reference: Reference }
  | {
      readonly kind: 'call';
      readonly text: string;
      readonly name: string;
      readonly args: readonly IntrinsicExpression[];
    };

/** Whether a text is meant to be a call of an intrinsic function. */
export function isIntrinsicCall(text: string): boolean {
  return text.startsWith('States.');
}

/** Parses a call such as `States.Format('{} of {}', $.a, $$.b)`. Throws a `SyntaxError` when it is none, or names no known function. */
export function parseIntrinsicCall(text: string): IntrinsicExpression {
  const parser = new Parser(text);
  const call = parser.expression();
  parser.end();
  if (call.kind !== 'call') throw new SyntaxError(`expected an intrinsic function, got '${text}'`);
  return call;
}

/** The value of an expression; throws `States.IntrinsicFailure` or `States.Runtime` when it has none. */
export function evaluateIntrinsic(expression: IntrinsicExpression, scope: QueryScope): Json {
  switch (expression.kind) {
    case 'literal':
      return expression.value;
    case 'reference':
      return expression.reference.require(scope);
    case 'call': {
      const args = expression.args.map((arg, index) => evaluateArgument(expression, arg, index, scope));
      try {
        return INTRINSICS[expression.name]!.apply(args, scope.sources);
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        throw intrinsicError(`The function '${expression.text}' had the following error: ${error.message}`);
      }
    }
  }
}

function evaluateArgument(
  call: Extract<IntrinsicExpression, { kind: 'call' }>,
  arg: IntrinsicExpression,
  index: number,
  scope: QueryScope,
): Json {
  // A template's escapes are read by the function itself, which has to tell `\{` from `{`.
  if (arg.kind === 'literal' && index === 0 && call.name === 'States.Format') return arg.raw ?? arg.value;
  if (arg.kind !== 'reference') return evaluateIntrinsic(arg, scope);
  const value = arg.reference.read(scope);
  if (!(value instanceof PathNotFound)) return value;
  // What is there but isn't what the path is for makes AWS say what its library says.
  if (!value.missing) throw runtimeError(value.reason);
  throw runtimeError(
    `The function '${call.text}' had the following error: The JsonPath argument for the field '${arg.reference.text}' ` +
      `could not be found in the input '${exactJsonText(scope.input)}'`,
  );
}

/** AWS's limit on functions inside of a function. */
const MOST_INSIDE = 10;

class Parser {
  private at = 0;
  private inside = 0;

  constructor(private readonly text: string) {}

  end(): void {
    this.space();
    if (this.at < this.text.length) this.fail('the end');
  }

  expression(): IntrinsicExpression {
    this.space();
    const char = this.text[this.at];
    if (char === "'") return this.quoted();
    if (char === '$') return { kind: 'reference', reference: Reference.parse(this.pathText()) };
    const rest = this.text.slice(this.at);
    const name = /^[A-Za-z]+\.[A-Za-z0-9]+(?=\s*\()/.exec(rest)?.[0];
    if (name !== undefined) return this.call(name);
    const literal = /^(?:true|false|null|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)(?=[\s,)]|$)/.exec(rest)?.[0];
    if (literal === undefined) return this.fail('a value, a path or a function');
    this.at += literal.length;
    return { kind: 'literal', value: parseExactJson(literal) };
  }

  private call(name: string): IntrinsicExpression {
    const start = this.at;
    if (!Object.hasOwn(INTRINSICS, name)) return this.fail('the name of an intrinsic function');
    this.at += name.length;
    this.space();
    this.at++;
    if (this.inside > MOST_INSIDE) this.fail(`at most ${MOST_INSIDE} functions inside of one another`);
    this.inside++;
    const args = this.callArguments();
    this.inside--;
    const [least, most] = INTRINSICS[name]!.arguments;
    if (args.length < least || args.length > most) {
      throw new SyntaxError(
        `${name} takes ${least === most ? least : `at least ${least}`} arguments, got ${args.length}`,
      );
    }
    return { kind: 'call', text: this.text.slice(start, this.at), name, args };
  }

  private callArguments(): IntrinsicExpression[] {
    const args: IntrinsicExpression[] = [];
    this.space();
    if (this.take(')')) return args;
    do args.push(this.expression());
    while (this.comma());
    if (!this.take(')')) this.fail("',' or ')'");
    return args;
  }

  private quoted(): IntrinsicExpression {
    const match = /^'((?:[^'\\]|\\[\s\S])*)'/.exec(this.text.slice(this.at));
    if (match === null) return this.fail('a closed string');
    this.at += match[0].length;
    const [, raw = ''] = match;
    return { kind: 'literal', value: raw.replace(/\\(['{}\\])/g, '$1'), raw };
  }

  /** The text of a path: up to the comma or parenthesis that ends the argument. */
  private pathText(): string {
    const start = this.at;
    let depth = 0;
    let quote = '';
    for (; this.at < this.text.length; this.at++) {
      const char = this.text.charAt(this.at);
      if (quote !== '') {
        if (char === '\\') this.at++;
        else if (char === quote) quote = '';
      } else if (depth > 0 && (char === "'" || char === '"')) quote = char;
      else if (char === '[' || char === '(') depth++;
      else if (depth > 0 && (char === ']' || char === ')')) depth--;
      else if (depth === 0 && (char === ',' || char === ')')) break;
    }
    return this.text.slice(start, this.at).trimEnd();
  }

  private comma(): boolean {
    this.space();
    return this.take(',');
  }

  private space(): void {
    while (/\s/.test(this.text[this.at] ?? '')) this.at++;
  }

  private take(token: string): boolean {
    if (this.text[this.at] !== token) return false;
    this.at++;
    return true;
  }

  private fail(expected: string): never {
    throw new SyntaxError(`expected ${expected} at character ${this.at + 1} of '${this.text}'`);
  }
}
