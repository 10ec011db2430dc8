import { expr, fanOutFanIn, flow } from '../../../lib/flow/index.js';
import { activity, compile, essence } from '../kit.js';

const price = activity<{ id: string }, { total: number }>('Price');
const approve = activity<{ total: number }, { ok: boolean }>('Approve');
const ship = activity<{ total: number }, { ok: boolean }>('Ship');
const note = activity<{ id: string; ok: boolean }, null>('Note');

test('branches that are steps take the last result; the result joins under a name', () => {
  const steps = flow<{ id: string }>()
    .step('price', price)
    .choose('handled', { when: ({ price }) => expr<boolean>`${price.total} > 1000`, then: approve, otherwise: ship })
    .step('note', note, ({ input, handled }) => ({ id: input.id, ok: handled.ok }));
  expect(essence(compile(steps))).toEqual({
    StartAt: 'price',
    States: {
      price: {
        Type: 'Task Price',
        Payload: '{% $states.input %}',
        Assign: { price: '{% $states.result.Payload %}' },
        Next: 'handled',
      },
      handled: {
        Type: 'Choice',
        Choices: [{ Condition: '{% $price.total > 1000 %}', Next: 'Approve' }],
        Default: 'Ship',
      },
      Approve: {
        Type: 'Task Approve',
        Payload: '{% $states.input %}',
        Assign: { handled: '{% $states.result.Payload %}' },
        Next: 'note',
      },
      Ship: {
        Type: 'Task Ship',
        Payload: '{% $states.input %}',
        Assign: { handled: '{% $states.result.Payload %}' },
        Next: 'note',
      },
      note: {
        Type: 'Task Note',
        Payload: '{% {"id": $states.context.Execution.Input.id, "ok": $handled.ok} %}',
        Assign: { note: '{% $states.result.Payload %}' },
        End: true,
      },
    },
  });
});

test('without otherwise the flow goes on with its last result', () => {
  const steps = flow<{ total: number }>()
    .choose({
      when: ({ input }) => expr<boolean>`${input.total} > 5`,
      then: (f) => f.step('approval', approve).output(() => ({ total: 0 })),
    })
    .step('ship', ship);
  expect(essence(compile(steps))).toEqual({
    StartAt: 'Choice',
    States: {
      Choice: {
        Type: 'Choice',
        Choices: [{ Condition: '{% $states.input.total > 5 %}', Next: 'approval' }],
        Default: 'ship',
      },
      approval: {
        Type: 'Task Approve',
        Payload: '{% $states.input %}',
        Output: { total: 0 },
        Assign: { approval: '{% $states.result.Payload %}' },
        Next: 'ship',
      },
      ship: {
        Type: 'Task Ship',
        Payload: '{% $states.input %}',
        Assign: { ship: '{% $states.result.Payload %}' },
        End: true,
      },
    },
  });
});

test('a choice that ends the machine leads to a Succeed state', () => {
  const steps = flow<{ total: number }>().choose({
    when: ({ input }) => expr<boolean>`${input.total} > 5`,
    then: approve,
  });
  expect(essence(compile(steps))).toEqual({
    StartAt: 'Choice',
    States: {
      Choice: {
        Type: 'Choice',
        Choices: [{ Condition: '{% $states.input.total > 5 %}', Next: 'Approve' }],
        Default: 'Done',
      },
      Approve: { Type: 'Task Approve', Payload: '{% $states.input %}', End: true },
      Done: { Type: 'Succeed' },
    },
  });
});

test('several cases are tried in order, and a first Choice stores the input of an item on every way out', () => {
  const item = flow<{ id: string; size: number }>()
    .choose('size', {
      cases: [
        {
          when: ({ input }) => expr<boolean>`${input.size} < 10`,
          then: (f) => f.step('small', price).output(() => ({ ok: true })),
        },
        {
          when: ({ input }) => expr<boolean>`${input.size} < 100`,
          then: (f) => f.step('medium', price).output(() => ({ ok: true })),
        },
      ],
      otherwise: (f) => f.step('large', price).output(() => ({ ok: false })),
    })
    .step('note', note, ({ input, size }) => ({ id: input.id, ok: size.ok }));
  const rules = [
    { Condition: '{% $states.input.size < 10 %}', Next: 'small' },
    { Condition: '{% $states.input.size < 100 %}', Next: 'medium' },
  ];
  expect(compile(item).States['size']).toEqual({ Type: 'Choice', Choices: rules, Default: 'large' });
  const { States } = compile(flow<readonly { id: string; size: number }[]>().step('all', fanOutFanIn({ each: item })));
  const Assign = { itemInput: '{% $states.input %}' };
  expect(States['all']).toMatchObject({
    ItemProcessor: {
      States: {
        size: { Type: 'Choice', Choices: rules.map((rule) => ({ ...rule, Assign })), Default: 'large', Assign },
      },
    },
  });
});

test('a flow with a mapped input that only chooses puts its input out where nothing else does', () => {
  const inner = flow<{ total: number }>().choose({
    when: ({ input }) => expr<boolean>`${input.total} > 5`,
    then: (f) => f.step('approval', approve).output(() => ({ total: 0 })),
  });
  const steps = flow<{ amount: number }>()
    .step('inner', inner, ({ input }) => ({ total: input.amount }))
    .step('ship', ship);
  const { States } = compile(steps);
  expect(States['Choice']).toEqual({
    Type: 'Choice',
    Choices: [
      {
        Condition: '{% $states.input.amount > 5 %}',
        Output: '{% $states.input %}',
        Next: 'approval',
      },
    ],
    Default: 'ship',
    Assign: { inner: '{% {"total": $states.input.amount} %}' },
    Output: '{% {"total": $states.input.amount} %}',
  });
  expect(States['approval']!['Arguments']).toMatchObject({
    Payload: '{% {"total": $states.context.Execution.Input.amount} %}',
  });
});

test('refuses a condition that is no expression', () => {
  const steps = flow<{ total: number }>().choose({ when: (() => 'yes') as never, then: approve });
  expect(() => compile(steps)).toThrow(
    '`Test.Choice.cases[0].when`: expected a reference or an expr`…` that gives true or false, got "yes"',
  );
});
