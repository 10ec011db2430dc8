import type { Resource } from '../../../assembly/model.js';
import { PropertyReader } from '../protocol/property-reader.js';

/** An HTTP API of the template, put together from its resources. */
export interface HttpApi {
  readonly id: string;
  /** The construct path. */
  readonly path: string;
  readonly cors?: CorsRules;
  readonly routes: readonly Route[];
  readonly stages: readonly Stage[];
}

/** What the gateway answers to browsers of other origins. */
export interface CorsRules {
  readonly origins: readonly string[];
  readonly methods: readonly string[];
  readonly headers: readonly string[];
  readonly exposed: readonly string[];
  readonly maxAge?: number;
  readonly credentials: boolean;
}

export interface Route {
  /** For example `GET /orders/{id}`, `ANY /{proxy+}` or `$default`. */
  readonly key: string;
  readonly integration: Integration;
  readonly authorization: Authorization;
}

/** A Lambda proxy integration. */
export interface Integration {
  readonly functionArn: string;
  readonly payloadFormat: PayloadFormat;
  readonly timeoutMs: number;
}

export type PayloadFormat = '1.0' | '2.0';

export type Authorization =
  | { readonly kind: 'none' }
  | { readonly kind: 'iam' }
  | { readonly kind: 'jwt'; readonly authorizer: JwtAuthorizer; readonly scopes: readonly string[] }
  | { readonly kind: 'lambda'; readonly authorizer: LambdaAuthorizer };

export interface JwtAuthorizer {
  readonly identitySource: readonly string[];
  readonly issuer: string;
  readonly audience: readonly string[];
}

export interface LambdaAuthorizer {
  readonly id: string;
  readonly identitySource: readonly string[];
  readonly functionArn: string;
  readonly payloadFormat: PayloadFormat;
  readonly simpleResponses: boolean;
  readonly cacheSeconds: number;
}

export interface Stage {
  readonly name: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly throttle: Throttle;
  /** By route key, in place of the stage's own. */
  readonly routeThrottles: Readonly<Record<string, Throttle>>;
}

/** Requests per second, and how many at once above it. */
export interface Throttle {
  readonly rate?: number;
  readonly burst?: number;
}

/** The CloudFormation types that make an HTTP API. */
export const GATEWAY_TYPES = ['Api', 'Route', 'Integration', 'Stage', 'Authorizer', 'DomainName', 'ApiMapping'].map(
  (name) => `AWS::ApiGatewayV2::${name}`,
);

/** Reads the HTTP APIs among the resources; refuses WebSocket APIs, and integrations other than Lambda proxies. */
export function readHttpApis(resources: readonly Resource[]): readonly HttpApi[] {
  const ofType = (name: string) => resources.filter(({ type }) => type === `AWS::ApiGatewayV2::${name}`);
  const ofApi = (name: string, apiId: string) => ofType(name).filter(({ properties }) => properties['ApiId'] === apiId);
  return ofType('Api').map((api) => {
    const integrations = new Map(ofApi('Integration', api.ref).map((one) => [one.ref, readIntegration(one)]));
    const authorizers = new Map(ofApi('Authorizer', api.ref).map((one) => [one.ref, one]));
    return {
      id: api.ref,
      path: api.path,
      ...readApi(api, ofApi('ApiMapping', api.ref).length > 0),
      routes: ofApi('Route', api.ref).map((route) => readRoute(route, integrations, authorizers)),
      stages: ofApi('Stage', api.ref).map(readStage),
    };
  });
}

function readApi(resource: Resource, hasDomain: boolean): { readonly cors?: CorsRules } {
  const reader = PropertyReader.of(resource);
  const protocol = reader.tryString('ProtocolType');
  if (protocol !== 'HTTP')
    throw reader.refusal('ProtocolType', '`HTTP`', protocol, 'the local cloud runs no WebSocket APIs');
  if (reader.tryBoolean('DisableExecuteApiEndpoint') === true && !hasDomain) {
    throw reader.refusal(
      'DisableExecuteApiEndpoint',
      '`false`, or a domain that leads to the API',
      true,
      'an `AWS::ApiGatewayV2::ApiMapping` maps a domain to it; without one nobody reaches it',
    );
  }
  const cors = reader.tryObject('CorsConfiguration');
  const rules = cors === undefined ? {} : { cors: readCors(cors) };
  reader.accept('Name', 'Description', 'Tags', 'Version', 'FailOnWarnings', 'IpAddressType').finish();
  return rules;
}

function readCors(reader: PropertyReader): CorsRules {
  const maxAge = reader.tryNumber('MaxAge');
  return {
    origins: reader.strings('AllowOrigins'),
    methods: reader.strings('AllowMethods'),
    headers: reader.strings('AllowHeaders'),
    exposed: reader.strings('ExposeHeaders'),
    credentials: reader.tryBoolean('AllowCredentials') === true,
    ...(maxAge === undefined ? {} : { maxAge }),
  };
}

