/** Where a text stops being JSON, in the words of the parser that AWS uses (Jackson); `undefined` when it is JSON. Without recursion: depth costs no stack. */
export function tryFindJsonFault(text: string): string | undefined {
  try {
    new JsonReader(text).readDocument();
    return undefined;
  } catch (fault) {
    if (fault instanceof JsonFault) return fault.message;
    throw fault;
  }
}

/** Thrown to leave the reader; it has no stack on purpose. */
class JsonFault {
  constructor(readonly message: string) {}
}

const STRING = /"(?:[^"\\\p{Cc}]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/uy;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const LITERAL = /(?:true|false|null)(?![\w$])/y;
const EMPTY = /\[[ \t\r\n]*\]|\{[ \t\r\n]*\}/y;
const CLOSING: Readonly<Record<string, ']' | '}'>> = { '[': ']', '{': '}' };
const SPACE = /[ \t\r\n]*/y;
const WORD = /[\w$]+/y;
const VALUES = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";

/** Reads JSON text only to find out whether it is JSON; throws a {@link JsonFault} at the first place where it is not. */
class JsonReader {
  private at = 0;
  /** The lists (`]`) and objects (`}`) that are open. */
  private readonly open: string[] = [];

  constructor(private readonly text: string) {}

  readDocument(): void {
    this.readValue();
    while (this.open.length > 0) this.readNext();
    this.skip(SPACE);
    if (this.at < this.text.length) this.unexpected('end of the document');
  }

  /** After a value inside of a list or an object: the next one, or the end. */
  private readNext(): void {
    this.skip(SPACE);
    const close = this.open.at(-1)!;
    if (this.text[this.at] === close) {
      this.at++;
      this.open.pop();
      return;
    }
    const name = close === '}' ? 'Object' : 'Array';
    if (this.text[this.at] !== ',') this.unexpected(`comma to separate ${name} entries`);
    this.at++;
    if (close === '}') this.readName();
    this.readValue();
  }

  private readName(): void {
    this.skip(SPACE);
    if (!this.skip(STRING)) this.unexpected('double-quote to start field name');
    this.skip(SPACE);
    if (this.text[this.at] !== ':') this.unexpected('a colon to separate field name and value');
    this.at++;
  }

  private readValue(): void {
    for (;;) {
      this.skip(SPACE);
      if (this.skip(EMPTY) || this.skip(STRING) || this.skip(NUMBER) || this.skip(LITERAL)) return;
      const close = CLOSING[this.text[this.at] ?? ''];
      if (close === undefined) this.unrecognized();
      this.at++;
      this.open.push(close);
      if (close === '}') this.readName();
    }
  }

  private unrecognized(): never {
    const from = this.at;
    if (this.skip(WORD)) this.fault(`Unrecognized token '${this.text.slice(from, this.at)}': was expecting ${VALUES}`);
    this.unexpected(`a valid value ${VALUES}`);
  }

  private unexpected(expected: string): never {
    const character = this.text[this.at];
    if (character === undefined) this.fault(`Unexpected end-of-input: was expecting ${expected}`);
    this.fault(`Unexpected character ('${character}' (code ${character.charCodeAt(0)})): was expecting ${expected}`);
  }

  private fault(message: string): never {
    const lines = this.text.slice(0, this.at).split('\n');
    const column = this.at - this.text.lastIndexOf('\n', this.at - 1);
    throw new JsonFault(`${message} at [line: ${lines.length}, column: ${column}]`);
  }

  /** Moves past what the pattern matches here. Tells whether it does. */
  private skip(pattern: RegExp): boolean {
    pattern.lastIndex = this.at;
    if (!pattern.test(this.text)) return false;
    this.at = pattern.lastIndex;
    return true;
  }
}
