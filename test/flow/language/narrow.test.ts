import { expr, flow, matches, narrow } from '../../../lib/flow/index.js';
import { activity, compile } from '../kit.js';
import { run } from '../run.js';

type Payment = { readonly kind: 'card'; readonly number: string } | { readonly kind: 'cash'; readonly amount: number };

const steps = flow<{ readonly payment: Payment }>()
  .choose('paid', {
    when: ({ input }) => matches(input.payment, { kind: 'card' }),
    then: (f) =>
      f.step(
        'charge',
        activity<string, string>('Charge'),
        ({ input }) => narrow(input.payment, { kind: 'card' }).number,
      ),
    otherwise: (f) =>
      f.step('take', activity<number, string>('Take'), ({ input }) => narrow(input.payment, { kind: 'cash' }).amount),
  })
  .output(({ paid }) => paid);
const handlers = { Charge: (number: unknown) => `charged ${number}`, Take: (amount: unknown) => `took ${amount}` };

test('an alternative of a union is chosen by the member that tells it apart, and read as it is', async () => {
  const card = await run(compile(steps), handlers, { payment: { kind: 'card', number: '4711' } });
  expect(card.output).toBe('charged 4711');
  const cash = await run(compile(steps), handlers, { payment: { kind: 'cash', amount: 5 } });
  expect(cash.output).toBe('took 5');
});

test('several members all count', async () => {
  const both = flow<{ readonly a: string; readonly n: number }>()
    .step('same', activity<unknown, unknown>('Same'))
    .output(({ input }) => ({
      yes: matches(input, { a: 'it"s', n: 2 }),
      negated: expr<boolean>`$not(${matches(input, { a: 'it"s', n: 2 })})`,
    }));
  expect((await run(compile(both), { Same: (value) => value }, { a: 'it"s', n: 2 })).output).toEqual({
    yes: true,
    negated: false,
  });
  expect((await run(compile(both), { Same: (value) => value }, { a: 'it"s', n: 3 })).output).toEqual({
    yes: false,
    negated: true,
  });
});

test('a pattern without members, or of no reference, is refused', () => {
  expect(() =>
    compile(
      flow<{ readonly a: string }>()
        .step('same', activity<unknown, unknown>('Same'))
        .output(({ input }) => matches(input, {})),
    ),
  ).toThrow(/no member/);
  expect(() => matches('text' as never, { length: 4 } as never)).toThrow(/expected a reference/);
});
