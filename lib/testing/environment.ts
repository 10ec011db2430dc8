import type { DurableClient } from '../client/durable-client.js';
import { VirtualClock } from '../clock.js';
import { DurableStepsError } from '../errors.js';
import type { AnyStep, InputOf, OutputOf } from '../flow/compiler/step.js';
import { LocalCloud } from '../local/cloud/local-cloud.js';
import type { RunningOrchestration } from '../local/cloud/orchestrations.js';
import type { AwsClientConfig } from '../local/hubs/connect-client.js';
import { HubClients } from '../local/hubs/hub-clients.js';
import { mailboxOf } from '../local/services/mailbox/mailbox-service.js';
import { checkOptions } from '../options/check-options.js';
import { Activities, type ActivityConstruct, type AnyDouble, type AnyStub } from './activities/activities.js';
import type { ActivityDouble, Stub } from './activities/activity-double.js';
import { appDirectory, type TestedApp } from './app-directory.js';
import { ENVIRONMENT, START, type TestEnvironmentOptions, type TestStartOptions } from './environment-options.js';
import { findApiUrl, findBucketName, type NamedConstruct } from './find-resource.js';
import type { Instance } from './instances/instance.js';
import { Instances } from './instances/instances.js';
import { Recorder } from './instances/recorder.js';
import type { TimeSpan } from './span.js';
import { type Rest, TestTime } from './test-time.js';
import { type RequestOptions, TestApi } from './web/test-api.js';
import { type MailFilter, mailFits, TestMail } from './web/test-mail.js';
import { type HttpAnswer, openPage, type WebPage } from './web/web-page.js';

/** An orchestration as an object of the CDK. */
export interface OrchestrationConstruct {
  readonly stateMachine: { readonly node: { readonly path: string } };
}

/** A handler, as the type argument of {@link TestEnvironment.activity} takes it. */
// biome-ignore lint/suspicious/noExplicitAny: any function of an event will do
type AnyHandler = (event: any, ...rest: any[]) => unknown;

const BEGINNING = '2026-01-01T00:00:00Z';

/**
 * A whole app in a test, in virtual time: its state machines, activities, hub, HTTP APIs, mails. It runs from the synthesized template, so what it proves is what deploys;
 * nothing outside of the process is touched, and several may run side by side.
 *
 * Time belongs to the test. It stands still but while the test waits for something (`await instance.completed()`), when it jumps from timer to timer, or moves it
 * (`await env.advance({ hours: 24 })`). A person who is awaited holds it, unless the test advances it.
 *
 * @example
 * const stack = new ShopStack(new App(), 'Shop');
 * let env: TestEnvironment;
 * beforeEach(async () => { env = await TestEnvironment.create(stack); });
 * afterEach(() => env.close());
 *
 * test('an order that is not approved in time is refused', async () => {
 *   env.stub(stack.charge, ({ total }) => ({ receipt: `r-${total}` }));
 *   const instance = await env.start(stack.processOrder, { total: 2000 });
 *   await instance.waiting();
 *   await env.advance({ minutes: 3 });
 *   expect(await instance.completed()).toEqual({ status: 'NotApproved' });
 * });
 */
export class TestEnvironment {
  private readonly time: TestTime;
  private readonly activities: Activities;
  private readonly hubs: HubClients;
  private readonly allInstances: Instances;

  private constructor(
    /** The local cloud underneath, for what this class doesn't offer. */
    readonly cloud: LocalCloud,
    clock: VirtualClock,
    /** What went wrong where nobody waited for an answer, such as a delivery that failed for good. */
    readonly warnings: readonly string[],
  ) {
    const recorder = new Recorder(cloud.stepFunctions);
    this.time = new TestTime(clock, recorder);
    this.activities = new Activities(cloud.functions, () => clock.now());
    this.hubs = new HubClients(cloud.functions.configs, this.aws, () => clock.now());
    this.allInstances = new Instances({
      stepFunctions: cloud.stepFunctions,
      recorder,
      time: this.time,
      hubs: this.hubs,
      activities: this.activities,
    });
  }

  /**
   * Starts an app: an `App`, a `Stack` or any construct of one (synthesized once, however many environments it gets), or the directory of a synthesized app.
   *
   * @throws DurableStepsError naming resource and reason for whatever the local cloud can't run
   */
  static async create(app: TestedApp, options: TestEnvironmentOptions = {}): Promise<TestEnvironment> {
    checkOptions('TestEnvironment.create', options, ENVIRONMENT);
    const { time, ...place } = options;
    const start = new Date(time ?? BEGINNING);
    if (Number.isNaN(start.getTime())) {
      throw new DurableStepsError('InvalidTime', {
        where: 'TestEnvironment.create',
        expected: 'a time',
        got: `\`${String(time)}\``,
      });
    }
    const clock = new VirtualClock({ start });
    const warnings: string[] = [];
    const cloud = await LocalCloud.load(appDirectory(app), {
      ...place,
      clock,
      onWarning: (line) => warnings.push(line),
    });
    return new TestEnvironment(cloud, clock, warnings);
  }

