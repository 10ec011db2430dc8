import { App, Duration, Stack } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import {
  Activity,
  ApiAuth,
  AsyncHttpApi,
  Chain,
  callAws,
  DurableStepsError,
  EventStarter,
  FanOutFanIn,
  type Flow,
  fanOutFanIn,
  flow,
  HubAlarms,
  HumanApproval,
  humanApproval,
  Mail,
  Monitor,
  monitor,
  QueueStarter,
  retry,
  ScheduleStarter,
  type Step,
  TaskHub,
  UploadStarter,
  waitForEvent,
} from '../../lib/index.js';

/** What may stand where an option should, in a program that no compiler looked at. */
const WRONG: Readonly<Record<string, unknown>> = {
  null: null,
  true: true,
  number: -1.5,
  NaN: Number.NaN,
  empty: '',
  text: 'some text',
  none: [],
  nulls: [null],
  object: {},
  function: () => undefined,
};

type Values = Readonly<Record<string, unknown>>;

/** A construct or a step, and what of {@link WRONG} is right for each of its options. */
interface Door {
  readonly make: (stack: Stack, options: never) => unknown;
  /** Options that work. */
  readonly right: (stack: Stack) => Values;
  readonly takes: Readonly<Record<string, readonly string[]>>;
}

const task = (stack: Stack, id = 'Task') => flow<unknown>().step(id, new sfn.Pass(stack, id));
const whole = task;
const hubOf = (stack: Stack) => new TaskHub(stack, 'Hub', { mail: Mail.sns(new sns.Topic(stack, 'Topic')) });
const chain = (stack: Stack, hub?: TaskHub) => new Chain(stack, 'Chain', { steps: whole(stack), ...(hub && { hub }) });
const inFlow = (stack: Stack, build: (f: Flow<unknown>) => unknown, hub?: TaskHub) =>
  new Chain(stack, 'Flow', {
    steps: build(flow<unknown>().step('first', task(stack, 'First'))) as Step<unknown, unknown>,
    ...(hub && { hub }),
  });
const second = Duration.seconds(1);

const everyOrchestration = {
  hub: [],
  timeout: [],
  description: ['text'],
  logs: [],
  tracing: ['true'],
  stateMachineName: [],
};
const fanOut = {
  items: ['function'],
  each: [],
  input: ['function'],
  aggregate: [],
  maxConcurrency: [],
  mode: [],
  toleratedFailures: [],
  batch: [],
  resultsTo: [],
  children: [],
};
const polling = { poll: [], until: ['function'], interval: [], deadline: [], input: ['function'], onTimeout: [] };
const asking = {
  approvers: ['function'],
  subject: ['text', 'function'],
  details: ['empty', 'text', 'object', 'function'],
  requestedBy: ['text', 'function'],
  quorum: ['function'],
  rejectEarly: ['true'],
  reminders: ['none'],
  escalation: [],
  onTimeout: [],
  timeout: [],
  deadline: [],
};
const starting = { orchestration: [], input: ['function'], instanceId: ['function'] };

