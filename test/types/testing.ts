/**
 * Type tests of the testing kit: compiled by `npm run lint`, never run. Each `@ts-expect-error` is a mistake that the compiler must find.
 */
import { App, Duration } from 'aws-cdk-lib';
import { Activity, Chain, flow } from '../../lib/index.js';
import { type Instance, TestEnvironment } from '../../lib/testing/index.js';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const proved = <_T extends true>(): void => {};

type Charge = (event: { total: number }) => Promise<{ receipt: string }>;

const app = new App();
const charge = new Activity<Charge>(app, 'Charge', { entry: 'x.ts' });
const shop = new Chain(app, 'Shop', {
  steps: flow<{ readonly total: number }>()
    .step('charged', charge)
    .output(({ charged }) => ({ receipt: charged.receipt })),
});

export async function checks(): Promise<void> {
  const env = await TestEnvironment.create(app);
  await TestEnvironment.create('cdk.out', { time: new Date(0) });
  // @ts-expect-error an app, a construct or a directory
  await TestEnvironment.create(7);

  // A stub has the types of its activity.
  env.stub(charge, ({ total }, { call }) => ({ receipt: `${total.toFixed(2)} ${call}` }));
  env.stub(charge, async () => ({ receipt: 'r' }));
  // @ts-expect-error a field of the output is missing
  env.stub(charge, () => ({}));
  // @ts-expect-error the input has no such field
  env.stub(charge, ({ sum }) => ({ receipt: sum }));
  env.activity(charge).returns({ receipt: 'r' });
  // @ts-expect-error a wrong output
  env.activity(charge).returns('r');

  // So have its calls.
  const [first] = env.activity(charge).inputs;
  proved<Equal<typeof first, { total: number } | undefined>>();
  const [call] = env.activity(charge).calls;
  proved<Equal<NonNullable<typeof call>['output'], { receipt: string } | undefined>>();

  // By id the handler's type may be given.
  env.stub<Charge>('Charge', ({ total }) => ({ receipt: `${total}` }));
  // @ts-expect-error a field of the output is missing
  env.stub<Charge>('Charge', () => ({}));
  const [byId] = env.activity<Charge>('Charge').inputs;
  proved<Equal<typeof byId, { total: number } | undefined>>();

  // Failures.
  env.activity(charge).failOnCall(1, new Error('no')).failOnCalls(2, 3, 'Lambda.TooManyRequestsException');
  env.activity(charge).fails({ name: 'Declined', message: 'no' });
  // @ts-expect-error an error has a name
  env.activity(charge).fails({ message: 'no' });

  // An instance has the types of its orchestration.
  const instance = await env.start(shop, { total: 4 }, { instanceId: 'x' });
  proved<Equal<typeof instance, Instance<{ readonly receipt: string }>>>();
  const output = await instance.completed();
  proved<Equal<typeof output, { readonly receipt: string }>>();
  // @ts-expect-error a wrong input
  await env.start(shop, { total: '4' });
  // @ts-expect-error an activity is no orchestration
  await env.start(charge, { total: 4 });
  const byName = await env.start<{ receipt: string }>('Shop', { total: 4 });
  proved<Equal<typeof byName, Instance<{ receipt: string }>>>();

  // Spans of time.
  await env.advance(Duration.hours(1));
  await env.advance({ hours: 1, minutes: 30 });
  // @ts-expect-error no such unit
  await env.advance({ hour: 1 });
  // @ts-expect-error a number says no unit
  await env.advance(1000);
}
