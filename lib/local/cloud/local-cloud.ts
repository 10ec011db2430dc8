import { tryOwn } from '../../asl/language/json.js';
/**
 * The local cloud: a synthesized app, running on this machine.
 *
 * It owns the port, the callers' keys, and the order in which things come and go; what the resources do is the services' business (`services.ts`).
 *
 * Invariants:
 * 1. it reads the assembly on disk and nothing else: what ran here is what deploys;
 * 2. what it can't run is refused by `load`, all of it at once, before anything runs;
 * 3. after `close` nothing of it keeps the process alive.
 */
import type { Assembly, Resource } from '../../assembly/model.js';
import { readAssembly } from '../../assembly/read-assembly.js';
import { type Clock, RealClock, VirtualClock } from '../../clock.js';
import type { StudioApp } from '../../contract/studio.js';
import type { TaskRequest } from '../../engine/model/tasks.js';
import { StepFunctions } from '../../engine/service/step-functions.js';
import type { DurableStepsError } from '../../errors.js';
import { LocalFunctions } from '../functions/local-functions.js';
import { renderIndexPage } from '../pages/index-page.js';
import { type LambdaCloud, LambdaService } from '../services/lambda/service.js';
import { type StatesCloud, StatesService } from '../services/states/service.js';
import { isAtStudio, studioOrigin } from '../studio/guard.js';
import { StudioService } from '../studio/studio-service.js';
import { ACCEPTED_TYPES } from './accepted-types.js';
import { type DeployedApp, mainEnvironment, readApp } from './app.js';
import { type AppUpdate, compareResources } from './app-update.js';
import { Callers } from './callers.js';
import { type HttpRequest, HttpServer } from './http-server.js';
import { findOrchestration, type RunningOrchestration } from './orchestrations.js';
import { collect, refuseType, severalRefusals } from './refusals.js';
import { route } from './router.js';
import type { Access, Caller, CloudService, PageHandler, ServiceResponse } from './service.js';
import { SERVICES } from './services.js';
import { LocalTaskPort } from './task-port.js';
import { Visits } from './visits.js';

/** How a local cloud runs. */
export interface LocalCloudOptions {
  /** The time of everything but user code. @default - the machine's */
  readonly clock?: Clock;
  /** The port on 127.0.0.1. @default 0 - any free one */
  readonly port?: number;
  /** The region of stacks that leave it open. @default us-east-1 */
  readonly region?: string;
  /** The account of stacks that leave it open. @default '123456789012' */
  readonly accountId?: string;
  /** Whether virtual time stands still while a callback token waits for its answer. @default true */
  readonly holdForTokens?: boolean;
  /** Source of execution names and tokens. @default - random UUIDs */
  readonly uuid?: () => string;
  /** Hears what a person may want to know, such as an arrived mail. @default - nobody */
  readonly onNotice?: (line: string) => void;
  /** Hears what went wrong where no caller waits for an answer. @default - standard error */
  readonly onWarning?: (line: string) => void;
}

/** Where a local cloud is reached. */
export interface Addresses {
  /** For `AWS_ENDPOINT_URL`. */
  readonly endpoint: string;
  /** The URL of each HTTP API, by construct id; by construct path where several have the same id. */
  readonly apis: Readonly<Record<string, string>>;
  /** The page that shows mails. */
  readonly mailbox: string;
  /** Studio, for a browser. */
  readonly studio: string;
}

/** A running app. */
export class LocalCloud implements LambdaCloud, StatesCloud {
  readonly clock: Clock;
  readonly partition: string;
  readonly region: string;
  readonly accountId: string;
  readonly functions: LocalFunctions;
  readonly stepFunctions: StepFunctions;
  private readonly callers = new Callers();
  private readonly services: readonly CloudService[];
  private readonly studio: StudioService;
  private readonly visits = new Visits();
  private readonly tokenOwners = new Map<string, string>();
  private app: DeployedApp;
  private state: StudioApp = { version: 1 };

  private constructor(
    assembly: Assembly,
    private readonly server: Pick<HttpServer, 'endpoint' | 'close'>,
    private readonly options: LocalCloudOptions,
  ) {
    this.app = readApp(assembly);
    this.clock = options.clock ?? new RealClock();
    const { partition, region, accountId } = mainEnvironment(assembly, options);
    this.partition = partition;
    this.region = region;
    this.accountId = accountId;
    this.functions = new LocalFunctions(this, ({ path, logicalId, roleArn }) =>
      this.callers.issue({ kind: 'function', name: path, ...(roleArn === undefined ? {} : { roleArn }) }, logicalId),
    );
    // Functions come first, since others refer to them; state machines last, since they refer to everything.
    const services = [
      new LambdaService(this),
      ...SERVICES.map((makeService) => makeService(this)),
      new StatesService(this),
    ];
    this.services = services;
    this.stepFunctions = this.makeStepFunctions();
    this.studio = new StudioService(this);
    this.services = [...services, this.studio];
  }

