import { expr, flow, orElse } from '../../lib/flow/index.js';
import { sequenceOf } from '../../lib/flow/list.js';
import { activity, compile, essence, seconds } from './kit.js';
import { run } from './run.js';

const upper = activity<{ name: string }, { text: string; length: number }>('Upper');
const greet = activity<{ text: string }, { greeting: string }>('Greet');
const send = activity<{ to: string; body: string }, null>('Send');

test('an activity call is one Task state with time-out, retries and idempotency key', () => {
  expect(compile(flow<{ name: string }>().step('up', upper))).toEqual({
    QueryLanguage: 'JSONata',
    StartAt: 'up',
    States: {
      up: {
        Type: 'Task',
        Resource: 'arn:aws:states:::lambda:invoke',
        Arguments: {
          FunctionName: 'arn:aws:lambda:us-east-1:123456789012:function:Upper',
          Payload: '{% $states.input %}',
          ClientContext:
            '{% $base64encode($string({"idempotencyKey": $replace($encodeUrlComponent($states.context.Execution.Name & "/up"), "%2F", "/")})) %}',
        },
        TimeoutSeconds: 65,
        Retry: [
          {
            ErrorEquals: [
              'Lambda.ClientExecutionTimeoutException',
              'Lambda.ServiceException',
              'Lambda.AWSLambdaException',
              'Lambda.SdkClientException',
              'Lambda.TooManyRequestsException',
            ],
            IntervalSeconds: 2,
            MaxAttempts: 12,
            BackoffRate: 2,
            MaxDelaySeconds: 180,
            JitterStrategy: 'FULL',
          },
        ],
        Assign: { up: '{% $states.result.Payload %}' },
        Output: '{% $states.result.Payload %}',
        End: true,
      },
    },
  });
});

test('a step list passes each output on as the next input, without variables', () => {
  expect(essence(compile(sequenceOf('Test', [upper, greet])))).toEqual({
    StartAt: 'Upper',
    States: {
      Upper: { Type: 'Task Upper', Payload: '{% $states.input %}', Next: 'Greet' },
      Greet: { Type: 'Task Greet', Payload: '{% $states.input %}', End: true },
    },
  });
});

test('a mapping is one expression, which leaves out what is missing; a later state reads the input where the execution keeps it', () => {
  const steps = flow<{ name: string; to: string }>()
    .step('up', upper)
    .step('sent', send, ({ input, up }) => ({ to: input.to, body: expr<string>`'Dear ' & ${up.text}` }));
  expect(essence(compile(steps))).toEqual({
    StartAt: 'up',
    States: {
      up: {
        Type: 'Task Upper',
        Payload: '{% $states.input %}',
        Assign: { up: '{% $states.result.Payload %}' },
        Next: 'sent',
      },
      sent: {
        Type: 'Task Send',
        Payload: '{% {"to": $states.context.Execution.Input.to, "body": (\'Dear \' & $up.text)} %}',
        Assign: { sent: '{% $states.result.Payload %}' },
        End: true,
      },
    },
  });
});

test('input and first result take 256 KiB each, since they share no Assign', async () => {
  const big = (character: string) => character.repeat(200 * 1024);
  const steps = flow<{ text: string }>()
    .step('up', upper, () => ({ name: 'x' }))
    .step('sent', send, ({ input, up }) => ({
      to: expr<string>`$substring(${input.text}, 0, 1)`,
      body: expr<string>`$substring(${up.text}, 0, 1)`,
    }));
  const stubs = { Upper: () => ({ text: big('u') }), Send: (mail: unknown) => mail };
  expect(await run(compile(steps), stubs, { text: big('i') })).toMatchObject({
    status: 'SUCCEEDED',
    output: { to: 'i', body: 'u' },
  });
});

test('an explicit output reads the last step in its own state, where its variable is not readable yet', () => {
  const steps = flow<{ name: string; tag?: string }>()
    .step('up', upper)
    .output(({ up, input }) => ({ text: up.text, name: input.name, tag: orElse(input.tag, 'none') }));
  expect(compile(steps).States['up']!.Output).toBe(
    '{% {"text": $states.result.Payload.text, "name": $states.input.name, "tag": ($exists($states.input.tag) and $states.input.tag != null ? $states.input.tag : "none")} %}',
  );
});

