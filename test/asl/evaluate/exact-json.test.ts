import { exactJsonText, parseExactJson } from '../../../lib/asl/language/exact-json.js';

const BIG = '9007199254740993';

test.each([
  BIG,
  `-${BIG}`,
  `[${BIG},1,-0.5]`,
  `{"id":${BIG},"text":"${BIG}"}`,
  `{"text":"\\"${BIG}\\\\","list":[[${BIG}]]}`,
  '1152921504606846976123456789',
])('%s is written as it was read', (text) => {
  expect(exactJsonText(parseExactJson(text))).toBe(text);
});

test.each([
  [BIG, 9_007_199_254_740_993n],
  ['9007199254740991', 9_007_199_254_740_991],
  ['0.1234567890123456', 0.1234567890123456],
  ['1e300', 1e300],
  [`"${BIG}"`, BIG],
])('%s is read as what holds it', (text, value) => {
  expect(parseExactJson(text)).toBe(value);
});

test.each(['{', '01', '{"a":}'])('%s is no JSON', (text) => {
  expect(() => parseExactJson(text)).toThrow(SyntaxError);
});