  /**
   * Runs the app in a directory that `cdk synth` wrote. The port is open when this resolves.
   *
   * Throws a `DurableStepsError` naming resource and reason for whatever can't run here, and for a port that is taken.
   *
   * @example
   * const cloud = await LocalCloud.load('cdk.out');
   * const { endpoint } = cloud.listen();
   */
  static async load(directory: string, options: LocalCloudOptions = {}): Promise<LocalCloud> {
    readAssembly(directory, options); // an unreadable assembly is refused before the port is taken
    let cloud: LocalCloud | undefined;
    const server = await HttpServer.bind(options.port ?? 0, async (request) =>
      cloud === undefined ? STARTING : route(request, cloud.surroundings()),
    );
    try {
      cloud = new LocalCloud(readAssembly(directory, { ...options, endpoint: server.endpoint }), server, options);
      await cloud.deploy(cloud.assembly.resources);
      return cloud;
    } catch (error) {
      await (cloud?.close() ?? server.close());
      throw error;
    }
  }

  /**
   * Runs the app as a directory has it now, in place of what ran: what is new begins, what changed goes on anew, what is gone ends. Whatever is stored
   * stays, and executions go on with the definition that they began with, as after a deployment on AWS.
   *
   * Throws a `DurableStepsError` for what can't run here; then everything is as it was.
   */
  async update(directory: string): Promise<AppUpdate> {
    const assembly = readAssembly(directory, { ...this.options, endpoint: this.endpoint });
    await this.rehearse(assembly);
    const update = compareResources(this.assembly.resources, assembly.resources);
    this.app = readApp(assembly);
    for (const resource of update.removed) this.serviceOf(resource)?.remove?.(resource);
    for (const { before, after } of update.changed) {
      // Under another name it is another resource.
      if (before.ref !== after.ref || before.type !== after.type) this.serviceOf(before)?.remove?.(before);
    }
    await this.deploy([...update.added, ...update.changed.map(({ after }) => after)]);
    const isNew = [update.added, update.changed, update.removed].some(({ length }) => length > 0);
    this.tellVersion({ version: this.version.version + (isNew ? 1 : 0) });
    return update;
  }

  /** How the app stands: which version runs, and what keeps a newer one from running. */
  get version(): StudioApp {
    return this.state;
  }

  /** Shows in Studio why the app as it is written doesn't run; undefined when that is over. */
  showFailure(failure: string | undefined): void {
    const { version } = this.state;
    this.tellVersion(failure === undefined ? { version } : { version, failure });
  }

  private tellVersion(state: StudioApp): void {
    this.state = state;
    this.studio.tellVersion();
  }

  /** Whether an app runs here, tried in a cloud of its own that nobody reaches. */
  private async rehearse(assembly: Assembly): Promise<void> {
    const silent = { onNotice: () => {}, onWarning: () => {} };
    const clock = new VirtualClock({ start: this.clock.now() });
    const server = { endpoint: this.endpoint, close: async () => {} };
    const trial = new LocalCloud(assembly, server, { ...this.options, ...silent, clock });
    try {
      await trial.deploy(assembly.resources);
    } finally {
      await trial.close();
    }
  }

  /** The app that runs. */
  get assembly(): Assembly {
    return this.app.assembly;
  }

  /** Every state machine of the app. */
  get orchestrations(): readonly RunningOrchestration[] {
    return this.app.orchestrations;
  }

  get endpoint(): string {
    return this.server.endpoint;
  }

  /** Where the app is reached. */
  listen(): Addresses {
    const all = this.assembly.ofType('AWS::ApiGatewayV2::Api');
    // A construct that makes an API calls it `HttpApi` inside.
    const named = all.map((api) => {
      const path = api.path.replace(/\/HttpApi$/, '');
      return { api, path, id: path.slice(path.lastIndexOf('/') + 1) };
    });
    const apis = named.map(({ api, path, id }) => {
      const isUnique = named.filter((other) => other.id === id).length === 1;
      return [isUnique ? id : path, api.attribute('ApiEndpoint')] as const;
    });
    return {
      endpoint: this.endpoint,
      apis: Object.fromEntries(apis),
      mailbox: `${this.endpoint}/mailbox`,
      studio: `${studioOrigin(this.endpoint)}/`,
    };
  }

  /** The orchestration with this construct id, path, name or ARN. Throws a `DurableStepsError` with suggestions when there is none. */
  orchestration(name: string): RunningOrchestration {
    return findOrchestration(this.orchestrations, name);
  }

