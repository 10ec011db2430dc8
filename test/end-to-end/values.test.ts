import { App, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Activity } from '../../lib/constructs/activity.js';
import { ApiAuth } from '../../lib/constructs/api/api-auth.js';
import { AsyncHttpApi } from '../../lib/constructs/api/async-http-api.js';
import { TaskHub } from '../../lib/constructs/hub/task-hub.js';
import { Chain } from '../../lib/constructs/patterns/chain.js';
import { ScheduleStarter } from '../../lib/constructs/starters/index.js';
import { flow, waitForEvent } from '../../lib/flow/index.js';
import { TestEnvironment } from '../../lib/testing/index.js';

jest.setTimeout(120_000);

const VALUES: readonly unknown[] = [
  ...['', '90210', '{}', 'null', '"quoted"', 'a "b" \\ \n ☃ 😀 {% $x %}'],
  ...[null, true, false, 0, -1.5, 0.1 + 0.2, 2 ** 53],
  ...[[], [null], ['1'], {}, { a: null, b: ['2', { c: '{}' }] }],
];

/** Orchestrations that give back what they got, by way of a real function, an event and a child. */
class ValuesStack extends Stack {
  readonly hub = new TaskHub(this, 'Hub', { removalPolicy: RemovalPolicy.DESTROY });
  readonly echo = new Activity<(value: unknown) => Promise<unknown>>(this, 'Echo', {
    function: new lambda.Function(this, 'EchoFunction', {
      runtime: lambda.Runtime.NODEJS_22_X,
      handler: 'index.handler',
      code: lambda.Code.fromInline('exports.handler = async (value) => value;'),
    }),
  });
  readonly through = new Chain(this, 'Through', { hub: this.hub, steps: flow<unknown>().step('echo', this.echo) });
  readonly parent = new Chain(this, 'Parent', { hub: this.hub, steps: flow<unknown>().step('child', this.through) });
  readonly awaiting = new Chain(this, 'Awaiting', {
    hub: this.hub,
    steps: flow<unknown>()
      .step('go', waitForEvent<unknown>('go', { timeout: Duration.hours(1) }))
      .output(({ input, go }) => ({ input, payload: go.payload })),
  });
  readonly scheduled = new Chain(this, 'Scheduled', { hub: this.hub, steps: flow<string>().step('echo', this.echo) });
  readonly api = new AsyncHttpApi(this, 'Api', {
    hub: this.hub,
    auth: ApiAuth.none(),
    orchestrations: { through: this.through },
  });

  constructor(scope: App) {
    super(scope, 'Values');
    new ScheduleStarter(this, 'EveryNight', {
      orchestration: this.scheduled,
      schedule: events.Schedule.cron({ hour: '3', minute: '0' }),
      input: () => '90210',
    });
  }
}

const stack = new ValuesStack(new App());
let env: TestEnvironment;
beforeAll(async () => {
  env = await TestEnvironment.create(stack.node.root as App);
});
afterAll(() => env.close());

test.each(VALUES.map((value) => [value]))('%j comes out as it went in', async (value) => {
  expect(await (await env.start(stack.through, value)).completed()).toEqual(value);
  expect(await (await env.start(stack.parent, value)).completed()).toEqual(value);
});

test.each(VALUES.map((value) => [value]))('%j arrives with an event as it was raised', async (value) => {
  const instance = await env.start(stack.awaiting, value);
  await instance.raiseEvent('go', value);
  expect(await instance.completed()).toEqual({ input: value, payload: value });
});

test('the HTTP API takes each as JSON, and shows it as such', async () => {
  const headers = { 'content-type': 'application/json' };
  for (const value of VALUES) {
    const path = `/orchestrations/through?waitForCompletion=20`;
    const { status, body } = await env.api().post(path, JSON.stringify(value), { headers });
    expect([status, body]).toMatchObject([200, { input: value, output: value }]);
  }
});

test('a schedule starts with a text as it is', async () => {
  await env.advance({ days: 1 });
  expect(await env.instances(stack.scheduled)[0]?.completed()).toBe('90210');
});
