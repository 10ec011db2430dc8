import { Duration, Lazy, RemovalPolicy, Stack, Token } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import type * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { DEFAULT_HEAL_AFTER_SECONDS, DEFAULT_RETENTION_DAYS, HUB_ENVIRONMENT } from '../../contract/hub-environment.js';
import { EXPIRES_AT_ATTRIBUTE, LISTING_ATTRIBUTES, LISTING_INDEX } from '../../contract/hub-records.js';
import { DurableStepsError } from '../../errors.js';
import { ApprovalDesk } from './approval-desk.js';
import { hubFunction } from './hub-function.js';
import { type MachineActions, MachineGrants, machineName } from './machine-grants.js';
import type { Mail } from './mail.js';
import type { OrchestrationHub } from './orchestration-hub.js';

/** Options of a {@link TaskHub}. */
export interface TaskHubProps {
  /**
   * How long the record of a finished instance is kept. Step Functions itself keeps executions, and refuses their names, for 90 days: a shorter retention works,
   * the id's next use is then simply a later generation.
   * @default Duration.days(90)
   */
  readonly retention?: Duration;
  /**
   * After how long without a change reading a live instance asks Step Functions once whether an event was lost. The interval grows with the instance's age, up to an hour.
   * @default Duration.seconds(60)
   */
  readonly healAfter?: Duration;
  /**
   * How approvers are reached; adds the function that asks, and an HTTP API with the pages on which they decide.
   * @default - none: `humanApproval` is refused
   */
  readonly mail?: Mail;
  /** Where the pages for approvers are reached, if not at API Gateway's own address: no slash at the end. @default - API Gateway's address */
  readonly approvalUrl?: string;
  /** What becomes of the table, and with it of all records, when the hub is deleted. @default RemovalPolicy.RETAIN */
  readonly removalPolicy?: RemovalPolicy;
  /** Whether CloudFormation and DynamoDB refuse to delete the table. @default false */
  readonly deletionProtection?: boolean;
  /** The key that encrypts the table. @default - a key that DynamoDB owns */
  readonly encryptionKey?: dynamodb.TableProps['encryptionKey'];
}

/** An orchestration as the hub knows it. */
export interface HubOrchestration {
  /** Its name, for example the construct's id; the hub shows it in kebab-case. */
  readonly name: string;
  readonly stateMachine: sfn.IStateMachine;
}

/** What a Lambda with a `DurableClient` may start. */
export interface GrantClientOptions {
  /**
   * Orchestrations that it may start, by the name that it starts them with. An activity can't start the orchestration that it is part of by this: CloudFormation would
   * have to make each before the other.
   *
   * It may follow and steer the instances of these alone, which also keeps stacks with orchestrations and clients from depending on each other in a circle. With none
   * (`{}`) it starts nothing, and may steer the instances of all.
   * @default - every orchestration of the hub
   */
  readonly orchestrations?: Readonly<Record<string, { readonly stateMachine: sfn.IStateMachine }>>;
}

/** Lambda's environment may hold 4 KB; names of about 40 orchestrations fit. */
const MAX_ORCHESTRATIONS = 40;

const INSTANCE_ACTIONS: MachineActions = {
  machine: ['states:StartExecution', 'states:SendTaskSuccess'],
  execution: [
    'states:DescribeExecution',
    'states:GetExecutionHistory',
    'states:StopExecution',
    'states:RedriveExecution',
  ],
};

/**
 * The client side of orchestrations: what instances there are, how they stand, events for them.
 *
 * Builds a DynamoDB table (on demand, encrypted, point-in-time recovery, time-to-live), an EventBridge rule that follows the status of the executions of its
 * orchestrations, with a dead-letter queue, and the functions behind both. Orchestrations join by their `hub` option; hub and orchestrations live in one stack.
 *
 * @example const hub = new TaskHub(this, 'Hub');
 */
export class TaskHub extends Construct implements OrchestrationHub {
  /** The table with instances, events and approvals. */
  readonly table: dynamodb.Table;
  /** The function that waits are registered with: target of `lambda:invoke.waitForTaskToken`. */
  readonly awaitEventFunction: lambda.Function;
  /** The function that brings records up to date with status events. */
  readonly followStatusFunction: lambda.Function;
  /** What people decide with. @default - undefined, without `mail` */
  readonly approvals: ApprovalDesk | undefined;
  /** Status events that could not be taken over. Reading the instance later repairs its record all the same. */
  readonly deadLetterQueue: sqs.Queue;