  authorize(access: Access): void {
    this.app.authorizer.authorize(access);
  }

  tryService(name: string): CloudService | undefined {
    return this.services.find(({ names }) => names.includes(name));
  }

  tryTokenOwner(taskToken: string): string | undefined {
    return this.tokenOwners.get(taskToken);
  }

  isCustomResourceProvider(functionArn: string): boolean {
    return this.app.providers.has(functionArn);
  }

  notify(line: string): void {
    this.options.onNotice?.(line);
  }

  warn(line: string): void {
    if (this.options.onWarning === undefined) process.stderr.write(`${line}\n`);
    else this.options.onWarning(line);
  }

  /** Resolves when whoever just used a page or an HTTP API has got the answer. */
  visitorsLeft(): Promise<void> {
    return this.visits.ended();
  }

  /** Stops the server, the functions and the services. Executions end where they are. */
  async close(): Promise<void> {
    await this.server.close();
    await Promise.all(this.services.map((service) => service.close?.()));
    await this.functions.close();
    if (this.clock instanceof RealClock && this.options.clock === undefined) this.clock.close();
  }

  private makeStepFunctions(): StepFunctions {
    const { uuid, holdForTokens } = this.options;
    const objects = this.tryService('s3')?.objectStore;
    return new StepFunctions({
      clock: this.clock,
      region: this.region,
      accountId: this.accountId,
      tasks: new LocalTaskPort({
        functions: this.functions,
        tryService: (name) => this.tryService(name),
        authorize: (access) => this.authorize(access),
        tryTokenOwner: (token) => this.tryTokenOwner(token),
        callerOf: (execution) => this.callerOf(execution),
        noteToken: (token, stateMachineArn) => this.tokenOwners.set(token, stateMachineArn),
      }),
      ...(objects === undefined ? {} : { objects }),
      ...(uuid === undefined ? {} : { uuid }),
      ...(holdForTokens === undefined ? {} : { holdForTokens }),
    });
  }

  private callerOf({ stateMachineArn, roleArn }: TaskRequest['execution']): Caller {
    const path = this.assembly.tryFindByArn(stateMachineArn)?.path ?? stateMachineArn;
    return { kind: 'state-machine', name: path, ...(roleArn === '' ? {} : { roleArn }) };
  }

  private async deploy(resources: readonly Resource[]): Promise<void> {
    const refusals: DurableStepsError[] = [...this.refuseUnknownTypes()];
    for (const role of this.assembly.ofType('AWS::IAM::Role')) {
      await collect(refusals, () => this.app.authorizer.prepareRole(role.attribute('Arn')));
    }
    for (const service of this.services) {
      for (const type of service.resourceTypes ?? []) {
        for (const resource of resources)
          if (resource.type === type) await collect(refusals, () => service.deploy?.(resource));
      }
    }
    if (refusals.length === 0) for (const service of this.services) await collect(refusals, () => service.start?.());
    const [first, ...others] = refusals;
    if (first === undefined) return;
    throw others.length === 0 ? first : severalRefusals(this.assembly.directory, refusals);
  }

  private serviceOf({ type }: Resource): CloudService | undefined {
    return this.services.find(({ resourceTypes }) => resourceTypes?.includes(type));
  }

  private refuseUnknownTypes(): readonly DurableStepsError[] {
    const run = new Set(this.services.flatMap(({ resourceTypes = [] }) => resourceTypes));
    const unknown = this.assembly.resources.filter(({ type }) => !run.has(type) && !ACCEPTED_TYPES.has(type));
    return unknown.map((resource) => refuseType(resource));
  }

  private tryPage(segment: string): PageHandler | undefined {
    const [page] = this.services.flatMap(({ pages = {} }) => tryOwn(pages, segment) ?? []);
    return page === undefined ? undefined : (request) => this.visits.during(page(request));
  }

  /** Studio on its own host name, where browsers are sent; whoever else asks is told how to connect. */
  private renderIndex(request: HttpRequest): ServiceResponse | Promise<ServiceResponse> {
    if (isAtStudio(request, this.endpoint)) return this.studio.page();
    const isBrowser = request.headers['sec-fetch-mode'] === 'navigate';
    return isBrowser
      ? { status: 302, headers: { location: `${studioOrigin(this.endpoint)}/` } }
      : renderIndexPage(this);
  }

  private surroundings(): Parameters<typeof route>[1] {
    return {
      callers: this.callers,
      region: this.region,
      now: () => this.clock.now(),
      tryService: (name) => this.tryService(name),
      tryPage: (segment) => this.tryPage(segment),
      renderIndex: (request) => this.renderIndex(request),
      warn: (line) => this.warn(line),
    };
  }
}

const STARTING = { status: 503, headers: { 'retry-after': '1' }, body: 'The local cloud is starting.' };
