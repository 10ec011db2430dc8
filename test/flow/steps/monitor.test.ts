import { expr, fanOutFanIn, flow, monitor } from '../../../lib/flow/index.js';
import { activity, compile, essence, seconds } from '../kit.js';
import { Bench, failure, run, type Stub } from '../run.js';

interface Weather {
  readonly isClear: boolean;
  readonly next: number;
}

const getWeather = activity<{ readonly city: string }, Weather>('GetWeather');
const report = activity<unknown, string>('Report');
const clearAt =
  (poll: number): Stub =>
  (_input, { execution }) => {
    const seen = (polls.get(execution.arn) ?? 0) + 1;
    polls.set(execution.arn, seen);
    return { isClear: seen >= poll, next: seen * 10 };
  };
const polls = new Map<string, number>();
/** Is clear at some call, whatever execution makes it. */
const clearAtCall = (call: number): Stub => {
  let seen = 0;
  return () => ({ isClear: ++seen >= call, next: seen });
};
beforeEach(() => polls.clear());

const weather = (deadline: number, interval = 30) =>
  flow<{ readonly city: string }>().step(
    'weather',
    monitor({
      poll: getWeather,
      input: ({ input }) => ({ city: input.city }),
      until: (result) => result.isClear,
      interval: seconds(interval),
      deadline: seconds(deadline),
    }),
  );

test('is a loop of three states, and one that waits out the deadline', () => {
  expect(essence(compile(weather(3600)))).toEqual({
    StartAt: 'weather',
    States: {
      weather: {
        Type: 'Task GetWeather',
        Payload: '{% {"city": $states.context.Execution.Input.city} %}',
        Assign: {
          weather_polls: '{% ($exists($weather_polls) ? $weather_polls : 0) + 1 %}',
          weather_deadline:
            '{% $exists($weather_deadline) ? $weather_deadline : $toMillis($states.context.State.EnteredTime) + 3600000 %}',
        },
        Next: 'Done?',
      },
      'Done?': {
        Type: 'Choice',
        Choices: [
          {
            Condition: '{% $states.input.isClear %}',
            Output: {
              outcome: 'completed',
              timedOut: false,
              result: '{% $states.input %}',
              polls: '{% $weather_polls %}',
            },
            Assign: expect.any(Object),
            Next: 'Done',
          },
          { Condition: '{% $millis() + 30000 >= $weather_deadline %}', Next: 'Wait for the deadline' },
        ],
        Default: 'Wait',
      },
      Wait: { Type: 'Wait', Seconds: 30, Next: 'weather' },
      'Wait for the deadline': {
        Type: 'Wait',
        Seconds: '{% $max([0, $ceil(($weather_deadline - $millis()) / 1000)]) %}',
        Assign: expect.any(Object),
        Output: { outcome: 'timedOut', timedOut: true, result: '{% $states.input %}', polls: '{% $weather_polls %}' },
        End: true,
      },
      Done: { Type: 'Succeed' },
    },
  });
});

test('polls until the condition holds; every poll has its own idempotency key', async () => {
  const {
    output,
    seconds: took,
    bench,
  } = await run(compile(weather(3600)), { GetWeather: clearAt(3) }, { city: 'Graz' });
  expect(output).toEqual({ outcome: 'completed', timedOut: false, result: { isClear: true, next: 30 }, polls: 3 });
  expect(took).toBe(60);
  expect(bench.inputs('GetWeather')).toEqual(Array(3).fill({ city: 'Graz' }));
  expect(bench.calls.map(({ key }) => key)).toEqual(['run-1/weather/0', 'run-1/weather/1', 'run-1/weather/2']);
});

test.each(['inline', 'distributed'] as const)(
  'in %s fan-outs, every item’s polls have keys of their own',
  async (mode) => {
    const each = flow<{ readonly city: string }>().step(
      'weather',
      monitor({ poll: getWeather, until: (result) => result.isClear, interval: seconds(30), deadline: seconds(45) }),
    );
    const steps = flow<{ readonly cities: readonly { readonly city: string }[] }>().step(
      'all',
      fanOutFanIn({ items: ({ input }) => input.cities, each, mode }),
    );
    const bench = new Bench({ GetWeather: () => ({ isClear: false, next: 0 }) });
    const machine = bench.deploy('Test', compile(steps));
    const cities = [{ city: 'Graz' }, { city: 'Linz' }];
    const ended = await bench.start(machine, { cities }, 'run-1');
    expect(ended.status).toBe('SUCCEEDED');
    await bench.start(machine, { cities }, 'run-2');
    expect(new Set(bench.calls.map(({ key }) => key)).size).toBe(2 * 2 * 2);
    expect(bench.inputs('GetWeather')).toEqual(expect.arrayContaining(cities));
    expect(new Set(bench.inputs('GetWeather').map((input) => JSON.stringify(input))).size).toBe(2);
  },
);

