import { Duration } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import * as apigateway from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { APPROVAL_PATH } from '../../contract/approval.js';
import { APPROVAL_ENVIRONMENT } from '../../contract/approval-environment.js';
import { HUB_ROWS } from '../../contract/hub-records.js';
import { acknowledge } from '../acknowledge.js';
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
  /** Where the pages are reached, if not at API Gateway's own address. @default - API Gateway's address */
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
    this.httpApi = makeApi(this, this.decideFunction);
    this.askFunction = makeAsk(this, props, props.publicUrl ?? this.httpApi.apiEndpoint);
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

/** What is logged of a request: not its path, which is a secret. */
const LOGGED = {
  requestId: '$context.requestId',
  requestTime: '$context.requestTime',
  sourceIp: '$context.identity.sourceIp',
  routeKey: '$context.routeKey',
  status: '$context.status',
  error: '$context.integrationErrorMessage',
};

function makeApi(scope: Construct, decide: lambda.Function): apigateway.HttpApi {
  const httpApi = new apigateway.HttpApi(scope, 'HttpApi', {
    description: 'Pages on which people approve or reject',
    createDefaultStage: false,
  });
  const routes = httpApi.addRoutes({
    path: `${APPROVAL_PATH}/{link}`,
    methods: [apigateway.HttpMethod.ANY],
    integration: new HttpLambdaIntegration('Decide', decide),
  });
  for (const route of routes)
    acknowledge(route, 'AwsSolutions-APIG4', 'The link is the secret, of 256 bits: who has it may decide.');
  new apigateway.HttpStage(scope, 'Stage', {
    httpApi,
    stageName: '$default',
    autoDeploy: true,
    throttle: { rateLimit: 50, burstLimit: 100 },
    accessLogSettings: {
      destination: new apigateway.LogGroupLogDestination(vendedLog(scope, 'AccessLog', 'apis')),
      format: AccessLogFormat.custom(JSON.stringify(LOGGED)),
    },
  });
  return httpApi;
}