function readIntegration(resource: Resource): Integration {
  const reader = PropertyReader.of(resource);
  const type = reader.string('IntegrationType');
  const subtype = reader.tryString('IntegrationSubtype');
  const fix = 'the local cloud runs Lambda proxy integrations only';
  if (type !== 'AWS_PROXY') throw reader.refusal('IntegrationType', '`AWS_PROXY`', type, fix);
  if (subtype !== undefined) throw reader.refusal('IntegrationSubtype', 'no service integration', subtype, fix);
  const format = reader.string('PayloadFormatVersion');
  const integration = {
    functionArn: functionArnOf(reader.string('IntegrationUri')),
    payloadFormat: readPayloadFormat(reader, 'PayloadFormatVersion', format),
    timeoutMs: reader.tryNumber('TimeoutInMillis') ?? 30_000,
  };
  reader.accept('ApiId', 'Description', 'IntegrationMethod', 'CredentialsArn', 'PassthroughBehavior').finish();
  return integration;
}

function readPayloadFormat(reader: PropertyReader, name: string, value: string): PayloadFormat {
  if (value === '1.0' || value === '2.0') return value;
  throw reader.refusal(name, '`1.0` or `2.0`', value);
}

/** The function in an integration's or an authorizer's URI, which is its ARN or wraps it. */
function functionArnOf(uri: string): string {
  return /functions\/(arn:[^/]+)\/invocations/.exec(uri)?.[1] ?? uri;
}

function readRoute(
  resource: Resource,
  integrations: ReadonlyMap<string, Integration>,
  authorizers: ReadonlyMap<string, Resource>,
): Route {
  const reader = PropertyReader.of(resource);
  const target = reader.string('Target');
  const integration = integrations.get(target.replace(/^integrations\//, ''));
  if (integration === undefined) throw reader.refusal('Target', 'an integration of the same API', target);
  const route = {
    key: reader.string('RouteKey'),
    integration,
    authorization: readAuthorization(reader, authorizers),
  };
  reader.accept('ApiId', 'OperationName', 'ApiKeyRequired').finish();
  return route;
}

function readAuthorization(reader: PropertyReader, authorizers: ReadonlyMap<string, Resource>): Authorization {
  const type = reader.tryString('AuthorizationType') ?? 'NONE';
  const scopes = reader.strings('AuthorizationScopes');
  const id = reader.tryString('AuthorizerId');
  const authorizer = id === undefined ? undefined : authorizers.get(id);
  if (type === 'NONE') return { kind: 'none' };
  if (type === 'AWS_IAM') return { kind: 'iam' };
  if (authorizer === undefined) throw reader.refusal('AuthorizerId', 'an authorizer of the same API', id);
  if (type === 'JWT') return { kind: 'jwt', authorizer: readJwtAuthorizer(authorizer), scopes };
  if (type === 'CUSTOM') return { kind: 'lambda', authorizer: readLambdaAuthorizer(authorizer) };
  throw reader.refusal('AuthorizationType', '`NONE`, `AWS_IAM`, `JWT` or `CUSTOM`', type);
}

function readJwtAuthorizer(resource: Resource): JwtAuthorizer {
  const reader = PropertyReader.of(resource);
  const configuration = reader.object('JwtConfiguration');
  const authorizer = {
    identitySource: reader.strings('IdentitySource'),
    issuer: configuration.string('Issuer'),
    audience: configuration.strings('Audience'),
  };
  reader.accept('ApiId', 'Name', 'AuthorizerType').finish();
  return authorizer;
}

function readLambdaAuthorizer(resource: Resource): LambdaAuthorizer {
  const reader = PropertyReader.of(resource);
  const format = reader.tryString('AuthorizerPayloadFormatVersion') ?? '1.0';
  const authorizer = {
    id: resource.ref,
    identitySource: reader.strings('IdentitySource'),
    functionArn: functionArnOf(reader.string('AuthorizerUri')),
    payloadFormat: readPayloadFormat(reader, 'AuthorizerPayloadFormatVersion', format),
    simpleResponses: reader.tryBoolean('EnableSimpleResponses') === true,
    cacheSeconds: reader.tryNumber('AuthorizerResultTtlInSeconds') ?? 300,
  };
  reader.accept('ApiId', 'Name', 'AuthorizerType', 'AuthorizerCredentialsArn').finish();
  return authorizer;
}

function readStage(resource: Resource): Stage {
  const reader = PropertyReader.of(resource);
  const variables = reader.tryObject('StageVariables');
  const overrides = reader.tryObject('RouteSettings');
  const stage = {
    name: reader.string('StageName'),
    variables: Object.fromEntries((variables?.names() ?? []).map((name) => [name, variables?.string(name) ?? ''])),
    throttle: readThrottle(reader.tryObject('DefaultRouteSettings')),
    routeThrottles: Object.fromEntries(
      (overrides?.names() ?? []).map((key) => [key, readThrottle(overrides?.object(key))]),
    ),
  };
  reader.accept('ApiId', 'AutoDeploy', 'Description', 'Tags', 'AccessLogSettings', 'DeploymentId').finish();
  return stage;
}

function readThrottle(settings: PropertyReader | undefined): Throttle {
  settings?.accept('DetailedMetricsEnabled', 'LoggingLevel', 'DataTraceEnabled');
  const rate = settings?.tryNumber('ThrottlingRateLimit');
  const burst = settings?.tryNumber('ThrottlingBurstLimit');
  return { ...(rate === undefined ? {} : { rate }), ...(burst === undefined ? {} : { burst }) };
}