test('at the deadline it ends as timed out, without a poll at the deadline itself', async () => {
  const { output, seconds: took, bench } = await run(compile(weather(100)), { GetWeather: clearAt(99) }, { city: 'x' });
  expect(output).toMatchObject({ outcome: 'timedOut', timedOut: true, polls: 4 });
  expect(bench.calls.map(({ at }) => at)).toEqual([0, 30, 60, 90]);
  expect(took).toBe(100);
});

test('the interval grows up to its cap', async () => {
  const steps = flow<{ readonly city: string }>().step(
    'weather',
    monitor({
      poll: getWeather,
      until: (result) => result.isClear,
      interval: { first: seconds(10), rate: 3, max: seconds(50) },
      deadline: seconds(1000),
    }),
  );
  const { bench } = await run(compile(steps), { GetWeather: clearAt(5) }, { city: 'x' });
  expect(bench.calls.map(({ at }) => at)).toEqual([0, 10, 40, 90, 140]);
});

test('an interval that has reached its cap stays there for 5,000 polls', async () => {
  const steps = flow<{ readonly city: string }>().step(
    'weather',
    monitor({
      poll: getWeather,
      until: (result) => result.isClear,
      interval: { first: seconds(1), max: seconds(600) },
      deadline: seconds(40 * 86_400),
    }),
  );
  const { output, bench } = await run(compile(steps), { GetWeather: clearAtCall(5000) }, { city: 'x' });
  expect(output).toMatchObject({ outcome: 'completed', polls: 5000 });
  expect(bench.calls.slice(0, 12).map(({ at }) => at)).toEqual([0, 1, 3, 7, 15, 31, 63, 127, 255, 511, 1023, 1623]);
  expect(bench.calls.at(-1)!.at).toBe(1023 + 4989 * 600);
}, 60_000);

test.each([
  [{ first: seconds(10), rate: 1, max: seconds(50) }, 10],
  [{ first: seconds(50), max: seconds(50) }, 50],
  [
    { first: seconds(10), rate: 5, max: seconds(50) },
    '{% ($weather_polls > 1 ? 50 : $ceil(10 * $power(5, $weather_polls - 1))) %}',
  ],
  [
    { first: seconds(1), rate: 10, max: seconds(1000) },
    '{% ($weather_polls > 3 ? 1000 : $ceil(1 * $power(10, $weather_polls - 1))) %}',
  ],
])('asks for the cap before it computes a power: %#', (interval, expected) => {
  const options = { poll: getWeather, until: (result: { readonly isClear: never }) => result.isClear };
  const step = monitor({ ...options, interval, deadline: seconds(600) } as never);
  expect(compile(flow<{ readonly city: string }>().step('weather', step as never)).States['Wait']).toMatchObject({
    Seconds: expected,
  });
});

test('a poll’s result chooses the interval, and `until` reads the flow around', async () => {
  const steps = flow<{ readonly city: string; readonly least: number }>().step(
    'weather',
    monitor({
      poll: getWeather,
      input: ({ input }) => ({ city: input.city }),
      until: (result, { input }) => expr<boolean>`${result.next} >= ${input.least}`,
      interval: { seconds: (result) => result.next, atLeast: seconds(15) },
      deadline: seconds(1000),
    }),
  );
  const { bench } = await run(compile(steps), { GetWeather: clearAt(9) }, { city: 'x', least: 40 });
  expect(bench.calls.map(({ at }) => at)).toEqual([0, 15, 35, 65]);
});

test('a failing poll fails the monitor, and can be caught', async () => {
  const broken: Stub = () => {
    throw failure('NoStation', 'offline');
  };
  const caught = weather(100).catch(report, ({ error }) => error.message);
  const { output } = await run(compile(caught), { GetWeather: broken, Report: (text: string) => text }, { city: 'x' });
  expect(output).toBe('offline');
});

test('`fail` throws at the deadline; a step takes the result instead', async () => {
  const options = {
    poll: getWeather,
    until: (result: { readonly isClear: never }) => result.isClear,
    interval: seconds(30),
    deadline: seconds(60),
  } as const;
  const stubs = { GetWeather: clearAt(99), Report: ({ polls }: { polls: number }) => `gave up after ${polls}` };
  const fails = flow<{ readonly city: string }>().step('weather', monitor({ ...options, onTimeout: 'fail' } as never));
  expect(await run(compile(fails), stubs, {})).toMatchObject({
    status: 'FAILED',
    error: 'MonitorTimedOut',
    cause: 'not done by the deadline, after 2 polls',
  });
  const handled = flow<{ readonly city: string }>().step(
    'weather',
    monitor({ ...options, onTimeout: report } as never),
  );
  expect((await run(compile(handled), stubs, {})).output).toBe('gave up after 2');
});

