import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as apigateway from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import type * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { API_DESCRIPTION_FILE, HUB_ENVIRONMENT, type HubReach } from '../../contract/hub-environment.js';
import {
  CONTINUATION_HEADER,
  HUB_ROUTES,
  type HubOperation,
  type HubRoute,
  IDEMPOTENCY_HEADER,
} from '../../contract/hub-http.js';
import { type ApiDescription, renderOpenApi } from '../../contract/openapi.js';
import type { JsonSchema } from '../../contract/openapi-schemas.js';
import { DurableStepsError } from '../../errors.js';
import { tryAddFile } from '../bundled-code.js';
import { hubFunction } from '../hub/hub-function.js';
import type { MachineActions } from '../hub/machine-grants.js';
import { TABLE_ACTIONS } from '../hub/table-grants.js';
import type { TaskHub } from '../hub/task-hub.js';
import type { ApiAuth } from './api-auth.js';

/** An orchestration that can be started over HTTP: a construct, or anything with a state machine. */
export interface StartableOrchestration {
  readonly stateMachine: sfn.IStateMachine;
  /** Its hub, when it knows it. */
  readonly hub?: unknown;
}

/** An orchestration with what the API's document says of it. */
export interface DescribedOrchestration {
  readonly orchestration: StartableOrchestration;
  /** @default - nothing */
  readonly description?: string;
  /** JSON Schema of its input, for the document. @default - anything */
  readonly input?: JsonSchema;
}

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
  /** Who may call it; there is no default. */
  readonly auth: ApiAuth;
  /**
   * Which web pages may call it from a browser. `OPTIONS` is then open to everybody, since browsers ask for permission without credentials.
   * @default - none
   */
  readonly cors?: { readonly origins: readonly string[]; readonly maxAge?: Duration };
  /** @default - 100 requests a second, 200 at once */
  readonly throttle?: { readonly rateLimit: number; readonly burstLimit: number };
  /** Where the API is reached, if not at API Gateway's own address: no slash at the end. Links in answers begin with it. @default - API Gateway's address */
  readonly publicUrl?: string;
  /** The document's title. @default - the construct's id */
  readonly title?: string;
}

type FunctionName =
  | 'StartInstance'
  | 'QueryInstances'
  | 'RaiseEvent'
  | 'ManageInstance'
  | 'PurgeInstances'
  | 'DescribeApi';

interface FunctionPlan {
  readonly entry: string;
  readonly description: string;
  readonly table: readonly string[];
  readonly index?: boolean;
  readonly machines?: MachineActions;
}

/** One function, and one role, for each kind of thing that a request may do. */
const FUNCTIONS: Readonly<Record<FunctionName, FunctionPlan>> = {
  StartInstance: {
    entry: 'start-instance',
    description: 'Starts instances of orchestrations',
    table: TABLE_ACTIONS.start,
    machines: {
      machine: ['states:StartExecution', 'states:DescribeStateMachine'],
      execution: ['states:DescribeExecution', 'states:StopExecution'],
    },
  },
  QueryInstances: {
    entry: 'query-instances',
    description: 'Shows and lists instances of orchestrations',
    table: TABLE_ACTIONS.query,
    index: true,
    machines: {
      machine: ['states:DescribeStateMachine'],
      execution: ['states:DescribeExecution', 'states:GetExecutionHistory', 'states:StopExecution'],
    },
  },
  RaiseEvent: {
    entry: 'raise-event',
    description: 'Raises events for orchestrations',
    table: TABLE_ACTIONS.inbox,
    machines: { machine: ['states:SendTaskSuccess'] },
  },
  ManageInstance: {
    entry: 'manage-instance',
    description: 'Terminates, rewinds and restarts instances of orchestrations',
    table: TABLE_ACTIONS.start,
    machines: {
      machine: ['states:StartExecution', 'states:DescribeStateMachine'],
      execution: ['states:DescribeExecution', 'states:StopExecution', 'states:RedriveExecution'],
    },
  },
  PurgeInstances: {
    entry: 'purge-instances',
    description: 'Deletes what the task hub keeps of finished instances',
    table: TABLE_ACTIONS.purge,
    index: true,
  },
  DescribeApi: { entry: 'describe-api', description: 'Serves the API’s OpenAPI document', table: [] },
};

