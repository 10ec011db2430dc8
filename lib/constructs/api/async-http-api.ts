import { Duration } from 'aws-cdk-lib';
import * as apigateway from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { API_DESCRIPTION_FILE, HUB_ENVIRONMENT, type HubReach } from '../../contract/hub-environment.js';
import {
  API_PERMISSIONS,
  type ApiPermission,
  CONTINUATION_HEADER,
  HUB_ROUTES,
  type HubRoute,
  IDEMPOTENCY_HEADER,
} from '../../contract/hub-http.js';
import { type ApiAuthKind, type ApiDescription, renderOpenApi } from '../../contract/openapi/document.js';
import { DurableStepsError } from '../../errors.js';
import type { Checks } from '../../options/check-options.js';
import {
  options as group,
  like,
  listOf,
  needed,
  number,
  oneOf,
  others,
  SPAN,
  text,
  whole,
} from '../../options/kinds.js';
import { accessLogSettings } from '../access-log.js';
import { acknowledge, acknowledgeWildcards } from '../acknowledge.js';
import { tryAddFile } from '../bundled-code.js';
import { checkProps } from '../check-props.js';
import { hubFunction } from '../hub/hub-function.js';
import type { TaskHub } from '../hub/task-hub.js';
import { vendedLog } from '../vended-log.js';
import { apiAddress } from './api-address.js';
import type { ApiAuth } from './api-auth.js';
import { type ApiConcurrency, CONCURRENCY, FUNCTIONS, type FunctionName, SERVED_BY } from './api-functions.js';
import {
  checkOrchestrations,
  type DescribedOrchestration,
  describeApi,
  type StartableOrchestration,
} from './api-orchestrations.js';

/** What a script may send. */
const REQUEST_HEADERS = ['authorization', 'content-type', 'x-api-key', IDEMPOTENCY_HEADER, CONTINUATION_HEADER];

/** What a request that a browser signs has, besides `authorization`: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
const SIGNATURE_HEADERS = ['x-amz-date', 'x-amz-security-token', 'x-amz-content-sha256'];

/** Who made a request, by the kind of authorization, as the access log says it. */
const SUBJECTS: Readonly<Record<ApiAuthKind, Readonly<Record<string, string>>>> = {
  iam: { subject: '$context.identity.userArn', cognitoIdentity: '$context.identity.cognitoIdentityId' },
  jwt: { subject: '$context.authorizer.claims.sub', issuer: '$context.authorizer.claims.iss' },
  apiKey: { subject: '$context.authorizer.name' },
  none: {},
};

/** Options of an {@link AsyncHttpApi}. */
export interface AsyncHttpApiProps {
  readonly hub: TaskHub;
  /** What can be started, by the name in the path: lower-case letters, digits and dashes. */
  readonly orchestrations: Readonly<Record<string, StartableOrchestration | DescribedOrchestration>>;
  /**
   * Whose instances it shows and steers: `named`, those of its `orchestrations`; every other is unknown to it (404), and its roles have no permission for it. `hub`, those of the whole hub,
   * sub-orchestrations and removed orchestrations among them: for an operator's API.
   * @default 'named'
   */
  readonly reach?: HubReach;
  /**
   * Whether an instance belongs to whoever started it: with `subject` it is unknown to every other caller, whoever may read or operate. The subject is the token's issuer and `sub`, the signer's
   * ARN or Cognito identity, or the API key's name. What wasn't started through an API with this authorization belongs to nobody.
   * @default - instances belong to all callers
   */
  readonly owner?: 'subject';
  /** What callers may do at all. @default - everything: start, read, signal, operate, purge */
  readonly permissions?: readonly ApiPermission[];
  /** Who may call it; there is no default. */
  readonly auth: ApiAuth;
  /**
   * Which web pages may call it from a browser. `OPTIONS` is then open to everybody, since browsers ask for permission without credentials.
   * @default - none
   */
  readonly cors?: { readonly origins: readonly string[]; readonly maxAge?: Duration };
  /**
   * How many of the account's concurrent executions of Lambda are set aside for functions of the API.
   * @default - none set aside
   */
  readonly reservedConcurrency?: ApiConcurrency;
  /** @default - 100 requests a second, 200 at once */
  readonly throttle?: { readonly rateLimit: number; readonly burstLimit: number };
  /**
   * A domain of one's own that leads to the API. API Gateway's own address is then shut, so that nobody gets around what stands before the domain, such as a web application firewall.
   * The local cloud answers at its own address in the domain's place.
   * @default - API Gateway's address
   */
  readonly domain?: apigateway.DomainMappingOptions;
  /**
   * Where callers reach the API, if neither at its `domain` nor at API Gateway's address: behind a proxy or a CDN. No slash at the end. Links in answers begin with it.
   * @default - the domain's address, else API Gateway's
   */
  readonly publicUrl?: string;
  /** The document's title. @default - the construct's id */
  readonly title?: string;
}