describe('windows', () => {
  const month = 30 * 86_400;

  test('run where one history might not hold all polls', () => {
    expect(compile(weather(180 * 30)).States['weather']).toMatchObject({ Type: 'Task' });
    expect(compile(weather(month, 15)).States['weather']).toMatchObject({
      Type: 'Map',
      ItemProcessor: { ProcessorConfig: { Mode: 'DISTRIBUTED' } },
    });
  });

  test('half a day of polls every 15 s: 2880 polls, the right outcome, no long history', async () => {
    let count = 0;
    const stubs = { GetWeather: () => ({ isClear: false, next: ++count }) };
    const { output, seconds: took, bench } = await run(compile(weather(43_200, 15)), stubs, { city: 'x' });
    expect(output).toEqual({
      outcome: 'timedOut',
      timedOut: true,
      result: { isClear: false, next: 2880 },
      polls: 2880,
    });
    expect(took).toBe(43_200);
    expect(new Set(bench.calls.map(({ key }) => key)).size).toBe(2880);
    expect(bench.ended).toHaveLength(8);
    expect(Math.max(...bench.ended.map(({ events }) => events))).toBeLessThan(25_000);
  }, 60_000);

  test('every poll of every window of every instance has an idempotency key of its own', async () => {
    const bench = new Bench({ GetWeather: () => ({ isClear: false, next: 0 }) });
    const machine = bench.deploy('Test', compile(weather(25_000, 10)));
    await bench.start(machine, { city: 'x' }, 'run-1');
    await bench.start(machine, { city: 'x' }, 'run-2');
    expect(bench.ended.length).toBeGreaterThanOrEqual(2 * (1 + 2));
    const keys = bench.calls.map(({ key }) => key);
    expect(keys.slice(0, 2)).toEqual(['run-1/weather/0/GetWeather/0', 'run-1/weather/0/GetWeather/1']);
    expect(keys.at(-1)).toMatch(/^run-2\/weather\/\d{3,}\/GetWeather\/2499$/);
    expect(new Set(keys).size).toBe(2 * 2500);
  }, 60_000);

  test('a condition that holds in a later window ends it; `until` and the input read the flow around', async () => {
    const steps = flow<{ readonly city: string; readonly least: number }>().step(
      'weather',
      monitor({
        poll: getWeather,
        input: ({ input }) => ({ city: input.city }),
        until: (result, { input }) => expr<boolean>`${result.next} >= ${input.least}`,
        interval: seconds(15),
        deadline: seconds(month),
      }),
    );
    let count = 0;
    const { output, bench } = await run(
      compile(steps),
      { GetWeather: ({ city }: { city: string }) => ({ isClear: false, next: city === 'Graz' ? ++count : 0 }) },
      { city: 'Graz', least: 1000 },
    );
    expect(output).toMatchObject({ outcome: 'completed', polls: 1000 });
    expect(bench.ended.length).toBeGreaterThan(1);
  }, 30_000);

  test('an error inside a window keeps its name and message', async () => {
    const broken: Stub = () => {
      throw failure('NoStation', 'offline');
    };
    expect((await run(compile(weather(month, 15)), { GetWeather: broken }, { city: 'x' })).error).toBe('NoStation');
    const caught = weather(month, 15).catch(report, ({ error }) => ({ text: error.message, step: error.step }));
    const stubs = { GetWeather: broken, Report: (text: unknown) => text };
    expect((await run(compile(caught), stubs, { city: 'x' })).output).toEqual({ text: 'offline', step: 'GetWeather' });
  });
});

