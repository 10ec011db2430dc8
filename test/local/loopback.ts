import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Assembly, Resource, Stack, ValueObject } from '../../lib/assembly/model.js';
import { VirtualClock } from '../../lib/clock.js';
import type { ExecutionStatusChange, StartExecutionRequest } from '../../lib/engine/model/api.js';
import type { StepFunctions } from '../../lib/engine/service/step-functions.js';
import {
  type Access,
  type Caller,
  type Cloud,
  type CloudService,
  DEVELOPER,
  type Functions,
  type Invocation,
  type InvokeOptions,
  ServiceError,
  type ServiceFactory,
  type ServiceRequest,
  type ServiceResponse,
} from '../../lib/local/cloud/service.js';

const ACCOUNT = '123456789012';
const REGION = 'us-east-1';

/** A resource of a template, with its own Ref and attributes. */
export function resource(
  type: string,
  logicalId: string,
  properties: ValueObject = {},
  { ref = logicalId, attributes = {} }: { ref?: string; attributes?: Readonly<Record<string, string>> } = {},
): Resource {
  return {
    logicalId,
    type,
    path: `Stack/${logicalId}`,
    stack: STACK,
    properties,
    ref,
    attribute: (name) => attributes[name] ?? fail(`${logicalId} has no attribute ${name}`),
    metadata: {},
  };
}

const STACK: Stack = {
  name: 'Stack',
  path: 'Stack',
  environment: { partition: 'aws', region: REGION, accountId: ACCOUNT, urlSuffix: 'amazonaws.com' },
  resources: [],
  outputs: {},
};

function fail(message: string): never {
  throw new Error(message);
}

export function assemblyOf(resources: readonly Resource[]): Assembly {
  return {
    directory: '/nowhere',
    stacks: [{ ...STACK, resources }],
    resources,
    ofType: (type) => resources.filter((one) => one.type === type),
    tryFindByArn: () => undefined,
    tryAsset: () => undefined,
  };
}

/** Functions that are closures, by ARN; each invocation is recorded. */
class FakeFunctions implements Functions {
  readonly handlers = new Map<string, (event: never) => unknown>();
  readonly invocations: { readonly arn: string; readonly event: unknown; readonly caller?: Caller }[] = [];
  /** The asynchronous invocations that run. */
  readonly pending = new Set<Promise<unknown>>();

  async invoke(arn: string, options: InvokeOptions = {}): Promise<Invocation> {
    const event: unknown = JSON.parse(options.payload ?? '{}');
    this.invocations.push({ arn, event, ...(options.caller === undefined ? {} : { caller: options.caller }) });
    const handler = this.handlers.get(arn);
    if (handler === undefined) throw new ServiceError('ResourceNotFoundException', `Function not found: ${arn}`, 404);
    const base = { requestId: `request-${this.invocations.length}`, log: '', billedMilliseconds: 1 };
    try {
      const result = await handler(event as never);
      return { ...base, payload: result === undefined ? 'null' : JSON.stringify(result) };
    } catch (error) {
      const { name, message } = error as Error;
      return {
        ...base,
        payload: JSON.stringify({ errorType: name, errorMessage: message }),
        functionError: 'Unhandled',
      };
    }
  }

  invokeAsync(arn: string, options: InvokeOptions = {}): string {
    const run = this.invoke(arn, options).finally(() => this.pending.delete(run));
    this.pending.add(run);
    return 'async';
  }
}

/** State machines that only remember what was started. */
class FakeStepFunctions {
  readonly started: StartExecutionRequest[] = [];
  private readonly listeners: ((change: ExecutionStatusChange) => void)[] = [];
  /** What the next starts throw, one each. */
  readonly failures: Error[] = [];

  startExecution(request: StartExecutionRequest) {
    const failure = this.failures.shift();
    if (failure !== undefined) throw failure;
    this.started.push(request);
    return { executionArn: `execution-${this.started.length}`, startDate: 0 };
  }

  async startSyncExecution(request: StartExecutionRequest) {
    this.startExecution(request);
    return { status: 'SUCCEEDED', output: '{}' };
  }

  onStatusChange(listener: (change: ExecutionStatusChange) => void): () => void {
    this.listeners.push(listener);
    return () => {};
  }

  change(change: ExecutionStatusChange): void {
    for (const listener of this.listeners) listener(change);
  }
}

/** What tests change about the cloud. */
export interface LoopbackOptions {
  readonly authorize?: (access: Access) => void;
  /** The caller behind an access key id. @default - the developer */
  readonly callers?: Readonly<Record<string, Caller>>;
}

