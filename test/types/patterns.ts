/** Type tests of the patterns: see `flow.ts`. */
import { type App, Duration } from 'aws-cdk-lib';
import {
  Activity,
  Chain,
  callAws,
  expr,
  FanOutFanIn,
  type Flow,
  flow,
  Monitor,
  type MonitorResult,
  monitor,
  retry,
  type Step,
  shape,
  start,
} from '../../lib/index.js';

declare const stack: App;
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const proved = <_T extends true>(): void => {};
type Last<F> = F extends Flow<infer _I, infer _V, infer Out> ? Out : never;

interface Weather {
  readonly isClear: boolean;
  readonly wait: number;
}
const getWeather = new Activity<(input: { readonly city: string }) => Promise<Weather>>(stack, 'W', { entry: 'x.ts' });
const alert = new Activity<(input: MonitorResult<Weather>) => Promise<string>>(stack, 'A', { entry: 'x.ts' });
const count = new Activity<(input: { readonly n: number }) => Promise<number>>(stack, 'C', { entry: 'x.ts' });
const text = new Activity<(input: { readonly text: string }) => Promise<{ readonly id: string }>>(stack, 'T', { entry: 'x.ts' });
const base = flow<{ readonly city: string; readonly n: number }>();
const every = Duration.minutes(30);
const deadline = Duration.hours(6);

// Parallel branches give an object with a typed member for each; callbacks see earlier results.
const both = base.step('n', count).parallel('both', {
  a: (f) => f.step('t', text, ({ input }) => ({ text: input.city })),
  b: (f) => f.step('c', count, ({ n }) => ({ n })),
});
proved<Equal<Last<typeof both>, { readonly a: { readonly id: string }; readonly b: number }>>();
both.step('next', count, ({ both }) => ({ n: both.b }));
// @ts-expect-error a is no number
both.step('next', count, ({ both }) => ({ n: both.a }));
// @ts-expect-error there is no branch c
both.step('next', count, ({ both }) => ({ n: both.c }));
// @ts-expect-error the last result, a number, is no { text }
base.step('n', count).parallel('both', { a: text });
// @ts-expect-error there is no step `nope`
base.parallel('both', { a: (f) => f.step('t', text, ({ nope }) => ({ text: nope })) });

// A monitor's callbacks see the poll's result and the flow around.
const watched = base.step(
  'weather',
  monitor({
    poll: getWeather,
    input: ({ input }) => ({ city: input.city }),
    until: (weather, { input }) => expr<boolean>`${weather.isClear} or ${input.n} > 1`,
    interval: { seconds: (weather) => weather.wait },
    deadline,
  }),
);
proved<Equal<Last<typeof watched>, MonitorResult<Weather>>>();
watched.choose({ when: ({ weather }) => weather.timedOut, then: (f) => f.step('n', count, ({ weather }) => ({ n: weather.polls })) });
const handled = base.step(
  'weather',
  monitor({ poll: getWeather, until: (weather) => weather.isClear, interval: every, deadline, onTimeout: alert }),
);
proved<Equal<Last<typeof handled>, MonitorResult<Weather> | string>>();
// @ts-expect-error a number is no condition
base.step('weather', monitor({ poll: getWeather, until: (weather) => weather.wait, interval: every, deadline }));
// @ts-expect-error there is no field `clear`
base.step('weather', monitor({ poll: getWeather, until: (weather) => weather.clear, interval: every, deadline }));
// @ts-expect-error n is a number
base.step('weather', monitor({ poll: getWeather, input: ({ input }) => ({ city: input.n }), until: (w) => w.isClear, interval: every, deadline }));
// @ts-expect-error a deadline is mandatory
base.step('weather', monitor({ poll: getWeather, until: (weather) => weather.isClear, interval: every }));

// As constructs, they are orchestrations with types.
const weatherMonitor = new Monitor(stack, 'Weather', { poll: getWeather, until: (w) => w.isClear, interval: every, deadline });
const _weather: Step<{ readonly city: string }, MonitorResult<Weather>> = weatherMonitor;
// @ts-expect-error it takes a city
const _wrong: Step<{ readonly town: string }, MonitorResult<Weather>> = weatherMonitor;
new Monitor(stack, 'Periodic', {
  poll: count,
  carry: { initial: { round: 1 }, next: (_n, { carried }) => ({ round: expr<number>`${carried.round} + 1` }) },
  input: ({ carried }) => ({ n: carried.round }),
  interval: every,
});
const worded = () => ({ round: 'two' });
// @ts-expect-error round is a number
new Monitor(stack, 'Wrong', { poll: count, carry: { initial: { round: 1 }, next: worded }, interval: every });
const all = new FanOutFanIn(stack, 'All', { each: count });
const _all: Step<readonly { readonly n: number }[], readonly number[]> = all;
// @ts-expect-error the items are { n }
const _none: Step<readonly string[], readonly number[]> = all;
const named = new FanOutFanIn(stack, 'Named', {
  takes: shape<{ readonly cities: readonly string[] }>(),
  items: ({ input }) => input.cities,
  each: text,
  input: (city) => ({ text: city }),
});
const _named: Step<{ readonly cities: readonly string[] }, readonly { readonly id: string }[]> = named;

// Sub-orchestrations are typed in and out; `start` gives an id.
const child = new Chain(stack, 'Child', { steps: [count] });
base.step('child', child, ({ input }) => ({ n: input.n })).step('more', count, ({ child }) => ({ n: child }));
// @ts-expect-error it takes { n }
base.step('child', child, ({ input }) => ({ n: input.city }));
const started = base.step('child', start(child));
proved<Equal<Last<typeof started>['instanceId'], string>>();
// @ts-expect-error it takes { n }
base.step('child', start(child), () => ({ m: 1 }));

// Compensations see the result that they undo and the error; `finally` sees results that may be missing.
base
  .step('t', text, ({ input }) => ({ text: input.city }))
  .compensate(text, ({ t, error }) => ({ text: expr<string>`${t.id} & ${error.name}` }))
  .step('n', count, ({ input }) => ({ n: input.n }))
  // @ts-expect-error a number is no { text }
  .compensate(text);
base
  .step('n', count)
  // @ts-expect-error n may be missing
  .finally(count, ({ n }) => ({ n }));

// A service call has the type that it is said to return.
const head = base.step(
  'head',
  callAws({
    service: 's3',
    action: 'headObject',
    resources: ['*'],
    parameters: ({ input }) => ({ Key: input.city }),
    returns: shape<{ readonly ContentLength: number }>(),
  }),
);
head.step('n', count, ({ head }) => ({ n: head.ContentLength }));
// @ts-expect-error the length is a number
head.step('t', text, ({ head }) => ({ text: head.ContentLength }));
// @ts-expect-error at least one resource must be named
callAws({ service: 's3', action: 'headObject', resources: [] });

// `retry` keeps the types.
const retried = base.step('n', retry(count, { maxAttempts: 3 }));
proved<Equal<Last<typeof retried>, number>>();
// @ts-expect-error it takes { n }
base.step('n', retry(count, { maxAttempts: 3 }), ({ input }) => ({ n: input.city }));
