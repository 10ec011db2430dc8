import { ArnFormat, Duration, Lazy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { Grant } from '../flow/compiler/compilation.js';
import { compileMachine, type Definition, type Machine } from '../flow/compiler/machine.js';
import type { Fragment } from '../flow/compiler/state.js';
import type { AnyStep, Site, Step, stepTypes } from '../flow/compiler/step.js';
import { checkSpan } from '../flow/language/span.js';
import { compileSubOrchestration, type SubOrchestration } from '../flow/steps/sub-orchestration.js';
import { type Checks, checkOption, type Kind } from '../options/check-options.js';
import { either, FLAG, like, needed, others, SPAN, text } from '../options/kinds.js';
import { acknowledge, acknowledgeWildcards } from './acknowledge.js';
import { tryAdoptChainable } from './chainable.js';
import { executionsArn, machineArn } from './hub/machine-names.js';
import type { OrchestrationHub } from './hub/orchestration-hub.js';
import { watchStackSize } from './stack-limits.js';
import { vendedLog } from './vended-log.js';

/** What every orchestration has. */
export interface OrchestrationProps {
  /**
   * The hub that keeps the instances' records: it gives the orchestration a client side (status, events, approvals, custom status).
   * @default - none: a plain state machine
   */
  readonly hub?: OrchestrationHub;
  /** How long an instance may run, a year at most. It fails with `States.Timeout` then, which no `catch` sees. @default Duration.days(7) */
  readonly timeout?: Duration;
  /** A sentence on what it does; the definition's `Comment`. @default - none */
  readonly description?: string;
  /** Where and what the state machine logs. @default - errors, without data, under `/aws/vendedlogs/states/`, for a month */
  readonly logs?: sfn.LogOptions;
  /** Whether AWS X-Ray traces the instances. @default true */
  readonly tracing?: boolean;
  /** The state machine's name; with a hub it begins with the hub's `machinePrefix` and a dash. @default - given by the hub, otherwise made by CloudFormation */
  readonly stateMachineName?: string;
}

const LOG_GROUP = either(like('a log group', 'logGroupArn'), like('a reference to one', 'logGroupRef'));
const LOGS: Kind = {
  ...others('where and what is logged, as an object'),
  check: (where, value) => {
    const { destination, level } = value as sfn.LogOptions;
    if (level !== sfn.LogLevel.OFF) checkOption(`${where}.destination`, destination, needed(LOG_GROUP));
  },
};

/** What the options of every orchestration take. */
export const ORCHESTRATION: Checks<OrchestrationProps> = {
  hub: like('a TaskHub', 'addOrchestration'),
  timeout: SPAN,
  description: text(),
  logs: LOGS,
  tracing: FLAG,
  stateMachineName: text('a name of 1 to 80 letters, digits and marks, without spaces', /^[\w+!@.()='-]{1,80}$/),
};

/**
 * A workflow: a Standard state machine in JSONata, compiled from steps. The patterns ({@link Chain} and its neighbours) differ in what their steps are.
 *
 * Builds an `AWS::StepFunctions::StateMachine` with a time-out, X-Ray, a log group under `/aws/vendedlogs/states/` (names there escape the size limit of log resource
 * policies), and a role that may do exactly what its steps do. As a step of another flow it runs as a sub-orchestration.
 */
export abstract class Orchestration<in I, out O> extends Construct implements Step<I, O> {
  declare readonly [stepTypes]?: (input: I) => O;
  /** The state machine. */
  readonly stateMachine: sfn.StateMachine;
  /** The hub, where it has one. */
  readonly hub: OrchestrationHub | undefined;
  /** The definition in Amazon States Language, as JSON with deploy-time values. */
  readonly definition: Definition;
  readonly stepName: string;
  /** What another orchestration must know to run this one. */
  readonly asChild: SubOrchestration;

  protected constructor(scope: Construct, id: string, step: AnyStep, props: OrchestrationProps) {
    super(scope, id);
    acknowledgeWildcards(this);
    this.stepName = id;
    this.hub = props.hub;
    const machine = compile(this, step, props);
    this.definition = machine.definition;
    watchStackSize(this, machine.definition);
    this.stateMachine = makeStateMachine(this, machine.definition, props);
    grantAll(this, machine.compilation.grants);
    grantTableKey(this, machine.compilation.grants);
    props.hub?.addOrchestration({
      name: id,
      stateMachine: this.stateMachine,
      waitsFor: [...machine.compilation.awaited],
    });
    this.asChild = describeChild(this);
    for (const attach of machine.compilation.attachments) attach(this);
  }

  compile(site: Site): Fragment {
    return compileSubOrchestration(site, this.asChild);
  }
}

/** A state machine of a hub is known by its name in other stacks: what a stack exports it can't let go while another imports it. */
function describeChild(child: Orchestration<never, unknown>): SubOrchestration {
  const { hub, stateMachine } = child;
  const stack = Stack.of(child);
  const elsewhere = (here: string, there: (consumer: Construct, name: string) => string): string =>
    hub === undefined
      ? here
      : Lazy.uncachedString({
          produce: ({ scope }) =>
            Stack.of(scope) === stack ? here : there(Stack.of(scope), hub.machineNameOf(stateMachine)),
        });
  return {
    path: child.node.path,
    stateMachineArn: elsewhere(stateMachine.stateMachineArn, machineArn),
    executionsArn: elsewhere(executionsArn(child, stateMachine.stateMachineName), executionsArn),
    eventRuleArn: stack.formatArn({
      service: 'events',
      resource: 'rule',
      resourceName: 'StepFunctionsGetEventsForStepFunctionsExecutionRule',
    }),
    // The name alone would let a parent's stack be deployed before the child is there.
    attach: (parent) => {
      if (Construct.isConstruct(parent) && Stack.of(parent) !== stack) Stack.of(parent).node.addDependency(stack);
    },
  };
}

function compile(scope: Construct, step: AnyStep, props: OrchestrationProps): Machine {
  const timeout = props.timeout ?? Duration.days(7);
  const timeoutSeconds = timeout.isUnresolved() ? undefined : checkSpan(`${scope.node.path}.timeout`, timeout);
  const { hub, description } = props;
  return compileMachine(
    scope.node.id,
    step,
    {
      partition: Stack.of(scope).partition,
      tryAdopt: tryAdoptChainable,
      ...(timeoutSeconds !== undefined && { timeoutSeconds }),
      ...(hub !== undefined && {
        hubTable: { name: hub.table.tableName, arn: hub.table.tableArn },
        hubFunctions: {
          awaitEvent: hub.awaitEventFunction.functionArn,
          ...(hub.askApprovalFunction !== undefined && { askApproval: hub.askApprovalFunction.functionArn }),
        },
      }),
    },
    { timeoutSeconds: timeout.toSeconds(), ...(description !== undefined && { comment: description }) },
  );
}

function makeStateMachine(scope: Construct, definition: Definition, props: OrchestrationProps): sfn.StateMachine {
  const stateMachine = new sfn.StateMachine(scope, 'StateMachine', {
    definitionBody: sfn.DefinitionBody.fromString(Stack.of(scope).toJsonString(definition)),
    stateMachineType: sfn.StateMachineType.STANDARD,
    tracingEnabled: props.tracing ?? true,
    logs: props.logs ?? {
      destination: vendedLog(scope, 'Logs', 'states'),
      level: sfn.LogLevel.ERROR,
      includeExecutionData: false,
    },
    ...(props.stateMachineName !== undefined && { stateMachineName: props.stateMachineName }),
  });
  if (props.logs === undefined) acknowledge(stateMachine, 'AwsSolutions-SF1', ERRORS_ONLY);
  return stateMachine;
}

const ERRORS_ONLY =
  'Errors are logged, without data: Step Functions itself keeps whole histories for 90 days, and a log of all would hold what workflows work on. The option `logs` asks for more.';

/** Grants on the machine itself go into a policy of their own: the machine waits for its role's default policy, which would be a cycle. */
function grantAll(orchestration: Orchestration<never, unknown>, grants: readonly Grant[]): void {
  const own = grants.filter((grant) => grant.resources.some((resource) => resource.startsWith('self')));
  for (const grant of grants)
    if (!own.includes(grant)) orchestration.stateMachine.addToRolePolicy(toStatement(grant, orchestration));
  if (own.length === 0) return;
  new iam.Policy(orchestration, 'SelfPolicy', {
    roles: [orchestration.stateMachine.role],
    statements: own.map((grant) => toStatement(grant, orchestration)),
  });
}

/** A table that a customer's key encrypts asks for the key of whoever reads or writes it. */
function grantTableKey({ hub, stateMachine }: Orchestration<never, unknown>, grants: readonly Grant[]): void {
  const usesTable = grants.some(({ resources }) => hub !== undefined && resources.includes(hub.table.tableArn));
  if (usesTable) hub?.table.encryptionKey?.grantEncryptDecrypt(stateMachine);
}

function toStatement(
  { actions, resources, conditions }: Grant,
  orchestration: Orchestration<never, unknown>,
): iam.PolicyStatement {
  const { stateMachineArn, stateMachineName } = orchestration.stateMachine;
  const stack = Stack.of(orchestration);
  const own: Readonly<Record<string, string>> = {
    self: stateMachineArn,
    'self:executions': formatArn(stack, 'states', 'execution', `${stateMachineName}:*`),
    'self:children': formatArn(stack, 'states', 'execution', `${stateMachineName}/*:*`),
    'self:map-runs': formatArn(stack, 'states', 'mapRun', `${stateMachineName}/*:*`),
  };
  return new iam.PolicyStatement({
    actions: [...actions],
    resources: resources.map((resource) => own[resource] ?? resource),
    ...(conditions !== undefined && { conditions: { ...conditions } }),
  });
}

function formatArn(stack: Stack, service: string, resource: string, resourceName: string): string {
  return stack.formatArn({ service, resource, resourceName, arnFormat: ArnFormat.COLON_RESOURCE_NAME });
}
