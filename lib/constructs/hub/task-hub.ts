import { Duration } from 'aws-cdk-lib';
import type * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import type * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import {
  DEFAULT_HEAL_AFTER_SECONDS,
  DEFAULT_RETENTION_DAYS,
  HUB_ENVIRONMENT,
  type HubReach,
} from '../../contract/hub-environment.js';
import { CUSTOM_STATUS_CONDITIONS } from '../../contract/hub-records.js';
import { DurableStepsError } from '../../errors.js';
import type { AwaitedKind } from '../../flow/compiler/compilation.js';
import { checkOptions } from '../../options/check-options.js';
import { acknowledgeWildcards } from '../acknowledge.js';
import { checkProps } from '../check-props.js';
import { deadLetters } from '../dead-letters.js';
import { ApprovalDesk } from './approval-desk.js';
import { checkConcurrency } from './hub-concurrency.js';
import { hubFunction } from './hub-function.js';
import { hubTable } from './hub-table.js';
import { grantOnMachines, type MachineActions } from './machine-grants.js';
import { kebabCase, machineArn, machinePrefix, nameMachine } from './machine-names.js';
import type { OrchestrationHub } from './orchestration-hub.js';
import { Sweeper } from './sweeper.js';
import { LISTED_INSTANCES, TABLE_ACTIONS, type TableReach, tableStatements } from './table-grants.js';
import {
  GRANT_CLIENT,
  type GrantClientOptions,
  HUB_ORCHESTRATION,
  type HubOrchestration,
  TASK_HUB,
  type TaskHubProps,
} from './task-hub-props.js';
import { tellNames } from './tell-names.js';
import { MOST_NAMED, Waits } from './waits.js';
import { Measuring } from './watch/measuring.js';