const DOORS: Readonly<Record<string, Door>> = {
  Activity: {
    make: (stack, props) => new Activity(stack, 'It', props),
    right: () => ({ entry: 'lambda/hello/say-hello.ts' }),
    takes: {
      entry: [],
      handler: ['text'],
      timeout: [],
      retry: [],
      runtime: [],
      bundling: ['object'],
      environment: ['object'],
      memorySize: [],
      description: ['empty', 'text'],
    },
  },
  'Activity of a function': {
    make: (stack, props) => new Activity(stack, 'It', props),
    right: (stack) => ({
      function: lambda.Function.fromFunctionArn(stack, 'F', 'arn:aws:lambda:eu-west-1:123456789012:function:f'),
    }),
    takes: { function: [], timeout: [], retry: [], entry: [] },
  },
  Chain: {
    make: (stack, props) => new Chain(stack, 'It', props),
    right: (stack) => ({ steps: whole(stack) }),
    takes: { ...everyOrchestration, steps: [] },
  },
  FanOutFanIn: {
    make: (stack, props) => new FanOutFanIn(stack, 'It', props),
    right: (stack) => ({ each: task(stack) }),
    takes: { ...everyOrchestration, ...fanOut, items: [], input: [], takes: ['*'] },
  },
  Monitor: {
    make: (stack, props) => new Monitor(stack, 'It', props),
    right: (stack) => ({ poll: task(stack), until: () => true, interval: second, deadline: Duration.minutes(1) }),
    takes: { ...everyOrchestration, ...polling, until: [], input: [], takes: ['*'] },
  },
  'Monitor without end': {
    make: (stack, props) => new Monitor(stack, 'It', props),
    right: (stack) => ({ poll: task(stack), interval: second }),
    takes: { ...everyOrchestration, poll: [], interval: [], carry: [] },
  },
  HumanApproval: {
    make: (stack, props) => new HumanApproval(stack, 'It', props),
    right: (stack) => ({
      hub: hubOf(stack),
      approvers: ['ann@example.com'],
      subject: 'May it?',
      timeout: Duration.hours(1),
    }),
    takes: {
      ...everyOrchestration,
      ...asking,
      approvers: [],
      subject: ['text'],
      details: ['empty', 'text', 'object'],
      requestedBy: ['text'],
      quorum: [],
    },
  },
  TaskHub: {
    make: (stack, props) => new TaskHub(stack, 'It', props),
    right: () => ({}),
    takes: {
      retention: [],
      healAfter: [],
      mail: [],
      approvalUrl: ['text'],
      recordVisitors: ['true'],
      showDecidedFor: [],
      reservedConcurrency: ['object'],
      removalPolicy: [],
      deletionProtection: ['true'],
      encryptionKey: [],
    },
  },
  'TaskHub.grantClient': {
    make: (stack, options) =>
      hubOf(stack).grantClient(
        new lambda.Function(stack, 'F', {
          runtime: lambda.Runtime.NODEJS_22_X,
          handler: 'a.b',
          code: lambda.Code.fromInline('x'),
        }),
        options,
      ),
    right: () => ({}),
    takes: { orchestrations: ['object'] },
  },
  'TaskHub.addOrchestration': {
    make: (stack, options) => hubOf(stack).addOrchestration(options),
    right: (stack) => ({ name: 'it', stateMachine: chain(stack).stateMachine }),
    takes: { name: ['text'], stateMachine: [], waitsFor: ['none'] },
  },
  AsyncHttpApi: {
    make: (stack, props) => new AsyncHttpApi(stack, 'It', props),
    right: (stack) => ({ hub: hubOf(stack), orchestrations: {}, auth: ApiAuth.iam() }),
    takes: {
      hub: [],
      orchestrations: ['object'],
      reach: [],
      owner: [],
      permissions: ['none'],
      auth: [],
      cors: [],
      throttle: [],
      publicUrl: ['text'],
      title: ['text'],
    },
  },
  'ApiAuth.jwt': {
    make: (stack, options) =>
      new AsyncHttpApi(stack, 'It', { hub: hubOf(stack), orchestrations: {}, auth: ApiAuth.jwt(options) }),
    right: () => ({ issuer: 'https://issuer.example', audience: ['us'] }),
    takes: { issuer: ['text'], audience: [], scopes: ['object'] },
  },
  'ApiAuth.apiKey': {
    make: (stack, options) =>
      new AsyncHttpApi(stack, 'It', { hub: hubOf(stack), orchestrations: {}, auth: ApiAuth.apiKey(options) }),
    right: () => ({ sha256: [ApiAuth.digestOf('a')], keys: [{ name: 'b', sha256: ApiAuth.digestOf('b') }] }),
    takes: { sha256: ['none'], keys: ['none'], cacheFor: [] },
  },
  HubAlarms: {
    make: (stack, props) => new HubAlarms(stack, 'It', props),
    right: (stack) => ({ hub: hubOf(stack) }),
    takes: { hub: [], topic: [] },
  },
  'Mail.ses': {
    make: (_stack, options) => Mail.ses(options),
    right: () => ({ from: 'a@example.com' }),
    takes: { from: [], replyTo: ['none'], identity: [], configurationSet: ['text'], templates: ['object'] },
  },
  QueueStarter: {
    make: (stack, props) => new QueueStarter(stack, 'It', props),
    right: (stack) => ({ orchestration: chain(stack, hubOf(stack)), input: () => 1 }),
    takes: { ...starting, input: [], instanceId: [], queue: [], batchSize: [] },
  },
  ScheduleStarter: {
    make: (stack, props) => new ScheduleStarter(stack, 'It', props),
    right: (stack) => ({
      orchestration: chain(stack, hubOf(stack)),
      input: () => 1,
      schedule: events.Schedule.rate(Duration.days(1)),
    }),
    takes: { ...starting, input: [], instanceId: [], schedule: [] },
  },
  UploadStarter: {
    make: (stack, props) => new UploadStarter(stack, 'It', props),
    right: (stack) => ({
      orchestration: chain(stack, hubOf(stack)),
      input: () => 1,
      bucket: new s3.Bucket(stack, 'Bucket'),
    }),
    takes: { ...starting, input: [], instanceId: [], bucket: [], prefix: ['empty', 'text'], suffix: ['empty', 'text'] },
  },
  EventStarter: {
    make: (stack, props) => new EventStarter(stack, 'It', props),
    right: (stack) => ({ orchestration: chain(stack, hubOf(stack)), input: () => 1, eventPattern: { source: ['a'] } }),
    takes: { ...starting, input: [], instanceId: [], eventPattern: ['object'], eventBus: [] },
  },
  fanOutFanIn: {
    make: (stack, options) => inFlow(stack, (f) => f.step('it', fanOutFanIn(options) as never)),
    right: (stack) => ({ items: () => [1], each: task(stack) }),
    takes: { ...fanOut, items: [], input: [] },
  },
  monitor: {
    make: (stack, options) => inFlow(stack, (f) => f.step('it', monitor(options) as never)),
    right: (stack) => ({ poll: task(stack), until: () => true, interval: second, deadline: Duration.minutes(1) }),
    takes: { ...polling, until: [], input: [] },
  },
  humanApproval: {
    make: (stack, options) => inFlow(stack, (f) => f.step('it', humanApproval(options) as never), hubOf(stack)),
    right: () => ({ approvers: ['ann@example.com'], subject: 'May it?', timeout: Duration.hours(1) }),
    takes: {
      ...asking,
      approvers: [],
      subject: ['text'],
      details: ['empty', 'text', 'object'],
      requestedBy: ['text'],
      quorum: [],
    },
  },
  waitForEvent: {
    make: (stack, options) => inFlow(stack, (f) => f.step('it', waitForEvent('Event', options)), hubOf(stack)),
    right: () => ({ timeout: Duration.hours(1) }),
    takes: { timeout: [] },
  },
  callAws: {
    make: (stack, options) => inFlow(stack, (f) => f.step('it', callAws(options) as never)),
    right: () => ({ service: 's3', action: 'headObject', resources: ['*'] }),
    takes: {
      service: [],
      action: [],
      parameters: [],
      resources: [],
      iamActions: ['none'],
      returns: ['*'],
      timeout: [],
      retry: [],
    },
  },
  retry: {
    make: (stack, options) => inFlow(stack, (f) => f.step('it', retry(task(stack), options))),
    right: () => ({ maxAttempts: 3 }),
    takes: {
      maxAttempts: [],
      firstInterval: [],
      backoffRate: [],
      maxInterval: [],
      jitter: [],
      errors: [],
      retryTimeout: [],
    },
  },
  choose: {
    make: (stack, options) => inFlow(stack, (f) => f.choose(options)),
    right: (stack) => ({ when: ({ first }: { readonly first: unknown }) => first, then: task(stack) }),
    takes: { when: [], then: [], otherwise: [] },
  },
  catch: {
    make: (stack, options) => inFlow(stack, (f) => f.catch(task(stack), () => ({}), options)),
    right: () => ({}),
    takes: { then: [], errors: [], name: ['text'] },
  },
  finally: {
    make: (stack, options) => inFlow(stack, (f) => f.finally(task(stack), () => ({}), options)),
    right: () => ({}),
    takes: { name: ['text'] },
  },
};

