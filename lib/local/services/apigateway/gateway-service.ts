import type { JsonObject } from '../../../asl/language/json.js';
import type { Resource } from '../../../assembly/model.js';
import {
  type Cloud,
  type CloudService,
  ServiceError,
  type ServiceRequest,
  type ServiceResponse,
  slotOf,
} from '../../cloud/service.js';
import { GATEWAY_TYPES, type HttpApi, type Route, readHttpApis, type Stage } from './api-model.js';
import type { Authorized } from './authorization.js';
import { isForeignChange, tryAnswerPreflight, withCors } from './cors.js';
import { authorizeJwt } from './jwt-authorizer.js';
import { LambdaAuthorizers } from './lambda-authorizer.js';
import { renderGatewayMessage, tryReadProxyAnswer } from './proxy-answer.js';
import { type GatewayCall, newRequestId, renderProxyEvent } from './proxy-event.js';
import { tryMatchRoute, tryMatchStage } from './routing.js';
import { TokenBucket } from './throttle.js';

const MAX_PAYLOAD_BYTES = 10 * 1024 * 1024;
const MAX_EVENT_BYTES = 6 * 1024 * 1024;
const PRINCIPAL = 'apigateway.amazonaws.com';

/**
 * Amazon API Gateway: the template's HTTP APIs.
 *
 * An API answers at `/apis/<apiId>/…`, and at `/…` for the host `<apiId>.execute-api.localhost`. The core hands both to {@link answer}: unsigned requests as
 * a page, requests signed for `execute-api` as a service call. Routing, authorizers, CORS, payload formats, limits and error bodies are API Gateway's;
 * a function without an `AWS::Lambda::Permission` for the route is not invoked (500, as on AWS), and the terminal says why.
 */
export class GatewayService implements CloudService {
  readonly names = ['execute-api', 'apigateway'];
  readonly resourceTypes = GATEWAY_TYPES;
  readonly pages = { apis: (request: ServiceRequest) => this.answer(request) };
  private readonly resources = new Map<string, Resource>();
  private apis: ReadonlyMap<string, HttpApi> = new Map();
  private readonly buckets = new Map<string, TokenBucket>();
  private readonly lambdaAuthorizers: LambdaAuthorizers;

  constructor(private readonly cloud: Cloud) {
    this.lambdaAuthorizers = new LambdaAuthorizers({
      tryInvoke: async (authorizer, event) => {
        const api = this.apiArn(String((event['requestContext'] as JsonObject)['apiId']));
        const source = `${api}/authorizers/${authorizer.id}`;
        const invocation = await this.tryInvoke(authorizer.functionArn, JSON.stringify(event), source);
        return invocation?.functionError === undefined ? invocation?.payload : undefined;
      },
      methodArn: (call) => this.methodArn(call),
    });
  }

  deploy(resource: Resource): void {
    this.resources.set(slotOf(resource), resource);
  }

  remove(resource: Resource): void {
    this.resources.delete(slotOf(resource));
  }

  /** Puts the APIs together; refuses what can't be run. */
  start(): void {
    this.apis = new Map(readHttpApis([...this.resources.values()]).map((api) => [api.id, api]));
  }

  /** The APIs of the template, with the address that each answers at. */
  list(): readonly { readonly id: string; readonly path: string; readonly url: string }[] {
    return [...this.apis.values()].map(({ id, path }) => ({ id, path, url: `${this.cloud.endpoint}/apis/${id}` }));
  }

  /** Answers a request to one of the APIs, by its path or by its host. */
  async answer(request: ServiceRequest): Promise<ServiceResponse> {
    const { apiId, path } = locate(request);
    const api = this.apis.get(apiId);
    if (api === undefined) return renderGatewayMessage(404, 'Not Found');
    if (isForeignChange(api.cors, request)) {
      this.cloud.warn(`${api.path}: ${request.headers['origin']} isn't among the origins of its CORS rules.`);
      return renderGatewayMessage(403, 'Forbidden');
    }
    const requestId = newRequestId();
    const response = await this.answerWithCors(api, decodePath(path), request, requestId);
    return { ...response, headers: { ...response.headers, 'apigw-requestid': requestId } };
  }

  private async answerWithCors(
    api: HttpApi,
    path: string,
    request: ServiceRequest,
    id: string,
  ): Promise<ServiceResponse> {
    if (api.cors === undefined) return this.answerFor(api, path, request, id);
    return withCors(api.cors, request, await this.answerFor(api, path, request, id));
  }

  private async answerFor(
    api: HttpApi,
    path: string,
    request: ServiceRequest,
    requestId: string,
  ): Promise<ServiceResponse> {
    const staged = tryMatchStage(api, path);
    if (staged === undefined) return renderGatewayMessage(404, 'Not Found');
    const match = tryMatchRoute(api.routes, request.method, staged.path);
    if (match === undefined) return tryAnswerPreflight(api.cors, request) ?? renderGatewayMessage(404, 'Not Found');
    if (request.body.length > MAX_PAYLOAD_BYTES) return renderGatewayMessage(413, 'Request Entity Too Large');
    if (!this.bucketOf(api, staged.stage, match.route).tryTake()) return renderGatewayMessage(429, 'Too Many Requests');
    return this.pass({
      ...match,
      api,
      stage: staged.stage,
      request,
      path,
      requestId,
      time: this.cloud.clock.now(),
      accountId: this.cloud.accountId,
    });
  }

  private async pass(call: GatewayCall): Promise<ServiceResponse> {
    const authorized = await this.authorize(call);
    if ('status' in authorized) return authorized;
    return tryAnswerPreflight(call.api.cors, call.request) ?? this.integrate(call, authorized);
  }