  /** The environment's time. */
  get now(): Date {
    return new Date(this.time.now());
  }

  /** For any client of the AWS SDK: `new S3Client(env.aws)` reaches the buckets of the environment. */
  get aws(): AwsClientConfig {
    const credentials = { accessKeyId: 'TEST', secretAccessKey: 'test' };
    return { endpoint: this.cloud.endpoint, region: this.cloud.region, credentials, forcePathStyle: true };
  }

  // Instances

  /**
   * Starts an instance, as a client would: with a hub through the hub, exactly once for one id and input. What it can do at once it has done when this resolves; time
   * stands.
   *
   * @param orchestration the construct, or its id or path
   */
  start<S extends AnyStep & OrchestrationConstruct>(
    orchestration: S,
    input: InputOf<S>,
    options?: TestStartOptions,
  ): Promise<Instance<OutputOf<S>>>;
  start<Output = unknown>(
    orchestration: string,
    input?: unknown,
    options?: TestStartOptions,
  ): Promise<Instance<Output>>;
  async start(
    orchestration: OrchestrationConstruct | string,
    input: unknown = null,
    options: TestStartOptions = {},
  ): Promise<Instance> {
    checkOptions('TestEnvironment.start', options, START);
    return this.allInstances.start(this.find(orchestration), input, options.instanceId);
  }

  /** An instance that something else started: an HTTP request, an upload, a schedule, another orchestration. */
  instance<S extends AnyStep & OrchestrationConstruct>(orchestration: S, instanceId: string): Instance<OutputOf<S>>;
  instance<Output = unknown>(orchestration: string, instanceId: string): Instance<Output>;
  instance(orchestration: OrchestrationConstruct | string, instanceId: string): Instance {
    return this.allInstances.find(this.find(orchestration), instanceId);
  }

  /** All instances of an orchestration so far, in the order of their start. */
  instances<S extends AnyStep & OrchestrationConstruct>(orchestration: S): readonly Instance<OutputOf<S>>[];
  instances<Output = unknown>(orchestration: string): readonly Instance<Output>[];
  instances(orchestration: OrchestrationConstruct | string): readonly Instance[] {
    return this.allInstances.all(this.find(orchestration));
  }

  /** The client of the app's hub, as a Lambda of the app has it; of the only hub, or that of an orchestration. */
  client(orchestration?: OrchestrationConstruct | string): DurableClient {
    return orchestration === undefined ? this.hubs.only() : this.hubs.connectTo(this.find(orchestration)).client;
  }

  // Activities

  /**
   * An activity's double: its calls, stubs and failures for it.
   *
   * @param activity the construct, or its id or path; then with the handler's type: `env.activity<typeof handler>('Charge')`
   */
  activity<S extends AnyStep & ActivityConstruct>(activity: S): ActivityDouble<InputOf<S>, OutputOf<S>>;
  activity<H extends AnyHandler = (event: unknown) => unknown>(
    activity: ActivityConstruct | string,
  ): ActivityDouble<Parameters<H>[0], Awaited<ReturnType<H>>>;
  activity(activity: ActivityConstruct | string): AnyDouble {
    return this.activities.get(activity);
  }

  /** Answers an activity's calls in place of its code; the same as `env.activity(activity).stub(stub)`. */
  stub<S extends AnyStep & ActivityConstruct>(
    activity: S,
    stub: Stub<InputOf<S>, OutputOf<S>>,
  ): ActivityDouble<InputOf<S>, OutputOf<S>>;
  stub<H extends AnyHandler = AnyHandler>(
    activity: string,
    stub: Stub<Parameters<H>[0], Awaited<ReturnType<H>>>,
  ): ActivityDouble<Parameters<H>[0], Awaited<ReturnType<H>>>;
  stub(activity: ActivityConstruct | string, stub: AnyStub): AnyDouble {
    return this.activities.get(activity).stub(stub);
  }

  /**
   * For tests that share an environment, between them: forgets stubs, failures, calls and mails. Time doesn't go back, and what the app keeps (tables, instances) stays: a
   * test that wants those empty takes an environment of its own.
   */
  reset(): void {
    for (const double of this.activities.all) double.reset();
    mailboxOf(this.cloud).clear();
  }

  // Time

  /** Moves time on, through every wait, people's too. All that falls due happens, in order. */
  advance(span: TimeSpan): Promise<void> {
    return this.time.advance(span);
  }

  /** Moves time to a moment; see {@link advance}. */
  advanceTo(moment: Date | string): Promise<void> {
    return this.time.advanceTo(new Date(moment).getTime());
  }

  /** Lets time pass until nothing happens any more by itself: all is over, or people are awaited. Throws for an app that never rests. */
  async runUntilIdle(): Promise<void> {
    const rest = await this.time.runUntil(() => false);
    if (rest.reason === 'endless') throw notReached('an app that comes to rest', rest);
  }

