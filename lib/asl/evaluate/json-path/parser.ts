import { parseFilter } from './filter-parser.js';
import type { PathToken } from './tokens.js';

/**
 * Parses a path after its root. Throws a `SyntaxError` that says what was expected where.
 *
 * What is a path is decided by the library `json-path` 2.0.0, which AWS uses. It cuts a text into pieces at dots, brackets and spaces, and reads in
 * a bracket from the first character that means something; so it takes texts that no grammar of JSONPath has (`$.abc.['def ghi']`, `$['a']b`, a
 * slice with a step, which counts for nothing), and a bracket in a quoted name ends the name. test/asl/evaluate/json-path-oracle compares the two.
 */
export function parseJsonPath(text: string): readonly PathToken[] {
  const path = text.trimEnd();
  if (path !== '' && path[0] !== '.' && path[0] !== '[') fail(path, 0, "'.' or '['");
  if (path.endsWith('..')) fail(path, path.length, 'a step after the scan');
  const tokens: PathToken[] = [];
  let at = 0;
  while (at < path.length) {
    const piece = nextPiece(path, at);
    at = piece.end;
    if (piece.token !== undefined) tokens.push(piece.token);
  }
  return tokens;
}

interface Piece {
  readonly token?: PathToken;
  readonly end: number;
}

function nextPiece(path: string, at: number): Piece {
  switch (path[at]) {
    case ' ':
      return fail(path, at, 'a path without spaces outside of brackets');
    case '$':
      return { token: { kind: 'same' }, end: at + 1 };
    case '*':
      return { token: { kind: 'wildcard' }, end: at + 1 };
    case '[': {
      const end = bracketEnd(path, at);
      return { token: new Bracket(path.slice(at, end), path).token(), end };
    }
    case '.':
      return dotted(path, at + 1);
    default:
      return name(path, at);
  }
}

function dotted(path: string, at: number): Piece {
  if (at >= path.length) fail(path, at, 'a property name');
  if (path[at] === '.') return { token: { kind: 'descend' }, end: at + 1 };
  const end = nameEnd(path, at);
  // A dot before a bracket counts for nothing: AWS's own guide writes `$.abc.['def ghi']`.
  if (end === at) return { end };
  return end === at + 1 && path[at] === '*' ? { token: { kind: 'wildcard' }, end } : name(path, at);
}

function name(path: string, at: number): Piece {
  const end = nameEnd(path, at);
  return { token: new Bracket(`['${path.slice(at, end)}']`, path).token(), end };
}

function nameEnd(path: string, at: number): number {
  let end = at;
  while (end < path.length && path[end] !== '.' && path[end] !== '[' && path[end] !== ' ') end++;
  return end;
}

/** Behind the bracket that closes the one at `at`, whatever is quoted in between. */
function bracketEnd(path: string, at: number): number {
  let depth = 0;
  for (let end = at; end < path.length; end++) {
    if (path[end] === '[') depth++;
    else if (path[end] === ']' && --depth === 0) return end + 1;
  }
  return path.length;
}

/** What stands in one pair of brackets. */
class Bracket {
  private at = 0;

  constructor(
    private readonly text: string,
    private readonly path: string,
  ) {}

  token(): PathToken {
    if (this.text === '[*]') return { kind: 'wildcard' };
    for (; this.at < this.text.length; this.at++) {
      const char = this.text.charAt(this.at);
      if (char === '?') return { kind: 'filter', filter: parseFilter(this.text, parseJsonPath) };
      if (char === "'") return this.names();
      if (char === '@') return this.fromEnd();
      if (/[\d:-]/.test(char)) return this.numbers();
    }
    return this.fail("an index, a slice, a quoted name, '*' or a filter");
  }

  private names(): PathToken {
    const names: string[] = [];
    let open = false;
    let name = '';
    for (; this.char() !== ']'; this.at++) {
      if (this.char() !== "'") {
        if (open) name += this.char();
        continue;
      }
      if (open) names.push(name);
      open = !open;
      name = '';
    }
    const [only, ...more] = names;
    return only !== undefined && more.length === 0 ? { kind: 'name', name: only } : { kind: 'names', names };
  }

  private fromEnd(): PathToken {
    this.at += 2;
    let measure = '';
    for (; this.char() !== '-'; this.at++) if (!' ()'.includes(this.char())) measure += this.char();
    if (measure !== 'length' && measure !== 'size') this.fail('`@.length` or `@.size()`');
    let offset = '';
    for (; this.char() !== ')'; this.at++) if (this.char() !== ' ') offset += this.char();
    return { kind: 'fromEnd', offset: this.integer(offset) };
  }

  private numbers(): PathToken {
    const numbers: number[] = [];
    let [several, from, to] = [false, false, false];
    let digits = '';
    const take = () => {
      numbers.push(this.integer(digits));
      digits = '';
    };
    for (; /[\d, :-]/.test(this.char()); this.at++) {
      const char = this.char();
      if (char === ',') {
        take();
        several = true;
      } else if (char === ':') {
        const starts = digits !== '';
        if (starts) take();
        this.at++;
        for (; /[\d -]/.test(this.char()); this.at++) if (this.char() !== ' ') digits += this.char();
        if (starts && digits === '') from = true;
        else {
          take();
          if (!starts) to = true;
        }
        if (this.char() === ']') break;
      } else if (char !== ' ') digits += char;
    }
    if (digits !== '') take();
    return this.arrayToken(numbers, several, from, to);
  }

  /** The numbers of steps, and others that don't belong there, count for nothing. */
  private arrayToken(numbers: readonly number[], several: boolean, from: boolean, to: boolean): PathToken {
    const [first, second] = numbers;
    if (first === undefined) return this.fail('a number');
    if (numbers.length === 1 && !from && !to) return { kind: 'index', index: first };
    if (several) return { kind: 'indexes', indexes: numbers };
    if (from) return { kind: 'slice', from: first };
    return to ? { kind: 'slice', to: first } : { kind: 'slice', from: first, to: second! };
  }

  private integer(digits: string): number {
    const value = Number(digits);
    return /^-?\d+$/.test(digits) && value === (value | 0) ? value : this.fail('an integer');
  }

  private char(): string {
    return this.text[this.at] ?? this.fail("']'");
  }

  private fail(expected: string): never {
    return fail(this.path, this.path.indexOf(this.text) + this.at, expected);
  }
}

function fail(path: string, at: number, expected: string): never {
  throw new SyntaxError(`expected ${expected} at character ${at + 1} of '${path}'`);
}