const API: Checks<AsyncHttpApiProps> = {
  hub: needed(like('a TaskHub', 'grantMachines')),
  orchestrations: needed(others('orchestrations by name')),
  reach: oneOf('named', 'hub'),
  owner: oneOf('subject'),
  permissions: listOf(oneOf(...API_PERMISSIONS)),
  auth: needed(like('an `ApiAuth`', 'kind', 'scopesFor', 'bind')),
  cors: group({ origins: needed(listOf(text('an origin, for example `https://example.com`'), 1)), maxAge: SPAN }),
  reservedConcurrency: group(CONCURRENCY),
  throttle: group({ rateLimit: needed(number(0)), burstLimit: needed(whole(0)) }),
  domain: others('a mapping of a domain, `{ domainName }`'),
  publicUrl: text('an address'),
  title: text(),
};

/**
 * Durable Functions' HTTP API over API Gateway: start, status, list, raise event, terminate, rewind, restart, purge.
 *
 * Builds an HTTP API with throttling and an access log, and six Lambda functions with a role each. `GET /openapi.json` describes it.
 *
 * @throws DurableStepsError `ForeignOrchestration` when an orchestration has another hub, or none; `InvalidOption` for a name that has no place in a path
 * @example new AsyncHttpApi(this, 'Api', { hub, auth: ApiAuth.iam(), orchestrations: { 'process-video': processVideo } });
 */
export class AsyncHttpApi extends Construct {
  readonly httpApi: apigateway.HttpApi;
  /** Where it is reached, without a slash at the end. */
  readonly url: string;
  /** The OpenAPI 3.0 document that the API serves, but for its address. */
  readonly openApi: Readonly<Record<string, unknown>>;
  /** The functions behind the routes. */
  readonly functions: Readonly<Record<FunctionName, lambda.Function>>;
  readonly accessLog: logs.LogGroup;
  private readonly auth: ApiAuth;
  private readonly routes: readonly HubRoute[];

  constructor(scope: Construct, id: string, props: AsyncHttpApiProps) {
    checkProps(scope, id, props, API);
    super(scope, id);
    props.auth.check(`${this.node.path}.auth`);
    acknowledgeWildcards(this);
    const orchestrations = checkOrchestrations(this, props);
    if (props.owner === 'subject' && props.auth.kind === 'none') throw needsSubject(this);
    this.auth = props.auth;
    this.routes = offeredRoutes(props);
    const description = describeApi(
      {
        title: props.title ?? id,
        auth: props.auth.kind,
        operations: this.routes.map(({ operation }) => operation),
      },
      props,
      orchestrations,
    );
    this.openApi = renderOpenApi({
      ...description,
      ...(props.publicUrl === undefined ? {} : { url: props.publicUrl }),
    });
    this.httpApi = this.makeApi(props);
    this.url = props.publicUrl ?? apiAddress(this.httpApi, props.domain);
    this.functions = this.makeFunctions(props, orchestrations, description);
    this.addRoutes(props);
    this.accessLog = this.makeStage(props);
  }

  /**
   * Lets a role or a function call some routes of an API with `ApiAuth.iam()`, and read its document.
   *
   * @example api.grant(shop, 'start', 'read')
   * @throws DurableStepsError `InvalidOption` for an API with another authorization
   */
  grant(grantee: iam.IGrantable, ...permissions: readonly ApiPermission[]): iam.Grant {
    if (this.auth.kind !== 'iam') {
      throw new DurableStepsError('InvalidOption', {
        where: `${this.node.path}.grant`,
        expected: 'an API with `ApiAuth.iam()`',
        got: `\`${this.auth.kind}\``,
      });
    }
    const open = this.routes.filter(({ permission }) => permission === undefined || permissions.includes(permission));
    return iam.Grant.addToPrincipal({
      grantee,
      actions: ['execute-api:Invoke'],
      resourceArns: open.map(({ method, path }) =>
        this.httpApi.arnForExecuteApi(method, path.replace(/\{\w+\+?\}/g, '*'), '$default'),
      ),
    });
  }

  private makeApi(props: AsyncHttpApiProps): apigateway.HttpApi {
    const { auth, cors, domain } = props;
    return new apigateway.HttpApi(this, 'HttpApi', {
      description: 'Orchestrations of a task hub',
      createDefaultStage: false,
      disableExecuteApiEndpoint: domain !== undefined,
      ...(cors === undefined
        ? {}
        : {
            corsPreflight: {
              allowOrigins: [...cors.origins],
              allowMethods: [
                apigateway.CorsHttpMethod.GET,
                apigateway.CorsHttpMethod.POST,
                apigateway.CorsHttpMethod.DELETE,
              ],
              allowHeaders: [...REQUEST_HEADERS, ...(auth.kind === 'iam' ? SIGNATURE_HEADERS : [])],
              exposeHeaders: ['location', 'retry-after', CONTINUATION_HEADER],
              maxAge: cors.maxAge ?? Duration.hours(1),
            },
          }),
    });
  }