  /** Lets time pass until a condition holds, which is asked after every event. Throws when that can't come any more. */
  async runUntil(condition: () => boolean, options: { readonly within?: TimeSpan } = {}): Promise<void> {
    const rest = await this.time.runUntil(condition, options.within);
    if (rest.reason !== 'reached') throw notReached('the condition of runUntil to come true', rest);
  }

  /** Lets happen what can happen without time passing. The other methods do so by themselves; use it after using an AWS client. */
  settle(): Promise<void> {
    return this.time.settle();
  }

  // The outside world

  /** Every mail that the app sent, the oldest first. */
  get mails(): readonly TestMail[] {
    return mailboxOf(this.cloud)
      .list()
      .map((mail) => new TestMail(mail, this.request));
  }

  /** The newest mail that fits. Lets time pass until there is one; throws, with the mails there are, when none can come. */
  async mail(filter: MailFilter = {}): Promise<TestMail> {
    const find = () =>
      mailboxOf(this.cloud)
        .list()
        .findLast((mail) => mailFits(mail, filter));
    await this.time.runUntil(() => find() !== undefined);
    const found = find();
    if (found !== undefined) return new TestMail(found, this.request);
    const subjects = this.mails.map(({ to, subject }) => `\n  - to ${to.join(', ')}: ${subject}`).join('');
    throw new DurableStepsError('NoMail', {
      where: 'TestEnvironment.mail',
      expected: `a mail ${renderFilter(filter)}`,
      got: subjects === '' ? 'no mail at all' : `these:${subjects}`,
    });
  }

  /** An HTTP API of the app: by its construct, id, path or name; without, the only one. */
  api(api?: NamedConstruct | string): TestApi {
    return new TestApi(findApiUrl(this.cloud.assembly, api), this.request);
  }

  /** Opens a page of the app with GET, for example the link of a mail. Headers, such as credentials, are sent along with what the page submits, as browsers do. */
  open(url: string, options: RequestOptions = {}): Promise<WebPage> {
    const { headers = {} } = options;
    return openPage((to, init) => this.request(to, { ...init, headers: { ...headers, ...init?.headers } }), url);
  }

  /** Puts an object into a bucket of the app: by its construct, id, path or name. Whatever the upload starts has begun when this resolves. */
  async upload(bucket: NamedConstruct | string, key: string, body: string | Uint8Array): Promise<void> {
    const name = findBucketName(this.cloud.assembly, bucket);
    const path = key.split('/').map(encodeURIComponent).join('/');
    const answer = await this.request(`${this.cloud.endpoint}/${name}/${path}`, {
      method: 'PUT',
      headers: { authorization: `AWS4-HMAC-SHA256 Credential=TEST/20260101/${this.cloud.region}/s3/aws4_request` },
      body: typeof body === 'string' ? body : new Uint8Array(body),
    });
    if (answer.status === 200) return;
    throw new DurableStepsError('UploadFailed', {
      where: `${name}/${key}`,
      expected: 'an upload that works',
      got: answer.text,
    });
  }

  /** Stops everything. Nothing of it keeps the process alive afterwards. */
  async close(): Promise<void> {
    this.hubs.close();
    await this.cloud.close();
  }

  private readonly request = async (url: string, init?: RequestInit): Promise<HttpAnswer> => {
    const response = await fetch(url, init);
    const bytes = Buffer.from(await response.arrayBuffer());
    const text = bytes.toString('utf8');
    await this.time.settle();
    const json = /\bjson\b/.test(response.headers.get('content-type') ?? '') && text !== '';
    return {
      url: response.url,
      status: response.status,
      headers: Object.fromEntries(response.headers),
      bytes,
      text,
      body: json ? JSON.parse(text) : text,
    };
  };

  private find(orchestration: OrchestrationConstruct | string): RunningOrchestration {
    if (typeof orchestration === 'string') return this.cloud.orchestration(orchestration);
    return this.cloud.orchestration(orchestration.stateMachine.node.path.replace(/\/StateMachine$/, ''));
  }
}

function notReached(expected: string, { reason }: Rest): DurableStepsError {
  const got: Readonly<Record<Rest['reason'], string>> = {
    reached: 'it',
    held: 'people who are awaited: time stands still until they answer, or the test advances it',
    idle: 'an app in which nothing is left to happen',
    late: 'the end of the given time',
    endless: 'event after event, without an end; move time with `env.advance(…)` instead',
  };
  return new DurableStepsError('NotReached', { where: 'TestEnvironment', expected, got: got[reason] });
}

function renderFilter({ to, subject, containing }: MailFilter): string {
  const parts = [
    ...(to === undefined ? [] : [`to ${to}`]),
    ...(subject === undefined ? [] : [`with the subject ${String(subject)}`]),
    ...(containing === undefined ? [] : [`that contains ${String(containing)}`]),
  ];
  return parts.length === 0 ? 'of any kind' : parts.join(', ');
}