  private readonly props: TaskHubProps;
  private readonly machines = new Map<string, sfn.IStateMachine>();
  private readonly grants: MachineGrants;

  constructor(scope: Construct, id: string, props: TaskHubProps = {}) {
    super(scope, id);
    this.props = props;
    checkDuration(this, 'retention', props.retention, Duration.days(1));
    checkDuration(this, 'healAfter', props.healAfter, Duration.seconds(1));
    this.grants = new MachineGrants(this);
    this.table = makeTable(this, props);
    this.deadLetterQueue = new sqs.Queue(this, 'StatusDeadLetters', {
      retentionPeriod: Duration.days(14),
      encryption: sqs.QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
    });
    admitRules(this.deadLetterQueue);
    this.followStatusFunction = this.makeFollowStatus();
    this.awaitEventFunction = this.makeAwaitEvent();
    this.approvals = this.makeApprovals();
  }

  /** The function that asks for approvals. */
  get askApprovalFunction(): lambda.Function | undefined {
    return this.approvals?.askFunction;
  }

  /** The orchestrations of the hub by name. */
  get orchestrations(): ReadonlyMap<string, sfn.IStateMachine> {
    return this.machines;
  }

  /** The name under which the hub knows a state machine. */
  nameOf(stateMachine: sfn.IStateMachine): string {
    const found = [...this.machines].find(([, machine]) => machine === stateMachine);
    if (found !== undefined) return found[0];
    throw new DurableStepsError('ForeignOrchestration', {
      where: this.node.path,
      expected: 'an orchestration of this hub',
      got: `\`${stateMachine.node.path}\``,
    });
  }

  /** Makes an orchestration's instances known. Orchestrations do it themselves; a plain state machine can be added by hand. */
  addOrchestration({ name, stateMachine }: HubOrchestration): void {
    if ([...this.machines.values()].includes(stateMachine)) return;
    const known = this.freeName(name, stateMachine);
    this.machines.set(known, stateMachine);
    if (this.machines.size > MAX_ORCHESTRATIONS) {
      throw new DurableStepsError('TooManyOrchestrations', {
        where: this.node.path,
        expected: `at most ${MAX_ORCHESTRATIONS} orchestrations in a hub`,
        got: `${this.machines.size}`,
        fix: 'use a hub for each group of them',
      });
    }
    this.grants.addMachine(stateMachine);
    this.follow(known, stateMachine);
  }

  /**
   * Gives a Lambda function what a `DurableClient` needs: environment variables and permissions on the table and the hub's executions.
   *
   * @example hub.grantClient(fn); // and in the function: new DurableClient()
   * @throws DurableStepsError `InvalidOption` for a function that was imported: its environment can't be changed
   */
  grantClient(fn: lambda.IFunction, options: GrantClientOptions = {}): void {
    if (!isOwnFunction(fn)) {
      throw new DurableStepsError('InvalidOption', {
        where: `${this.node.path}.grantClient`,
        expected: 'a function of this app, which gets environment variables',
        got: `\`${fn.node.path}\`, which is imported`,
      });
    }
    for (const [name, value] of Object.entries(this.environment(options.orchestrations)))
      fn.addEnvironment(name, value);
    this.grantTable(fn, TABLE_ACTIONS.client, { index: true });
    const named = Object.values(options.orchestrations ?? {}).map(({ stateMachine }) => stateMachine);
    const only = named.length === 0 ? undefined : named;
    this.grants.grant(roleOf(fn), `${fn.node.addr.slice(-8)}Client`, INSTANCE_ACTIONS, only);
  }

  /** Lets a role write custom statuses into the records. Orchestrations get it by themselves. */
  grantCustomStatus(grantee: iam.IGrantable): void {
    this.table.grant(grantee, 'dynamodb:UpdateItem');
  }