/** What comes of it: nothing, or what was thrown. */
function outcomeOf({ make, right }: Door, change: Values): unknown {
  const stack = new Stack(new App(), 'Stack');
  try {
    make(stack, { ...right(stack), ...change } as never);
    return undefined;
  } catch (error) {
    return error;
  }
}

describe.each(Object.entries(DOORS))('%s', (_name, door) => {
  test('takes what is right', () => {
    const error = outcomeOf(door, {});
    // A Pass state alone can't fail, so that nothing is left to catch.
    if (error !== undefined) expect((error as DurableStepsError).code).toBe('NothingToCatch');
  });

  test.each(Object.entries(door.takes))('refuses for `%s` what it is not, by its name', (option, right) => {
    const accepted = Object.entries(WRONG).filter(([label, value]) => {
      const error = outcomeOf(door, { [option]: value });
      if (error === undefined) return true;
      if ((error as DurableStepsError).code === 'NothingToCatch') return true;
      expect({ label, error: String(error) }).toEqual({
        label,
        error: expect.stringContaining('DurableStepsError: `'),
      });
      if ((error as DurableStepsError).code === 'EmptyFlow') return false;
      expect({ label, where: (error as DurableStepsError).details.where }).toEqual({
        label,
        where: expect.stringMatching(new RegExp(`[./]${option}($|[.[:])`)),
      });
      return false;
    });
    if (right[0] !== '*') expect(accepted.map(([label]) => label)).toEqual([...right].sort(byLabel));
  });

  test('refuses a name that is no option, and knows what was meant', () => {
    const [option] = Object.keys(door.takes);
    expect(String(outcomeOf(door, { nonsenseOption: 1 }))).toMatch(
      _name === 'Activity' ? /undefined/ : /nonsenseOption`: expected (one of the options|no options)/,
    );
    const misspelt = `${option}s`;
    expect(String(outcomeOf(door, { [misspelt]: 1 }))).toMatch(
      new RegExp(`${misspelt}\`: expected .*did you mean \`${option}\``),
    );
  });

  test.each([[null], [5], ['text'], [[]]])('refuses %p in the place of its options', (value) => {
    const stack = new Stack(new App(), 'Stack');
    expect(() => door.make(stack, value as never)).toThrow(DurableStepsError);
  });
});

function byLabel(one: string, other: string): number {
  const labels = Object.keys(WRONG);
  return labels.indexOf(one) - labels.indexOf(other);
}