const INSTANCE_ACTIONS: MachineActions = {
  machine: ['states:StartExecution', 'states:DescribeStateMachine'],
  answers: ['events'],
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
 * orchestrations, with a dead-letter queue, and the functions behind both. Orchestrations join by their `hub` option, from this stack or from later ones of the same account and region:
 * the names of their state machines begin with the hub's own prefix, so that the hub's grants and its rule hold for all of them, and none is named in another's template.
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
  /** The function that each minute sees to what was left undone: events and decisions that could not be delivered, starts and stops that were cut off, ends that were missed. */
  readonly sweepFunction: lambda.Function;
  /** What people decide with. @default - undefined, without `mail` */
  readonly approvals: ApprovalDesk | undefined;
  /** Status events that could not be taken over, which needs nobody: the sweep asks Step Functions. And sweeps that gave up an entry after twelve attempts; the error's message names it. */
  readonly deadLetterQueue: sqs.Queue;

  /** What the names of its state machines begin with, before a dash. */
  readonly machinePrefix: string;

  private readonly props: TaskHubProps;
  private readonly waits: Waits;
  private readonly machines = new Map<string, sfn.IStateMachine>();
  private readonly measuring = new Measuring();
  private readonly machineNames = new Map<sfn.IStateMachine, string>();

  constructor(scope: Construct, id: string, props: TaskHubProps = {}) {
    checkProps(scope, id, props, TASK_HUB);
    super(scope, id);
    acknowledgeWildcards(this);
    this.props = props;
    checkDuration(this, 'retention', props.retention, Duration.days(1));
    checkDuration(this, 'showDecidedFor', props.showDecidedFor, Duration.seconds(0));
    checkDuration(this, 'healAfter', props.healAfter, Duration.seconds(1));
    checkConcurrency(this, props.reservedConcurrency, props.mail !== undefined);
    this.machinePrefix = machinePrefix(this);
    this.waits = new Waits(`${this.machinePrefix}-*`);
    this.table = hubTable(this, props);
    this.deadLetterQueue = deadLetters(this, 'StatusDeadLetters');
    this.followStatusFunction = this.makeFollowStatus();
    this.makeStatusRule();
    this.awaitEventFunction = this.makeAwaitEvent();
    this.sweepFunction = new Sweeper(this, 'Sweeper', { hub: this, deadLetterQueue: this.deadLetterQueue }).function;
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
    throw this.foreign(stateMachine);
  }

  /** The name of the state machine itself, known at synthesis: `<machinePrefix>-<name>-<digest>`. */
  machineNameOf(stateMachine: sfn.IStateMachine): string {
    const name = this.machineNames.get(stateMachine);
    if (name !== undefined) return name;
    throw this.foreign(stateMachine);
  }

  /**
   * Makes an orchestration's instances known. Orchestrations do it themselves; a plain state machine can be added by hand.
   *
   * @throws DurableStepsError `InvalidOption` for a state machine whose name doesn't begin with the hub's `machinePrefix`
   */
  addOrchestration(orchestration: HubOrchestration): void {
    checkOptions(`${this.node.path}.addOrchestration`, orchestration, HUB_ORCHESTRATION);
    const { name, stateMachine, waitsFor = ['events', 'approvals'] } = orchestration;
    if (this.machineNames.has(stateMachine)) return;
    const known = this.freeName(name, stateMachine);
    this.machineNames.set(stateMachine, nameMachine(this.machinePrefix, name, stateMachine));
    this.machines.set(known, stateMachine);
    for (const kind of waitsFor) this.addWait(stateMachine, kind);
  }

  /**
   * Lets the hub's functions answer what a state machine of the hub waits for. The steps of orchestrations ask for it by themselves; it is there for an orchestration
   * whose last wait was taken out while instances of before still wait.
   *
   * @example hub.addWait(review.stateMachine, 'events');
   * @throws DurableStepsError `ForeignOrchestration` for a state machine that isn't the hub's
   */
  addWait(stateMachine: sfn.IStateMachine, kind: AwaitedKind): void {
    this.waits.add(kind, this.machineNameOf(stateMachine));
  }

  /**
   * Gives a Lambda function what a `DurableClient` needs: environment variables and permissions on the table and the hub's executions.
   *
   * @example hub.grantClient(fn); // and in the function: new DurableClient()
   * @throws DurableStepsError `InvalidOption` for a function that was imported: its environment can't be changed
   */
  grantClient(fn: lambda.IFunction, options: GrantClientOptions = {}): void {
    checkOptions(`${this.node.path}.grantClient`, options, GRANT_CLIENT);
    if (!isOwnFunction(fn)) {
      throw new DurableStepsError('InvalidOption', {
        where: `${this.node.path}.grantClient`,
        expected: 'a function of this app, which gets environment variables',
        got: `\`${fn.node.path}\`, which is imported`,
      });
    }
    const { orchestrations } = options;
    this.introduce(fn, orchestrations);
    this.grantTable(fn, TABLE_ACTIONS.client, LISTED_INSTANCES);
    const named = orchestrations && Object.values(orchestrations).map(({ stateMachine }) => stateMachine);
    this.grantMachines(fn, INSTANCE_ACTIONS, named);
    if (fn.role instanceof iam.Role) acknowledgeWildcards(fn.role);
  }

  /** Lets a role write custom statuses into the records, and nothing else of them. Orchestrations get it by themselves. */
  grantCustomStatus(grantee: iam.IGrantable): void {
    grantee.grantPrincipal.addToPrincipalPolicy(
      new iam.PolicyStatement({
        actions: ['dynamodb:UpdateItem'],
        resources: [this.table.tableArn],
        conditions: CUSTOM_STATUS_CONDITIONS,
      }),
    );
    this.props.encryptionKey?.grantEncryptDecrypt(grantee);
  }

  /**
   * Tells a function of the hub, and of some orchestrations by the names that it uses; without them of all, those added later too.
   *
   * @param reach whose instances it shows and steers: those of the orchestrations that are given, unless it is to have the whole hub
   */
  introduce(
    fn: lambda.Function,
    orchestrations?: GrantClientOptions['orchestrations'],
    reach: HubReach = orchestrations === undefined ? 'hub' : 'named',
  ): void {
    const names = () => {
      const machines: [string, sfn.IStateMachine][] =
        orchestrations === undefined
          ? [...this.machines]
          : Object.entries(orchestrations).map(([name, { stateMachine }]) => [name, stateMachine]);
      return Object.fromEntries(machines.map(([name, machine]) => [name, this.machineNameOf(machine)]));
    };
    for (const [name, value] of Object.entries(this.tableEnvironment())) fn.addEnvironment(name, value);
    fn.addEnvironment(HUB_ENVIRONMENT.stateMachinePrefix, machineArn(fn, ''));
    fn.addEnvironment(HUB_ENVIRONMENT.reach, reach);
    tellNames(fn, names);
    this.measuring.add(fn);
  }

  /** Lets the hub's functions, and those with a client, tell CloudWatch of instances that ended: as lines in their logs, which become custom metrics. {@link HubAlarms} asks for it. */
  emitMetrics(): void {
    this.measuring.start();
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

  /**
   * Lets a function do things with some state machines of the hub; without a list with all, those added later too. A role has no room for the names of more than 60, and gets all: what of
   * them it shows and steers is then up to the function alone.
   */
  grantMachines(fn: lambda.Function, actions: MachineActions, only?: readonly sfn.IStateMachine[]): void {
    const names =
      only === undefined || only.length > MOST_NAMED
        ? [`${this.machinePrefix}-*`]
        : only.map((machine) => this.machineNameOf(machine));
    grantOnMachines(fn, names, actions);
    const { answers = [] } = actions;
    if (answers.length > 0)
      this.waits.addAnswerer(
        fn,
        answers,
        only?.map((machine) => this.machineNameOf(machine)),
      );
  }

  /** Lets a function do things with some rows of the table, and query an index. */
  grantTable(grantee: iam.IGrantable, actions: readonly string[], reach: TableReach = {}): void {
    for (const statement of tableStatements(this.table.tableArn, actions, reach))
      grantee.grantPrincipal.addToPrincipalPolicy(statement);
    this.props.encryptionKey?.grantEncryptDecrypt(grantee);
  }

  private foreign(stateMachine: sfn.IStateMachine): DurableStepsError {
    return new DurableStepsError('ForeignOrchestration', {
      where: this.node.path,
      expected: 'an orchestration of this hub',
      got: `\`${stateMachine.node.path}\``,
    });
  }

  /** Two of one name are told apart by their paths, and paths that read alike by a number. */
  private freeName(name: string, stateMachine: sfn.IStateMachine): string {
    const byPath = kebabCase(stateMachine.node.path.replaceAll('/', '-'));
    let free = this.machines.has(kebabCase(name)) ? byPath : kebabCase(name);
    for (let count = 2; this.machines.has(free); count++) free = `${byPath}-${count}`;
    return free;
  }

  /** One rule for all, by what the names begin with. Children of a distributed map, whose ARNs have a slash, are no instances. */
  private makeStatusRule(): void {
    const { deadLetterQueue } = this;
    new events.Rule(this, 'StatusRule', {
      description: 'Tells the task hub the status of its orchestrations’ executions',
      eventPattern: {
        source: ['aws.states'],
        detailType: ['Step Functions Execution Status Change'],
        detail: {
          stateMachineArn: [{ prefix: machineArn(this, `${this.machinePrefix}-`) }],
          executionArn: [{ 'anything-but': { wildcard: '*/*' } }],
        },
      },
      targets: [new targets.LambdaFunction(this.followStatusFunction, { deadLetterQueue, retryAttempts: 185 })],
    });
  }

  private makeFollowStatus(): lambda.Function {
    const fn = hubFunction(this, 'FollowStatus', {
      entry: 'follow-status',
      description: 'Brings the task hub’s records up to date with the status of executions',
      deadLetterQueue: this.deadLetterQueue,
      reservedConcurrency: this.props.reservedConcurrency?.followStatus,
    });
    this.introduce(fn);
    this.grantTable(fn, TABLE_ACTIONS.change);
    this.grantMachines(fn, { execution: ['states:DescribeExecution', 'states:StopExecution'] });
    return fn;
  }

  private makeApprovals(): ApprovalDesk | undefined {
    const { mail, approvalUrl, approvalDomain } = this.props;
    if (mail === undefined) return undefined;
    return new ApprovalDesk(this, 'Approvals', {
      hub: this,
      mail,
      concurrency: this.props.reservedConcurrency ?? {},
      privacy: this.props,
      ...(approvalUrl === undefined ? {} : { publicUrl: approvalUrl }),
      ...(approvalDomain === undefined ? {} : { domain: approvalDomain }),
    });
  }

  private makeAwaitEvent(): lambda.Function {
    const fn = hubFunction(this, 'AwaitEvent', {
      entry: 'await-event',
      description: 'Registers an orchestration’s wait for an event',
      environment: this.tableEnvironment(),
      reservedConcurrency: this.props.reservedConcurrency?.awaitEvent,
    });
    this.grantTable(fn, TABLE_ACTIONS.inbox);
    this.grantMachines(fn, { answers: ['events'] });
    return fn;
  }
}

function isOwnFunction(fn: lambda.IFunction): fn is lambda.Function {
  return 'addEnvironment' in fn;
}

function checkDuration(scope: Construct, name: string, given: Duration | undefined, least: Duration): void {
  if (given === undefined || given.isUnresolved() || given.toMilliseconds() >= least.toMilliseconds()) return;
  throw new DurableStepsError('InvalidOption', {
    where: `${scope.node.path}.${name}`,
    expected: `at least ${least.toHumanString()}`,
    got: given.toHumanString(),
  });
}
