import { jsonPath, PathNotFound } from '../../../lib/asl/evaluate/json-path/json-path.js';
import type { Json } from '../../../lib/asl/language/json.js';
import { type Answer, type Cases, readCases } from './json-path-oracle/cases.js';

/** What the engine says, in the form of the library's answers. */
function ask(path: string, document: Json): Answer {
  let compiled: ReturnType<typeof jsonPath>;
  try {
    compiled = jsonPath(path.slice(1));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { refused: error.message };
  }
  const value = compiled.read(document);
  return value instanceof PathNotFound
    ? value.missing
      ? { missing: value.reason }
      : { failed: value.reason }
    : { value };
}

/**
 * An index outside of its list. With the JSON provider that the library is asked with it gives `null`; with its others it fails. Which one AWS has
 * isn't known, and nothing is recorded: the engine fails for a definite path, and finds nothing there for an indefinite one.
 */
const OUT_OF_RANGE: Readonly<Record<string, Answer | 'no nulls'>> = {
  '$.l[1 2]': { missing: "Index out of bounds when evaluating path $['l'][12]" },
  '$.none[0]': { missing: "Index out of bounds when evaluating path $['none'][0]" },
  '$.none[0].x': { missing: "Index out of bounds when evaluating path $['none'][0]" },
  '$.none[(@.length-1)]': { missing: "Index out of bounds when evaluating path $['none'][-1]" },
  '$.none[0,1]': 'no nulls',
  '$.book..[0]': 'no nulls',
  '$..[0]': 'no nulls',
  '$..[0,1]': 'no nulls',
};

/** `[?]` stands for a filter that a program gives: the library takes it and fails over `null`, the engine refuses it. */
const FILTERS_OF_PROGRAMS = ['$[?]', '$.items[?]'];

/** What the library says of a path, but for the exceptions above. */
function expected({ kind, answers }: Cases, path: string): Answer {
  const answer = answers[path]!;
  if (FILTERS_OF_PROGRAMS.includes(path)) return { refused: path };
  const exception = kind === 'other roots' ? undefined : OUT_OF_RANGE[path];
  if (exception !== 'no nulls') return exception ?? answer;
  return 'value' in answer && Array.isArray(answer.value)
    ? { value: (answer.value as readonly Json[]).filter((item) => item !== null) }
    : answer;
}

const OWN_WORDS = /can't be compared with a number$|is no regular expression$/;
const WORDS_OF_JAVA = /^Character |^class java\.|^null$/;

/** What the virtual machine says, rather than the library, isn't compared; neither is what is said of a text that is no path. */
function withoutWords(answer: Answer): object {
  if ('refused' in answer) return { refused: '…' };
  const hasOthers =
    'failed' in answer && (WORDS_OF_JAVA.test(String(answer.failed)) || OWN_WORDS.test(String(answer.failed)));
  return hasOthers ? { failed: '…' } : answer;
}

describe.each(readCases())('the engine says what json-path 2.0.0 says: $kind', (cases) => {
  it.each(Object.keys(cases.answers))('%s', (path) => {
    expect(withoutWords(ask(path, cases.document))).toEqual(withoutWords(expected(cases, path)));
  });
});
