import { Lazy, Token } from 'aws-cdk-lib';
import { type AnyStep, expr, fanOutFanIn, flow, orElse, type Ref } from '../../../lib/flow/index.js';
import { activity, compile } from '../kit.js';
import { failure, run } from '../run.js';

interface Order {
  readonly id: string;
  readonly coupon?: string | null;
  readonly items: readonly { readonly sku?: string }[];
}

interface Sent {
  readonly coupon?: string | null;
}

const send = activity<Sent, Sent>('Send');
const echo = activity<Sent, Sent>('Echo');
const stubs = {
  Send: (value: unknown) => value,
  Echo: (value: unknown) => value,
  Fail: () => {
    throw failure('Broken');
  },
};

/** A flow for each place that a template can stand in; each hands `coupon` on to `Send`, and gives what arrived there. */
const places: readonly (readonly [string, AnyStep])[] = [
  ['the input of a step', flow<Order>().step('sent', send, ({ input }) => ({ coupon: input.coupon }))],
  [
    'the input of a later step',
    flow<Order>()
      .step('first', echo, () => ({}))
      .step('sent', send, ({ input }) => ({ coupon: input.coupon })),
  ],
  [
    'a result of a step',
    flow<Order>()
      .step('first', echo, ({ input }) => ({ coupon: input.coupon }))
      .step('sent', send, ({ first }) => ({ coupon: first.coupon })),
  ],
  [
    'an output',
    flow<Order>()
      .step('first', echo, () => ({}))
      .output(({ input }) => ({ coupon: input.coupon })),
  ],
  [
    'the input of a flow in a flow',
    flow<Order>().step(
      'inner',
      flow<Sent>().step('sent', send, ({ input }) => ({ coupon: input.coupon })),
      ({ input }) => ({ coupon: input.coupon }),
    ),
  ],
  [
    'the input of each of a fan-out',
    flow<Order>()
      .step(
        'all',
        fanOutFanIn({
          items: () => [1],
          each: send,
          input: (_item, { input }: { input: Ref<Order> }) => ({ coupon: input.coupon }),
        }),
      )
      .output(({ all }) => all[0]!),
  ],
  [
    'the input of each of a distributed fan-out',
    flow<Order>()
      .step(
        'all',
        fanOutFanIn({
          items: () => [1],
          mode: 'distributed',
          each: send,
          input: (_item, { input }: { input: Ref<Order> }) => ({ coupon: input.coupon }),
        }),
      )
      .output(({ all }) => all[0]!),
  ],
  [
    'a branch',
    flow<Order>()
      .parallel('both', { sent: (f) => f.step('sent', send, ({ input }) => ({ coupon: input.coupon })) })
      .output(({ both }) => both.sent),
  ],
  [
    'a choice',
    flow<Order>().choose('chosen', {
      when: () => expr<boolean>`true`,
      then: (f) => f.step('sent', send, ({ input }) => ({ coupon: input.coupon })),
      otherwise: (f) => f.step('echo', echo, () => ({})),
    }),
  ],
  [
    'the handler of an error',
    flow<Order>()
      .step('fails', activity<unknown, Sent>('Fail'), () => null)
      .catch(send, ({ input }) => ({ coupon: input.coupon })),
  ],
  [
    'a field below a field',
    flow<Order>()
      .step('sent', activity<{ readonly deep: Sent }, { readonly deep: Sent }>('Send'), ({ input }) => ({
        deep: { coupon: input.coupon },
      }))
      .output(({ sent }) => sent.deep),
  ],
];

const outputOf = async (step: AnyStep, input: unknown) => {
  const { status, output, cause } = await run(compile(step), stubs, input);
  return status === 'SUCCEEDED' ? output : cause;
};

describe.each(places)('in %s', (_, step) => {
  test('a missing member is left out', async () => {
    expect(await outputOf(step, { id: 'a', items: [] })).toEqual({});
  });

  test.each([
    ['null', null],
    ['an empty text', ''],
    ['an empty list', []],
    ['a list of one', ['x']],
    ['a list in a list', [['x']]],
    ['an empty object', {}],
    ['false', false],
    ['zero', 0],
  ])('%s arrives as it is', async (__, coupon) => {
    expect(await outputOf(step, { id: 'a', items: [], coupon })).toEqual({ coupon });
  });
});

test('an element that a list does not have is left out, and so is a member of one', async () => {
  const step = flow<Order>()
    .step('first', echo, () => ({}))
    .output(({ input }) => ({ sku: input.items[0]?.sku, second: input.items[1] }));
  expect(await outputOf(step, { id: 'a', items: [] })).toEqual({});
  expect(await outputOf(step, { id: 'a', items: [{}] })).toEqual({});
  expect(await outputOf(step, { id: 'a', items: [{ sku: 'x' }, {}] })).toEqual({ sku: 'x', second: {} });
});