  /** Environment variables of a function of the hub. */
  environment(orchestrations?: GrantClientOptions['orchestrations']): Record<string, string> {
    const stack = Stack.of(this);
    const names = () => {
      const machines: [string, sfn.IStateMachine][] =
        orchestrations === undefined
          ? [...this.machines]
          : Object.entries(orchestrations).map(([name, { stateMachine }]) => [name, stateMachine]);
      return stack.toJsonString(Object.fromEntries(machines.map(([name, machine]) => [name, machineName(machine)])));
    };
    return {
      ...this.tableEnvironment(),
      [HUB_ENVIRONMENT.orchestrations]: Lazy.string({ produce: names }),
      [HUB_ENVIRONMENT.stateMachinePrefix]: `arn:${stack.partition}:states:${stack.region}:${stack.account}:stateMachine:`,
    };
  }

  /** Environment variables of a function that needs to know nothing of the orchestrations, so that these may call it. */
  tableEnvironment(): Record<string, string> {
    const retention = this.props.retention?.toDays({ integral: false }) ?? DEFAULT_RETENTION_DAYS;
    const healAfter = this.props.healAfter?.toSeconds() ?? DEFAULT_HEAL_AFTER_SECONDS;
    return {
      [HUB_ENVIRONMENT.table]: this.table.tableName,
      [HUB_ENVIRONMENT.retentionDays]: String(retention),
      [HUB_ENVIRONMENT.healAfterSeconds]: String(healAfter),
    };
  }

  /** Lets a function do things with some state machines of the hub; without a list with all, those added later too. */
  grantMachines(fn: lambda.Function, id: string, actions: MachineActions, only?: readonly sfn.IStateMachine[]): void {
    this.grants.grant(roleOf(fn), id, actions, only);
  }

  /** Lets a function do things with the table, and with its index if it lists. */
  grantTable(grantee: iam.IGrantable, actions: readonly string[], { index }: { readonly index: boolean }): void {
    grantee.grantPrincipal.addToPrincipalPolicy(
      tableStatement(
        actions,
        index ? [this.table.tableArn, `${this.table.tableArn}/index/${LISTING_INDEX}`] : [this.table.tableArn],
      ),
    );
    this.props.encryptionKey?.grantEncryptDecrypt(grantee);
  }

  private freeName(name: string, stateMachine: sfn.IStateMachine): string {
    const short = kebabCase(name);
    return this.machines.has(short) ? kebabCase(stateMachine.node.path.replaceAll('/', '-')) : short;
  }

  /** The rule stands with its orchestration, so that a hub can serve orchestrations of later stacks. */
  private follow(name: string, stateMachine: sfn.IStateMachine): void {
    const event = events.RuleTargetInput.fromObject({
      orchestration: name,
      detail: events.EventField.fromPath('$.detail'),
    });
    // By its ARN: the queue's policy lets every rule in, and must not name one of a later stack.
    const deadLetterQueue = sqs.Queue.fromQueueArn(
      stateMachine as sfn.IStateMachine & Construct,
      'StatusDeadLetters',
      this.deadLetterQueue.queueArn,
    );
    new events.Rule(stateMachine as sfn.IStateMachine & Construct, 'StatusRule', {
      description: `Tells the task hub the status of ${name}`,
      eventPattern: {
        source: ['aws.states'],
        detailType: ['Step Functions Execution Status Change'],
        detail: { stateMachineArn: [stateMachine.stateMachineArn] },
      },
      targets: [new targets.LambdaFunction(this.followStatusFunction, { event, deadLetterQueue, retryAttempts: 185 })],
    });
  }

  private makeFollowStatus(): lambda.Function {
    const fn = hubFunction(this, 'FollowStatus', {
      entry: 'follow-status',
      description: 'Brings the task hub’s records up to date with the status of executions',
      environment: this.tableEnvironment(),
      deadLetterQueue: this.deadLetterQueue,
    });
    this.grantTable(fn, TABLE_ACTIONS.change, { index: false });
    this.grants.grant(roleOf(fn), 'FollowStatus', { execution: ['states:DescribeExecution', 'states:StopExecution'] });
    return fn;
  }

  private makeApprovals(): ApprovalDesk | undefined {
    const { mail, approvalUrl } = this.props;
    if (mail === undefined) return undefined;
    return new ApprovalDesk(this, 'Approvals', {
      hub: this,
      mail,
      ...(approvalUrl === undefined ? {} : { publicUrl: approvalUrl }),
    });
  }