  private makeFunctions(
    { hub, owner, reach = 'named', reservedConcurrency }: AsyncHttpApiProps,
    orchestrations: Readonly<Record<string, StartableOrchestration>>,
    description: ApiDescription,
  ): Readonly<Record<FunctionName, lambda.Function>> {
    const named = Object.values(orchestrations).map(({ stateMachine }) => stateMachine);
    const make = (name: FunctionName): lambda.Function => {
      const plan = FUNCTIONS[name];
      const fn = hubFunction(this, name, {
        entry: plan.entry,
        description: plan.description,
        ...(plan.concurrency !== undefined && { reservedConcurrency: reservedConcurrency?.[plan.concurrency] }),
        environment: {
          [HUB_ENVIRONMENT.apiUrl]: this.url,
          ...(owner === undefined ? {} : { [HUB_ENVIRONMENT.owner]: owner }),
        },
      });
      if (name === 'DescribeApi') tryAddFile(fn, API_DESCRIPTION_FILE, () => JSON.stringify(description));
      else hub.introduce(fn, orchestrations, reach);
      if (plan.table.length > 0) hub.grantTable(fn, plan.table, plan.reach);
      if (plan.machines !== undefined) hub.grantMachines(fn, plan.machines, reach === 'hub' ? undefined : named);
      return fn;
    };
    return {
      StartInstance: make('StartInstance'),
      QueryInstances: make('QueryInstances'),
      RaiseEvent: make('RaiseEvent'),
      ManageInstance: make('ManageInstance'),
      PurgeInstances: make('PurgeInstances'),
      DescribeApi: make('DescribeApi'),
    };
  }

  private addRoutes({ auth, cors }: AsyncHttpApiProps): void {
    const authorizer = auth.bind(this);
    const integrations = new Map<FunctionName, HttpLambdaIntegration>();
    const integrationOf = (name: FunctionName): HttpLambdaIntegration => {
      const integration = integrations.get(name) ?? new HttpLambdaIntegration(name, this.functions[name]);
      integrations.set(name, integration);
      return integration;
    };
    const add = (
      routeKey: apigateway.HttpRouteKey,
      id: string,
      name: FunctionName,
      scopes = auth.scopesFor(),
    ): apigateway.HttpRoute =>
      new apigateway.HttpRoute(this, id, {
        httpApi: this.httpApi,
        routeKey,
        integration: integrationOf(name),
        authorizer,
        ...(scopes === undefined || scopes.length === 0 ? {} : { authorizationScopes: [...scopes] }),
      });
    for (const route of this.routes) {
      const routeKey = apigateway.HttpRouteKey.with(route.path, methodOf(route));
      add(routeKey, routeId(route), SERVED_BY[route.operation], auth.scopesFor(route.permission));
    }
    add(apigateway.HttpRouteKey.DEFAULT, 'OtherRoute', 'DescribeApi');
    if (cors === undefined) return;
    // Browsers ask for permission without credentials, and `$default` with its authorizer would catch the question.
    const preflight = new apigateway.HttpRoute(this, 'PreflightRoute', {
      httpApi: this.httpApi,
      routeKey: apigateway.HttpRouteKey.with('/{proxy+}', apigateway.HttpMethod.OPTIONS),
      integration: integrationOf('DescribeApi'),
      authorizer: new apigateway.HttpNoneAuthorizer(),
    });
    acknowledge(
      preflight,
      'AwsSolutions-APIG4',
      'Browsers ask for permission without credentials; the answer tells nothing.',
    );
  }

  private makeStage(props: AsyncHttpApiProps): logs.LogGroup {
    const { rateLimit, burstLimit } = props.throttle ?? { rateLimit: 100, burstLimit: 200 };
    const accessLog = vendedLog(this, 'AccessLog', 'apis');
    new apigateway.HttpStage(this, 'Stage', {
      httpApi: this.httpApi,
      stageName: '$default',
      autoDeploy: true,
      throttle: { rateLimit, burstLimit },
      ...(props.domain === undefined ? {} : { domainMapping: props.domain }),
      accessLogSettings: accessLogSettings(accessLog, { path: '$context.path', ...SUBJECTS[props.auth.kind] }),
    });
    return accessLog;
  }
}

/** The routes for what callers may do. */
function offeredRoutes({ auth, permissions }: AsyncHttpApiProps): readonly HubRoute[] {
  return HUB_ROUTES.filter(
    ({ permission }) =>
      permission === undefined ||
      (auth.scopesFor(permission) !== undefined && permissions?.includes(permission) !== false),
  );
}

function needsSubject(scope: Construct): DurableStepsError {
  return new DurableStepsError('InvalidOption', {
    where: `${scope.node.path}.owner`,
    expected: 'an authorization that knows who calls: iam, jwt or apiKey',
    got: '`ApiAuth.none()`',
  });
}

function routeId({ operation }: HubRoute): string {
  return `${operation[0]?.toUpperCase()}${operation.slice(1)}Route`;
}

function methodOf({ method }: HubRoute): apigateway.HttpMethod {
  return { GET: apigateway.HttpMethod.GET, POST: apigateway.HttpMethod.POST, DELETE: apigateway.HttpMethod.DELETE }[
    method
  ];
}