  private async authorize(call: GatewayCall): Promise<Authorized | ServiceResponse> {
    const { authorization } = call.route;
    switch (authorization.kind) {
      case 'none':
        return {};
      case 'iam':
        return this.authorizeByIam(call);
      case 'jwt':
        return authorizeJwt(authorization.authorizer, authorization.scopes, call);
      case 'lambda':
        return this.lambdaAuthorizers.authorize(authorization.authorizer, call);
    }
  }

  /** A request signed by a developer or by a role that may `execute-api:Invoke` the route passes; the signature itself isn't checked. */
  private authorizeByIam(call: GatewayCall): Authorized | ServiceResponse {
    const { headers, query, caller } = call.request;
    const accessKey = /Credential=([^/,\s]+)/.exec(
      headers['authorization'] ?? query.get('X-Amz-Credential') ?? '',
    )?.[1];
    const signed = headers['authorization']?.startsWith('AWS4-') === true || query.has('X-Amz-Signature');
    if (!signed) return renderGatewayMessage(403, 'Forbidden');
    try {
      this.cloud.authorize({ caller, action: 'execute-api:Invoke', resource: this.methodArn(call) });
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      this.cloud.warn(error.message);
      return renderGatewayMessage(403, 'Forbidden');
    }
    const { accountId, partition } = this.cloud;
    const userArn = caller.roleArn ?? `arn:${partition}:iam::${accountId}:user/${caller.name}`;
    const identity = { accessKey: accessKey ?? '', accountId, callerId: caller.name, cognitoIdentity: null, userArn };
    return { context: { iam: { ...identity, principalOrgId: null, userId: caller.name } } };
  }

  private async integrate(call: GatewayCall, { context }: Authorized): Promise<ServiceResponse> {
    const { functionArn, payloadFormat, timeoutMs } = call.route.integration;
    const event = JSON.stringify(renderProxyEvent(payloadFormat, call, context));
    // API Gateway takes 10 MB, and the function it invokes 6 MB with all that is around the body.
    if (Buffer.byteLength(event) > MAX_EVENT_BYTES) return renderGatewayMessage(413, 'Request Entity Too Large');
    const invocation = await this.beforeTimeout(timeoutMs, this.tryInvoke(functionArn, event, this.methodArn(call)));
    if (invocation === 'late') return renderGatewayMessage(503, 'Service Unavailable');
    if (invocation === undefined || invocation.functionError !== undefined)
      return renderGatewayMessage(500, 'Internal Server Error');
    const answer = tryReadProxyAnswer(payloadFormat, invocation.payload);
    if (answer !== undefined) return answer;
    this.cloud.warn(
      `${functionArn} gave the gateway an answer that API Gateway refuses: ${invocation.payload.slice(0, 200)}`,
    );
    return renderGatewayMessage(500, 'Internal Server Error');
  }

  /** Invokes a function if it lets the gateway; undefined when it doesn't, or can't be invoked. */
  private async tryInvoke(functionArn: string, payload: string, sourceArn: string) {
    const caller = { kind: 'service', name: PRINCIPAL } as const;
    const context = { 'aws:SourceArn': sourceArn };
    try {
      this.cloud.authorize({ caller, action: 'lambda:InvokeFunction', resource: functionArn, context });
      return await this.cloud.functions.invoke(functionArn, { payload });
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      this.cloud.warn(error.message);
      return undefined;
    }
  }

  /** The function itself runs on when its answer comes too late, as on AWS. */
  private async beforeTimeout<T>(timeoutMs: number, answer: Promise<T>): Promise<T | 'late'> {
    const { clock } = this.cloud;
    let cancel = () => {};
    const late = new Promise<'late'>((resolve) => {
      cancel = clock.at(clock.now() + timeoutMs, () => resolve('late'), { background: true });
    });
    try {
      return await Promise.race([answer, late]);
    } finally {
      cancel();
    }
  }

  private bucketOf(api: HttpApi, stage: Stage, route: Route): TokenBucket {
    const key = `${api.id} ${stage.name} ${route.key}`;
    const known = this.buckets.get(key);
    if (known !== undefined) return known;
    const bucket = new TokenBucket({ ...stage.throttle, ...stage.routeThrottles[route.key] }, this.cloud.clock);
    this.buckets.set(key, bucket);
    return bucket;
  }

  private apiArn(apiId: string): string {
    const { partition, region, accountId } = this.cloud;
    return `arn:${partition}:execute-api:${region}:${accountId}:${apiId}`;
  }

  /** What stands for the route in IAM: the stage, the method and the route's own path. */
  private methodArn({ api, stage, route, request }: GatewayCall): string {
    const [, template] = route.key.split(' ');
    const suffix = template === undefined ? '$default' : `${request.method}${template}`;
    return `${this.apiArn(api.id)}/${stage.name}/${suffix}`;
  }
}

/** The API and the path within it: by the host `<apiId>.execute-api.…`, else by the path `/apis/<apiId>/…`. */
function locate({ headers, path }: ServiceRequest): { readonly apiId: string; readonly path: string } {
  const byHost = /^([^.]+)\.execute-api\./.exec(headers['host'] ?? '')?.[1];
  if (byHost !== undefined) return { apiId: byHost, path };
  const [, apiId = '', rest = ''] = /^\/apis\/([^/]+)(.*)$/.exec(path) ?? [];
  return { apiId, path: rest === '' ? '/' : rest };
}

/** HTTP APIs decode the path before they route, and cut it at a decoded question mark. */
function decodePath(path: string): string {
  let decoded = path;
  try {
    decoded = decodeURIComponent(path);
  } catch {
    // A malformed escape stays as it is.
  }
  return decoded.split('?')[0] ?? '/';
}