  private makeAwaitEvent(): lambda.Function {
    const fn = hubFunction(this, 'AwaitEvent', {
      entry: 'await-event',
      description: 'Registers an orchestration’s wait for an event',
      environment: this.tableEnvironment(),
    });
    this.grantTable(fn, TABLE_ACTIONS.inbox, { index: false });
    this.grants.grant(roleOf(fn), 'AwaitEvent', { machine: ['states:SendTaskSuccess'] });
    return fn;
  }
}

/** What the functions of hub and API do with the table. */
export const TABLE_ACTIONS = {
  change: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
  inbox: ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:BatchWriteItem'],
  start: ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
  query: ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
  purge: [
    'dynamodb:GetItem',
    'dynamodb:BatchGetItem',
    'dynamodb:Query',
    'dynamodb:UpdateItem',
    'dynamodb:BatchWriteItem',
  ],
  client: [
    'dynamodb:GetItem',
    'dynamodb:BatchGetItem',
    'dynamodb:Query',
    'dynamodb:PutItem',
    'dynamodb:UpdateItem',
    'dynamodb:BatchWriteItem',
  ],
} as const;

function isOwnFunction(fn: lambda.IFunction): fn is lambda.Function {
  return 'addEnvironment' in fn;
}

function tableStatement(actions: readonly string[], resources: string[]): iam.PolicyStatement {
  return new iam.PolicyStatement({ actions: [...actions], resources });
}

/** Lets EventBridge put events of this account's rules that could not be delivered into the queue. */
function admitRules(queue: sqs.Queue): void {
  const rules = Stack.of(queue).formatArn({ service: 'events', resource: 'rule', resourceName: '*' });
  queue.addToResourcePolicy(
    new iam.PolicyStatement({
      principals: [new iam.ServicePrincipal('events.amazonaws.com')],
      actions: ['sqs:SendMessage'],
      resources: [queue.queueArn],
      conditions: { ArnLike: { 'aws:SourceArn': rules } },
    }),
  );
}

function roleOf(fn: lambda.Function): iam.IRole {
  if (fn.role !== undefined) return fn.role;
  throw new DurableStepsError('NoRole', {
    where: fn.node.path,
    expected: 'a function with a role',
    got: 'one without',
  });
}

function makeTable(scope: Construct, props: TaskHubProps): dynamodb.Table {
  const table = new dynamodb.Table(scope, 'Table', {
    partitionKey: { name: 'pk', type: dynamodb.AttributeType.STRING },
    sortKey: { name: 'sk', type: dynamodb.AttributeType.STRING },
    billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    timeToLiveAttribute: EXPIRES_AT_ATTRIBUTE,
    removalPolicy: props.removalPolicy ?? RemovalPolicy.RETAIN,
    deletionProtection: props.deletionProtection ?? false,
    ...(props.encryptionKey === undefined
      ? { encryption: dynamodb.TableEncryption.DEFAULT }
      : { encryption: dynamodb.TableEncryption.CUSTOMER_MANAGED, encryptionKey: props.encryptionKey }),
  });
  table.addGlobalSecondaryIndex({
    indexName: LISTING_INDEX,
    partitionKey: { name: 'listShard', type: dynamodb.AttributeType.STRING },
    sortKey: { name: 'listPosition', type: dynamodb.AttributeType.STRING },
    projectionType: dynamodb.ProjectionType.INCLUDE,
    nonKeyAttributes: [...LISTING_ATTRIBUTES],
  });
  return table;
}

function checkDuration(scope: Construct, name: string, given: Duration | undefined, least: Duration): void {
  if (given === undefined || given.isUnresolved() || given.toMilliseconds() >= least.toMilliseconds()) return;
  throw new DurableStepsError('InvalidOption', {
    where: `${scope.node.path}.${name}`,
    expected: `at least ${least.toHumanString()}`,
    got: given.toHumanString(),
  });
}

/** `ProcessVideo` → `process-video`. */
export function kebabCase(name: string): string {
  if (Token.isUnresolved(name)) return name;
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1-$2')
    .replace(/[^A-Za-z0-9]+/g, '-')
    .toLowerCase();
}