const SERVED_BY: Readonly<Record<HubOperation, FunctionName>> = {
  startInstance: 'StartInstance',
  startInstanceWithId: 'StartInstance',
  getInstance: 'QueryInstances',
  listInstances: 'QueryInstances',
  raiseEvent: 'RaiseEvent',
  terminateInstance: 'ManageInstance',
  rewindInstance: 'ManageInstance',
  restartInstance: 'ManageInstance',
  purgeInstance: 'PurgeInstances',
  purgeInstances: 'PurgeInstances',
  describeApi: 'DescribeApi',
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

  constructor(scope: Construct, id: string, props: AsyncHttpApiProps) {
    super(scope, id);
    const orchestrations = checkOrchestrations(this, props);
    const description = describe(id, props, orchestrations);
    this.openApi = renderOpenApi({
      ...description,
      ...(props.publicUrl === undefined ? {} : { url: props.publicUrl }),
    });
    this.httpApi = this.makeApi(props);
    this.url = props.publicUrl ?? this.httpApi.apiEndpoint;
    this.functions = this.makeFunctions(props, orchestrations, description);
    this.addRoutes(props);
    this.accessLog = this.makeStage(props);
  }

  private makeApi(props: AsyncHttpApiProps): apigateway.HttpApi {
    const { cors } = props;
    return new apigateway.HttpApi(this, 'HttpApi', {
      description: 'Orchestrations of a task hub',
      createDefaultStage: false,
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
              allowHeaders: ['authorization', 'content-type', 'x-api-key', IDEMPOTENCY_HEADER, CONTINUATION_HEADER],
              exposeHeaders: ['location', 'retry-after', CONTINUATION_HEADER],
              maxAge: cors.maxAge ?? Duration.hours(1),
            },
          }),
    });
  }

  private makeFunctions(
    { hub, reach = 'named' }: AsyncHttpApiProps,
    orchestrations: Readonly<Record<string, StartableOrchestration>>,
    description: ApiDescription,
  ): Readonly<Record<FunctionName, lambda.Function>> {
    const named = Object.values(orchestrations).map(({ stateMachine }) => stateMachine);
    const make = (name: FunctionName): lambda.Function => {
      const plan = FUNCTIONS[name];
      const fn = hubFunction(this, name, {
        entry: plan.entry,
        description: plan.description,
        environment: { [HUB_ENVIRONMENT.apiUrl]: this.url },
      });
      if (name === 'DescribeApi') tryAddFile(fn, API_DESCRIPTION_FILE, () => JSON.stringify(description));
      else hub.introduce(fn, orchestrations, reach);
      if (plan.table.length > 0) hub.grantTable(fn, plan.table, { index: plan.index ?? false });
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
    const add = (routeKey: apigateway.HttpRouteKey, id: string, name: FunctionName) =>
      new apigateway.HttpRoute(this, id, {
        httpApi: this.httpApi,
        routeKey,
        integration: integrationOf(name),
        authorizer,
        ...(auth.scopes.length === 0 ? {} : { authorizationScopes: [...auth.scopes] }),
      });
    for (const route of HUB_ROUTES) {
      add(apigateway.HttpRouteKey.with(route.path, methodOf(route)), routeId(route), SERVED_BY[route.operation]);
    }
    add(apigateway.HttpRouteKey.DEFAULT, 'OtherRoute', 'DescribeApi');
    if (cors === undefined) return;
    // Browsers ask for permission without credentials, and `$default` with its authorizer would catch the question.
    new apigateway.HttpRoute(this, 'PreflightRoute', {
      httpApi: this.httpApi,
      routeKey: apigateway.HttpRouteKey.with('/{proxy+}', apigateway.HttpMethod.OPTIONS),
      integration: integrationOf('DescribeApi'),
      authorizer: new apigateway.HttpNoneAuthorizer(),
    });
  }

  private makeStage(props: AsyncHttpApiProps): logs.LogGroup {
    const { rateLimit, burstLimit } = props.throttle ?? { rateLimit: 100, burstLimit: 200 };
    const accessLog = new logs.LogGroup(this, 'AccessLog', {
      retention: logs.RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    new apigateway.HttpStage(this, 'Stage', {
      httpApi: this.httpApi,
      stageName: '$default',
      autoDeploy: true,
      throttle: { rateLimit, burstLimit },
      accessLogSettings: { destination: new apigateway.LogGroupLogDestination(accessLog) },
    });
    return accessLog;
  }
}

function routeId({ operation }: HubRoute): string {
  return `${operation[0]?.toUpperCase()}${operation.slice(1)}Route`;
}

function methodOf({ method }: HubRoute): apigateway.HttpMethod {
  return { GET: apigateway.HttpMethod.GET, POST: apigateway.HttpMethod.POST, DELETE: apigateway.HttpMethod.DELETE }[
    method
  ];
}

function checkOrchestrations(
  scope: Construct,
  props: AsyncHttpApiProps,
): Readonly<Record<string, StartableOrchestration>> {
  const known = new Set(props.hub.orchestrations.values());
  const entries = Object.entries(props.orchestrations).map(([name, given]): [string, StartableOrchestration] => {
    const orchestration = 'orchestration' in given ? given.orchestration : given;
    const where = `${scope.node.path}.orchestrations.${name}`;
    if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)) {
      throw new DurableStepsError('InvalidOption', {
        where,
        expected: 'a name in kebab-case, for example `process-video`',
        got: `\`${name}\``,
      });
    }
    if (!known.has(orchestration.stateMachine)) {
      throw new DurableStepsError('ForeignOrchestration', {
        where,
        expected: 'an orchestration of the same task hub',
        got: 'one of another hub, or of none',
        fix: 'give it the option `hub`',
      });
    }
    return [name, orchestration];
  });
  return Object.fromEntries(entries);
}

function describe(
  id: string,
  props: AsyncHttpApiProps,
  orchestrations: Readonly<Record<string, StartableOrchestration>>,
): ApiDescription {
  const described = Object.keys(orchestrations).map((name) => {
    const given = props.orchestrations[name];
    const { description, input } =
      given !== undefined && 'orchestration' in given ? given : ({} as Partial<DescribedOrchestration>);
    return [name, { ...(description === undefined ? {} : { description }), ...(input === undefined ? {} : { input }) }];
  });
  return { title: props.title ?? id, auth: props.auth.kind, orchestrations: Object.fromEntries(described) };
}