describe('a poll whose length only the running workflow knows', () => {
  const look = activity<string, boolean>('Look');
  const everywhere = flow<{ readonly cities: readonly string[] }>()
    .step('clear', fanOutFanIn({ items: ({ input }) => input.cities, each: look }))
    .output(({ clear }) => ({ isClear: expr<boolean>`$count(${clear}[$]) = $count(${clear})` }));
  const watch = (deadline: number, interval: number) =>
    flow<{ readonly cities: readonly string[] }>().step(
      'watch',
      monitor({
        poll: everywhere,
        until: (result) => result.isClear,
        interval: seconds(interval),
        deadline: seconds(deadline),
      }),
    );
  const longest = (bench: Bench) => Math.max(...bench.ended.map(({ events }) => events));

  test('runs in an execution of its own, also where there are few', () => {
    const { States } = compile(watch(600, 60));
    expect(Object.keys(States)).toEqual([
      'watch',
      'Failed?',
      'watch failed',
      'Done?',
      'Wait',
      'Wait for the deadline',
      'Done 2',
    ]);
    expect(States['watch']).toMatchObject({
      Type: 'Map',
      Items: [
        {
          key: '{% $states.context.Execution.Name & "/watch" & "/" & ($exists($watch_polls) ? $watch_polls : 0) %}',
          input: '{% $states.context.Execution.Input %}',
        },
      ],
      ItemProcessor: { ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' } },
    });
  });

  test('a list that is written out is counted instead', () => {
    const poll = flow<unknown>()
      .step('clear', fanOutFanIn({ items: () => ['Graz', 'Linz'], each: look }))
      .output(({ clear }) => ({ isClear: expr<boolean>`${clear}[0]` }));
    const polled = (deadline: number) =>
      compile(
        flow<unknown>().step(
          'watch',
          monitor({ poll, until: (result) => result.isClear, interval: seconds(1), deadline: seconds(deadline) }),
        ),
      );
    expect(polled(150).States['clear']).toMatchObject({ Type: 'Map', Items: ['Graz', 'Linz'] });
    expect(polled(3000).States['watch']).toMatchObject({ Type: 'Map', Items: [{ polls: expect.any(String) }] });
  });

  test('500 items in every poll: no history is near its end', async () => {
    const cities = Array.from({ length: 500 }, (_, index) => `city ${index}`);
    const bench = new Bench({ Look: () => false });
    const outcome = await bench.start(bench.deploy('Test', compile(watch(20 * 60, 60))), { cities });
    expect(outcome).toMatchObject({ status: 'SUCCEEDED', output: { outcome: 'timedOut', polls: 20 } });
    expect(new Set(bench.calls.map(({ key }) => key)).size).toBe(20 * 500);
    expect(longest(bench)).toBeLessThan(5000);
  }, 120_000);

  test('10,000 polls in windows', async () => {
    const bench = new Bench({ Look: () => false });
    const outcome = await bench.start(bench.deploy('Test', compile(watch(600_000, 60))), { cities: ['Graz'] });
    expect(outcome).toMatchObject({ status: 'SUCCEEDED', output: { outcome: 'timedOut', polls: 10_000 } });
    expect(new Set(bench.calls.map(({ key }) => key)).size).toBe(10_000);
    expect(longest(bench)).toBeLessThan(25_000 * 0.8);
  }, 120_000);

  test('an error inside keeps its name and message', async () => {
    const broken: Stub = () => {
      throw failure('NoStation', 'offline');
    };
    const caught = watch(600, 60).catch(report, ({ error }) => ({ text: error.message, name: error.name }));
    const { output } = await run(
      compile(caught),
      { Look: broken, Report: (text: unknown) => text },
      { cities: ['Graz'] },
    );
    expect(output).toEqual({ text: 'offline', name: 'NoStation' });
  });

  test('a loop inside is such a poll too', () => {
    const patient = flow<{ readonly city: string }>().step(
      'weather',
      monitor({ poll: getWeather, until: (result) => result.isClear, interval: seconds(1), deadline: seconds(60) }),
    );
    const steps = monitor({
      poll: patient,
      until: (result) => expr<boolean>`${result.outcome} = 'completed'`,
      interval: seconds(60),
      deadline: seconds(3600),
    });
    expect(compile(flow<{ readonly city: string }>().step('watch', steps)).States['watch']).toMatchObject({
      Type: 'Map',
    });
  });
});

test.each([
  [{ interval: seconds(0), deadline: seconds(60) }, 'Test.weather.interval'],
  [{ interval: seconds(61), deadline: seconds(60) }, 'at least the interval of 61 s'],
  [{ interval: { first: seconds(10), max: seconds(5) }, deadline: seconds(60) }, 'interval.max'],
  [{ interval: { first: seconds(10), max: seconds(50), rate: 0.5 }, deadline: seconds(60) }, 'interval.rate'],
  [{ interval: seconds(1), deadline: seconds(31_536_000) }, 'polls, which is what an execution can oversee'],
  [{ interval: seconds(1), deadline: seconds(31_536_001) }, 'from 1 to 31536000'],
])('refuses what cannot work: %#', (options, message) => {
  const step = monitor({ poll: getWeather, until: (result) => result.isClear, ...options });
  expect(() => compile(flow<{ readonly city: string }>().step('weather', step))).toThrow(message);
});
