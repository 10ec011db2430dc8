import { expr, flow } from '../../../lib/flow/index.js';
import { activity, compile, essence } from '../kit.js';
import { failure, run } from '../run.js';

interface Order {
  readonly id: string;
  readonly amount: number;
}

const price = activity<Order, { readonly total: number }>('Price');
const stock = activity<{ readonly total: number }, readonly string[]>('Stock');
const credit = activity<{ readonly id: string; readonly total: number }, { readonly ok: boolean }>('Credit');
const report = activity<unknown, string>('Report');

const steps = flow<Order>()
  .step('price', price)
  .parallel('checks', {
    stock,
    credit: (f) =>
      f
        .step('credit', credit, ({ input, price }) => ({ id: input.id, total: price.total }))
        .output(({ credit, price }) => ({ ok: credit.ok, of: price.total })),
  })
  .output(({ checks, input }) => ({ id: input.id, first: checks.stock[0]!, ok: checks.credit.ok }));

test('is one Parallel state whose result has a member for each branch', () => {
  expect(essence(compile(steps))).toEqual({
    StartAt: 'price',
    States: {
      price: {
        Type: 'Task Price',
        Payload: '{% $states.input %}',
        Assign: { price: '{% $states.result.Payload %}' },
        Next: 'checks',
      },
      checks: {
        Type: 'Parallel',
        Branches: [
          { StartAt: 'Stock', States: { Stock: expect.objectContaining({ Type: 'Task', End: true }) } },
          { StartAt: 'credit', States: { credit: expect.objectContaining({ Type: 'Task', End: true }) } },
        ],
        Assign: { checks: '{% {"stock": $states.result[0], "credit": $states.result[1]} %}' },
        Output:
          '{% {"id": $states.context.Execution.Input.id, "first": (($of := {"stock": $states.result[0], "credit": $states.result[1]}.stock; $type($of) = \'array\' ? $of[0] : $of.`0`)), "ok": (({"stock": $states.result[0], "credit": $states.result[1]}.credit).ok)} %}',
        End: true,
      },
    },
  });
});

test('branches see earlier results, and each result keeps its type', async () => {
  const { output, bench } = await run(
    compile(steps),
    { Price: ({ amount }: Order) => ({ total: amount * 2 }), Stock: () => ['a'], Credit: () => ({ ok: true }) },
    { id: 'A', amount: 21 },
  );
  expect(output).toEqual({ id: 'A', first: 'a', ok: true });
  expect(bench.inputs('Stock')).toEqual([{ total: 42 }]);
  expect(bench.inputs('Credit')).toEqual([{ id: 'A', total: 42 }]);
});

test('at the start of a flow, branches read its input', async () => {
  const first = flow<Order>().parallel('both', {
    price,
    text: (f) => f.step('report', report, ({ input }) => expr<string>`'order ' & ${input.id}`),
  });
  const { output } = await run(
    compile(first),
    { Price: ({ amount }: Order) => ({ total: amount }), Report: (text: string) => text },
    { id: 'A', amount: 1 },
  );
  expect(output).toEqual({ price: { total: 1 }, text: 'order A' });
});

test('the error of the first failing branch is that of the whole, and can be caught', async () => {
  const caught = flow<Order>()
    .parallel('both', { price, other: (f) => f.step('report', report) })
    .catch(report, ({ error, both }) => expr<string>`${error.name} & ' in ' & ${error.step} & $string(${both})`);
  const { output, status } = await run(
    compile(caught),
    {
      Price: () => {
        throw failure('Declined');
      },
      Report: (text: unknown) => text,
    },
    { id: 'A', amount: 1 },
  );
  expect([status, output]).toEqual(['SUCCEEDED', 'Declined in bothnull']);
});

test('refuses no branches at all', () => {
  expect(() => flow<Order>().parallel('none', {})).toThrow('`none.branches`: expected at least one, got none');
});
