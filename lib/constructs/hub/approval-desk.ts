import { Duration } from 'aws-cdk-lib';
import * as apigateway from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { APPROVAL_PATH } from '../../contract/approval.js';
import { APPROVAL_ENVIRONMENT } from '../../contract/approval-environment.js';
import { HUB_ROWS } from '../../contract/hub-records.js';
import { accessLogSettings } from '../access-log.js';
import { acknowledge } from '../acknowledge.js';
import { apiAddress } from '../api/api-address.js';
import { vendedLog } from '../vended-log.js';
import type { HubConcurrency } from './hub-concurrency.js';
import { hubFunction } from './hub-function.js';
import type { MachineActions } from './machine-grants.js';
import type { Mail } from './mail.js';
import type { TableReach } from './table-grants.js';
import type { TaskHubProps } from './task-hub-props.js';

/** What an approval desk needs of its hub. */
export interface DeskHub {
  tableEnvironment(): Record<string, string>;
  grantTable(fn: lambda.Function, actions: readonly string[], reach: TableReach): void;
  grantMachines(fn: lambda.Function, actions: MachineActions): void;
}

/** Options of an {@link ApprovalDesk}. */
export interface ApprovalDeskProps {
  readonly hub: DeskHub;
  readonly mail: Mail;
  /** What is set aside for its two functions. @default - nothing */
  readonly concurrency?: HubConcurrency;
  /** What is kept of those who decide, and shown afterwards. @default - see `TaskHubProps` */
  readonly privacy?: Pick<TaskHubProps, 'recordVisitors' | 'showDecidedFor'>;
  /** A domain of one's own that leads to the pages. @default - API Gateway's address */
  readonly domain?: apigateway.DomainMappingOptions;
  /** Where people reach the pages, if neither at the domain nor at API Gateway's address. @default - the domain's address, else API Gateway's */
  readonly publicUrl?: string;
}

/**
 * What a hub with mail has for approvals: the function that asks, the pages where people decide.
 *
 * Two functions, since the one that asks must know the address of the API, and the API the function that it calls: one function would be a cycle in CloudFormation. The API's
 * access log leaves out the paths, which are secrets; who decided from where is in the approval's record.
 */
export class ApprovalDesk extends Construct {
  /** Asks, reminds, closes: target of the state machines. */
  readonly askFunction: lambda.Function;
  /** Serves the pages. */
  readonly decideFunction: lambda.Function;
  /** Public, without authorization: the links are the secrets. */
  readonly httpApi: apigateway.HttpApi;

  constructor(scope: Construct, id: string, props: ApprovalDeskProps) {
    super(scope, id);
    this.decideFunction = makeDecide(this, props);
    this.httpApi = makeApi(this, this.decideFunction, props.domain);
    this.askFunction = makeAsk(this, props, props.publicUrl ?? apiAddress(this.httpApi, props.domain));
  }
}

const TABLE_ACTIONS = ['dynamodb:GetItem', 'dynamodb:PutItem'] as const;

function makeDecide(scope: Construct, { hub, concurrency, privacy = {} }: ApprovalDeskProps): lambda.Function {
  const { recordVisitors, showDecidedFor } = privacy;
  const fn = hubFunction(scope, 'DecideApproval', {
    entry: 'decide-approval',
    description: 'Shows the pages on which people decide, and takes their decisions',
    environment: {
      ...hub.tableEnvironment(),
      ...(recordVisitors === false && { [APPROVAL_ENVIRONMENT.recordVisitors]: 'false' }),
      ...(showDecidedFor !== undefined && {
        [APPROVAL_ENVIRONMENT.showDecidedSeconds]: String(showDecidedFor.toSeconds()),
      }),
    },
    timeout: Duration.seconds(20),
    reservedConcurrency: concurrency?.decideApproval,
  });
  connect(fn, hub);
  // Whether the instance that asks still waits.
  hub.grantTable(fn, ['dynamodb:GetItem'], { rows: [HUB_ROWS.instances] });
  return fn;
}

function makeAsk(scope: Construct, { hub, mail, concurrency }: ApprovalDeskProps, baseUrl: string): lambda.Function {
  const fn = hubFunction(scope, 'AskApproval', {
    entry: `ask-approval-by-${mail.by}`,
    description: 'Asks people for approvals by mail',
    environment: { ...hub.tableEnvironment(), [APPROVAL_ENVIRONMENT.baseUrl]: baseUrl },
    // 50 mails, one after the other.
    timeout: Duration.minutes(1),
    reservedConcurrency: concurrency?.askApproval,
  });
  connect(fn, hub);
  const { settings, templates } = mail.bind(scope, fn);
  fn.addEnvironment(APPROVAL_ENVIRONMENT.mail, JSON.stringify(settings));
  if (templates !== undefined) fn.addEnvironment(APPROVAL_ENVIRONMENT.mailTemplates, templates);
  return fn;
}

function connect(fn: lambda.Function, hub: DeskHub): void {
  hub.grantTable(fn, TABLE_ACTIONS, { rows: [HUB_ROWS.approvals, HUB_ROWS.links] });
  hub.grantMachines(fn, { answers: ['approvals'] });
}

/** A second, and at once. Pages and decisions are counted apart: who floods the pages keeps nobody from deciding. */
const LIMIT = { rateLimit: 50, burstLimit: 100 };

function makeApi(
  scope: Construct,
  decide: lambda.Function,
  domain: apigateway.DomainMappingOptions | undefined,
): apigateway.HttpApi {
  const httpApi = new apigateway.HttpApi(scope, 'HttpApi', {
    description: 'Pages on which people approve or reject',
    createDefaultStage: false,
    disableExecuteApiEndpoint: domain !== undefined,
  });
  const routes = httpApi.addRoutes({
    path: `${APPROVAL_PATH}/{link}`,
    methods: [apigateway.HttpMethod.POST, apigateway.HttpMethod.ANY],
    integration: new HttpLambdaIntegration('Decide', decide),
  });
  for (const route of routes)
    acknowledge(route, 'AwsSolutions-APIG4', 'The link is the secret, of 256 bits: who has it may decide.');
  const stage = new apigateway.HttpStage(scope, 'Stage', {
    httpApi,
    stageName: '$default',
    autoDeploy: true,
    throttle: LIMIT,
    ...(domain === undefined ? {} : { domainMapping: domain }),
    // Not the path, which is a secret.
    accessLogSettings: accessLogSettings(vendedLog(scope, 'AccessLog', 'apis')),
  });
  limitDecisions(stage, routes);
  return httpApi;
}

/** The CDK's stage knows no limits for single routes, which must be there before it. */
function limitDecisions(stage: apigateway.HttpStage, routes: readonly apigateway.HttpRoute[]): void {
  const resource = stage.node.defaultChild as apigateway.CfnStage;
  resource.routeSettings = {
    [`POST ${APPROVAL_PATH}/{link}`]: { ThrottlingRateLimit: LIMIT.rateLimit, ThrottlingBurstLimit: LIMIT.burstLimit },
  };
  stage.node.addDependency(...routes);
}