/** A cloud with only the services of a test, on a loopback port, as AWS clients reach it. */
export class Loopback implements Cloud {
  readonly clock = new VirtualClock({ start: new Date('2026-03-01T12:00:00Z') });
  readonly partition = 'aws';
  readonly region = REGION;
  readonly accountId = ACCOUNT;
  readonly functions = new FakeFunctions();
  readonly machines = new FakeStepFunctions();
  readonly stepFunctions = this.machines as unknown as StepFunctions;
  readonly accesses: Access[] = [];
  readonly notices: string[] = [];
  readonly warnings: string[] = [];
  endpoint = '';
  private services: readonly CloudService[] = [];
  private server: Server | undefined;

  private constructor(
    readonly assembly: Assembly,
    private readonly options: LoopbackOptions,
  ) {}

  static async start(
    factories: readonly ServiceFactory[],
    resources: readonly Resource[] = [],
    options: LoopbackOptions = {},
  ): Promise<Loopback> {
    const cloud = new Loopback(assemblyOf(resources), options);
    cloud.services = factories.map((factory) => factory(cloud));
    for (const one of resources) {
      for (const service of cloud.services) if (service.resourceTypes?.includes(one.type)) await service.deploy?.(one);
    }
    await cloud.listen();
    try {
      for (const service of cloud.services) await service.start?.();
    } catch (error) {
      await cloud.close();
      throw error;
    }
    return cloud;
  }

  authorize(access: Access): void {
    this.accesses.push(access);
    this.options.authorize?.(access);
  }

  tryService(name: string): CloudService | undefined {
    return this.services.find(({ names }) => names.includes(name));
  }

  notify(line: string): void {
    this.notices.push(line);
  }

  warn(line: string): void {
    this.warnings.push(line);
  }

  /** What an AWS client takes to reach this cloud. */
  client(accessKeyId = 'developer') {
    return {
      endpoint: this.endpoint,
      region: REGION,
      credentials: { accessKeyId, secretAccessKey: 'secret' },
      maxAttempts: 1,
    };
  }

  async close(): Promise<void> {
    for (const service of this.services) await service.close?.();
    this.server?.closeAllConnections();
    await new Promise((resolve) => this.server?.close(resolve));
  }

  private async listen(): Promise<void> {
    const server = createServer((request, response) => {
      this.answer(request, response).catch((error: unknown) => {
        response.writeHead(500).end(String(error instanceof Error ? error.stack : error));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    this.server = server;
    this.endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  private async answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = await this.readRequest(incoming);
    const { status, headers = {}, body = '' } = await this.dispatch(request);
    response.writeHead(status, { ...headers } as Record<string, string>);
    response.end(request.method === 'HEAD' ? undefined : body);
  }

  private async readRequest(incoming: IncomingMessage): Promise<ServiceRequest> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const url = new URL(`http://localhost${incoming.url}`);
    const headers = Object.fromEntries(
      Object.entries(incoming.headers).map(([name, value]) => [
        name,
        Array.isArray(value) ? value.join(', ') : (value ?? ''),
      ]),
    );
    const [key = '', , , scope = ''] =
      /Credential=([^,\s]+)/.exec(headers['authorization'] ?? '')?.[1]?.split('/') ?? [];
    return {
      service: scope === '' ? (url.pathname.split('/')[1] ?? '') : scope,
      region: REGION,
      method: incoming.method ?? 'GET',
      path: incoming.url?.split('?')[0] ?? '/',
      query: url.searchParams,
      headers,
      body: Buffer.concat(chunks),
      caller: this.options.callers?.[key] ?? DEVELOPER,
    };
  }

  private async dispatch(request: ServiceRequest): Promise<ServiceResponse> {
    const signed = request.headers['authorization']?.startsWith('AWS4-') === true;
    const service = signed ? this.tryService(request.service) : undefined;
    const segment = request.service === 'execute-api' ? 'apis' : request.service;
    const page = this.services.map(({ pages }) => pages?.[segment]).find((one) => one !== undefined);
    const api = service?.api;
    const handle = api === undefined ? page : (one: ServiceRequest) => api.answer(one);
    if (handle === undefined) return { status: 404, body: `no service ${request.service}` };
    try {
      return await handle(request);
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      return api?.renderError(error, request) ?? renderError(error);
    }
  }
}

function renderError({ name, message, status, members }: ServiceError): ServiceResponse {
  return {
    status,
    headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-errortype': name },
    body: JSON.stringify({ __type: name, message, ...members }),
  };
}