test('an expression by hand without a value is left out as well', async () => {
  const step = flow<Order>()
    .step('first', echo, () => ({}))
    .output(({ input }) => ({
      id: input.id,
      none: expr<string | undefined>`${input}.nothing`,
    }));
  expect(await outputOf(step, { id: 'a', items: [] })).toEqual({ id: 'a' });
});

test('alone, a missing value fails the state: the compiler asks for orElse', async () => {
  const settled = flow<Order>()
    .step('first', echo, () => ({}))
    .output(({ input }) => orElse(input.coupon, 'none'));
  expect(await outputOf(settled, { id: 'a', items: [] })).toBe('none');
  const alone = flow<Order>()
    .step('first', echo, () => ({}))
    .output(({ input }) => input.coupon as never);
  expect(await outputOf(alone, { id: 'a', items: [] })).toMatch(/coupon/);
});

test('an event of another shape than was expected is named by the failure', async () => {
  const step = flow<Order>()
    .step('decision', activity<unknown, { readonly payload: { readonly amount: number } }>('Event'), () => null)
    .step('sent', activity<number, unknown>('Send'), ({ decision }) => decision.payload.amount);
  const { error, cause } = await run(compile(step), { ...stubs, Event: () => ({ payload: { amout: 1 } }) });
  expect(error).toBe('States.QueryEvaluationError');
  expect(cause).toMatch(/\$decision\.payload\.amount/);
  expect(cause).toMatch(/'sent'/);
});

test('lists in a template stay lists of lists, whatever is in them', async () => {
  interface Lists {
    readonly none: readonly number[];
    readonly one: readonly number[];
    readonly deep: readonly (readonly number[])[];
    readonly object: { readonly a: number };
  }
  const step = flow<Lists>()
    .step('first', echo, () => ({}))
    .output(({ input }) => ({
      id: input.object,
      all: [input.none, input.one, input.deep, [input.one], [], [[]], 1, null, 'x', input.object, { in: input.one }],
      nested: [[input.one, [input.none]], [input.deep]],
    }));
  const input = { none: [], one: [1], deep: [[1], [2, 3]], object: { a: 1 } };
  const { none, one, deep, object } = input;
  expect(await outputOf(step, input)).toEqual({
    id: object,
    all: [none, one, deep, [one], [], [[]], 1, null, 'x', object, { in: one }],
    nested: [[one, [none]], [deep]],
  });
});

test('a list has a value in each place, else the state fails and says which has none', async () => {
  const step = flow<Order>()
    .step('first', echo, () => ({}))
    .output(({ input }) => ({ id: input.id, skus: [input.items[0]!.sku as never] }));
  expect(await outputOf(step, { id: 'a', items: [{ sku: 'x' }] })).toEqual({ id: 'a', skus: ['x'] });
  expect(await outputOf(step, { id: 'a', items: [] })).toMatch(/output\.skus\[0\] has no value/);
});

test('texts in a template arrive as they are, also such as mean something to JSONata', async () => {
  const texts = ['{% x %}', '%}', '"', '\\', "'", '`', '$a', '\u2028', '😀', '{"a": 1}', '/*', ''];
  const step = flow<Order>()
    .step('first', echo, () => ({}))
    .output(({ input }) => ({ id: input.id, texts }));
  expect(await outputOf(step, { id: 'a', items: [] })).toEqual({ id: 'a', texts });
});

test('what is known only when it is deployed stays a field of its own, and is refused in an expression', () => {
  const count = Token.asNumber({ Ref: 'Count' });
  const names = Token.asList({ Ref: 'Names' });
  const resolvable = Lazy.any({ produce: () => 1 });
  for (const value of [count, names, resolvable, { deep: count }, [resolvable]]) {
    const taken = activity<unknown, unknown>('Echo');
    const steps = flow<Order>().step('taken', taken, ({ input }) => ({ id: input.id, value }));
    expect(compile(steps).States['taken']).toMatchObject({
      Arguments: { Payload: { id: '{% $states.input.id %}', value } },
    });
    const given = flow<Order>()
      .step('first', echo, () => ({}))
      .output(() => ({ value }));
    expect(() => compile(given)).toThrow(/output\.value.*deploy-time value.*Token\.asString/s);
  }
});

test('a template with itself in it is refused', () => {
  const template: Record<string, unknown> = { a: 1 };
  template['self'] = template;
  const step = flow<Order>()
    .step('first', echo, () => ({}))
    .output(({ input }) => ({ id: input.id, template }));
  expect(() => compile(step)).toThrow(/a cycle/);
});