test('a flow inside a flow costs no state: its input is substituted where it is read', () => {
  const inner = flow<{ first: string; second: { deep: string } }>()
    .step('up', upper, ({ input }) => ({ name: input.first }))
    .step('greet', greet, ({ input, up }) => ({ text: expr<string>`${up.text} & ${input.second.deep}` }));
  const steps = flow<{ a: string; b: string }>()
    .step('hello', inner, ({ input }) => ({ first: input.a, second: { deep: input.b } }))
    .step('sent', send, ({ hello, input }) => ({ to: input.a, body: hello.greeting }));
  expect(essence(compile(steps))).toEqual({
    StartAt: 'up',
    States: {
      up: {
        Type: 'Task Upper',
        Payload: '{% {"name": $states.input.a} %}',
        Assign: { up: '{% $states.result.Payload %}' },
        Next: 'greet',
      },
      greet: {
        Type: 'Task Greet',
        Payload: '{% {"text": ($up.text & $states.context.Execution.Input.b)} %}',
        Assign: { greet: '{% $states.result.Payload %}', hello: '{% $states.result.Payload %}' },
        Next: 'sent',
      },
      sent: {
        Type: 'Task Send',
        Payload: '{% {"to": $states.context.Execution.Input.a, "body": $hello.greeting} %}',
        Assign: { sent: '{% $states.result.Payload %}' },
        End: true,
      },
    },
  });
});

test('states and variables of the same name are told apart', () => {
  const inner = flow<{ name: string }>().step('up', upper);
  const steps = flow<{ name: string }>()
    .step('up', upper)
    .step('again', inner, ({ input }) => ({ name: input.name }))
    .output(({ up, again }) => ({ a: up.text, b: again.text }));
  const { States } = compile(steps);
  expect(Object.keys(States)).toEqual(['up', 'again: up']);
  expect(States['again: up']!.Assign).toEqual({
    up_2: '{% $states.result.Payload %}',
    again: '{% $states.result.Payload %}',
  });
});

test('a step named like a JSONata function gets a variable that hides nothing', () => {
  const { States } = compile(
    flow<{ name: string }>()
      .step('count', upper)
      .step('sum', greet, ({ count }) => ({ text: count.text })),
  );
  expect(States['sum']!['Arguments']).toMatchObject({ Payload: '{% {"text": $countResult.text} %}' });
});

test('a wait passes the last result on', () => {
  const steps = flow<{ name: string }>().delay(seconds(300)).step('up', upper).delay(seconds(1)).step('g', greet);
  expect(essence(compile(steps))).toEqual({
    StartAt: 'Wait 5 minutes',
    States: {
      'Wait 5 minutes': { Type: 'Wait', Seconds: 300, Next: 'up' },
      up: {
        Type: 'Task Upper',
        Payload: '{% $states.input %}',
        Assign: { up: '{% $states.result.Payload %}' },
        Next: 'Wait 1 second',
      },
      'Wait 1 second': { Type: 'Wait', Seconds: 1, Next: 'g' },
      g: {
        Type: 'Task Greet',
        Payload: '{% $states.input %}',
        Assign: { g: '{% $states.result.Payload %}' },
        End: true,
      },
    },
  });
});

test('waits can depend on data', () => {
  const { States } = compile(
    flow<{ due: string; pause: number; name: string }>()
      .step('up', upper)
      .delay({ until: ({ input }) => input.due })
      .delay({ seconds: ({ input }) => input.pause }, 'Breathe'),
  );
  expect(States['Wait until']).toEqual({
    Type: 'Wait',
    Timestamp: '{% $states.context.Execution.Input.due %}',
    Next: 'Breathe',
  });
  expect(States['Breathe']).toEqual({
    Type: 'Wait',
    Seconds: '{% $states.context.Execution.Input.pause %}',
    End: true,
  });
});

test('custom status is an UpdateItem on the hub, and nothing without a hub', () => {
  const steps = flow<{ name: string }>().customStatus('working').step('up', upper);
  expect(Object.keys(compile(steps).States)).toEqual(['up']);
  const { States, StartAt } = compile(steps, { name: 'HubTable', arn: 'arn:table' });
  expect(StartAt).toBe('Set status: working');
  expect(States[StartAt]).toMatchObject({
    Resource: 'arn:aws:states:::dynamodb:updateItem',
    Arguments: { TableName: 'HubTable', ExpressionAttributeValues: { ':status': { S: '"working"' } } },
    Output: '{% $states.input %}',
    Next: 'up',
  });
});

