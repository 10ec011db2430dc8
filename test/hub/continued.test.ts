import { tryOriginalInput } from '../../lib/contract/continued.js';

const handedOver = (input: string) => `{"durableStepsContinued":{"input":${input},"carried":{"input":1}}}`;

describe('the original input of what an execution handed over', () => {
  test.each([
    '9007199254740993',
    '{"id":12345678901234567890,"list":[1.10,-0,1e400],"deep":{"input":"}{\\"][,:"}}',
    '"text with \\"quotes\\", {brackets} and \\\\"',
    '[]',
    '{}',
    'null',
    'true',
    '""',
    '[[{"a":[]}],{}]',
  ])('%s is as it was written', (input) => {
    expect(tryOriginalInput(handedOver(input))).toBe(input);
    const spaced = `\n { "durableStepsContinued" : { "carried" : [ {"input": 0} ] , "input" : ${input} } } `;
    expect(tryOriginalInput(spaced)).toBe(input);
  });

  test.each([
    '"durableStepsContinued"',
    '["durableStepsContinued"]',
    '{"durableStepsContinued":1}',
    '{"durableStepsContinued":{"carried":{"input":1}}}',
    '{"durableStepsContinued":{"input":1},"more":2}',
    '{"a":{"durableStepsContinued":{"input":1}}}',
    '{"text":"durableStepsContinued"}',
  ])('%s was handed over by none', (input) => expect(tryOriginalInput(input)).toBeUndefined());
});