describe('refuses', () => {
  const fails = (build: () => unknown) => {
    try {
      build();
    } catch (error) {
      return (error as Error).message;
    }
    return 'no error';
  };

  test('an empty flow', () => {
    expect(fails(() => compile(flow<string>()))).toBe('`Test`: expected at least one step, got none');
    expect(fails(() => sequenceOf('Test', []))).toBe('`Test`: expected at least one step, got none');
  });

  test('two steps of one name', () => {
    const twice = flow<{ name: string }>().step('up', upper) as unknown as {
      step(name: string, step: object): unknown;
    };
    expect(fails(() => twice.step('up', upper))).toBe(
      "`flow.step('up')`: expected a step name that is unique in its flow, got a second step named `up`; give one of them another name",
    );
  });

  test('the names input and error', () => {
    const any = flow<{ name: string }>() as unknown as { step(name: string, step: object): unknown };
    expect(fails(() => any.step('error', upper))).toContain('a name other than `input` and `error`');
  });

  test('an unknown step, naming the known ones', () => {
    const steps = flow<{ name: string }>()
      .step('up', upper)
      .step('g', greet, (scope) => ({ text: (scope as unknown as { nope: string }).nope }));
    expect(fails(() => compile(steps))).toBe(
      '`Test`: expected one of `input`, `up`, got `nope`; refer to earlier steps of this flow by their names',
    );
  });

  test('something that is no step', () => {
    const any = flow<{ name: string }>() as unknown as { step(name: string, step: unknown): { compile: never } };
    expect(fails(() => compile(any.step('x', { not: 'a step' }) as never))).toBe(
      '`Test.x`: expected an Activity, a pattern, an orchestration, a flow or an sfn.IChainable, got an instance of Object',
    );
  });

  test.each([
    ['a template string', ({ up }: never) => ({ text: `${up}` }), 'used as a plain value'],
    ['addition', ({ up }: { up: never }) => ({ text: (up as number) + 1 }), 'used as a plain value'],
    ['spreading', ({ up }: { up: object }) => ({ text: 'x', ...up }), 'spread or enumerated'],
    ['iteration', ({ up }: { up: Iterable<string> }) => ({ text: [...up][0] }), 'iterated or spread'],
    ['a call', ({ up }: { up: { text: { trim(): string } } }) => ({ text: up.text.trim() }), 'called as a function'],
    [
      'a condition',
      ({ up }: { up: { text: string; length: number } }) => ({ text: up.length ? up.text : 'short' }),
      '`up.length`, which was read and then dropped',
    ],
    [
      'logical and',
      ({ up }: { up: { text: string; length: number } }) => ({ text: up.length && up.text }),
      '`up.length`, which was read and then dropped',
    ],
    ['a promise', async ({ up }: { up: { text: string } }) => ({ text: up.text }), 'a promise'],
    ['JSON.stringify', ({ up }: { up: object }) => ({ text: JSON.stringify(up) }), 'given to JSON.stringify'],
  ])('a reference misused by %s, with the fix', (_what, mapping, message) => {
    const steps = flow<{ name: string }>()
      .step('up', upper)
      .step('g', greet, mapping as never);
    expect(fails(() => compile(steps))).toContain(message);
  });

  test.each([
    ['a function', () => 'x', 'a function'],
    ['a date', new Date(0), 'an instance of Date'],
    ['NaN', Number.NaN, '`NaN`'],
    ['a bigint', 1n, 'a bigint'],
    ['a map', new Map(), 'an instance of Map'],
  ])('a template that JSON can not hold: %s', (_what, value, message) => {
    const steps = flow<{ name: string }>().step('g', greet, (() => ({ text: value })) as never);
    expect(fails(() => compile(steps))).toContain(
      `\`Test.g.input.text\`: expected a JSON value or a reference, got ${message}`,
    );
  });

  test('a wait that Step Functions does not take', () => {
    expect(fails(() => compile(flow<string>().delay(seconds(1.5))))).toBe(
      '`Test.delay`: expected whole seconds, from 0 to 31536000 (a year, the longest that an execution lives), got 1.5 s',
    );
    expect(fails(() => compile(flow<string>().delay({ until: 'tomorrow' })))).toContain('an ISO 8601 timestamp');
  });

  test('steps behind an end', () => {
    const ends = {
      stepName: 'End',
      compile: (site: never) => ({
        start: (site as { scope: { add(n: string, s: object): string } }).scope.add('End', { Type: 'Succeed' }),
        exits: [],
      }),
    };
    expect(
      fails(() =>
        compile(
          flow<{ name: string }>()
            .step('end', ends as never)
            .step('up', upper as never) as never,
        ),
      ),
    ).toContain('`Test.up`: expected a step that can be reached');
  });
});

test('text that looks like JSONata stays text', () => {
  const { States } = compile(flow<unknown>().step('g', greet, () => ({ text: '{% $states.input %}' })));
  expect(States['g']!['Arguments']).toMatchObject({ Payload: { text: '{% "{% $states.input %}" %}' } });
});

test('property names that are no identifiers are quoted', () => {
  const { States } = compile(
    flow<{ 'content-type': string; and: string; list: { true: string }[] }>().step('s', send, ({ input }) => ({
      to: input['content-type'],
      body: expr<string>`${input.and} & ${input.list[0]!.true}`,
    })),
  );
  expect(States['s']!['Arguments']).toMatchObject({
    Payload:
      '{% {"to": $states.input.`content-type`, "body": ($states.input.`and` & (($type($states.input.list) = \'array\' ? $states.input.list[0] : $states.input.list.`0`).`true`))} %}',
  });
});
