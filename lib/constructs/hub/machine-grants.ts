import { ArnFormat, Fn, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';

/** What a function may do with state machines and with their executions. */
export interface MachineActions {
  /** On the state machines, for example `states:StartExecution`. */
  readonly machine?: readonly string[];
  /** On their executions, for example `states:StopExecution`. */
  readonly execution?: readonly string[];
}

interface Granted {
  readonly role: iam.IRole;
  readonly id: string;
  readonly actions: MachineActions;
  readonly only: readonly sfn.IStateMachine[] | undefined;
  readonly statements: Map<Stack, Statements>;
}

interface Statements {
  readonly machine?: iam.PolicyStatement;
  readonly execution?: iam.PolicyStatement;
}

/**
 * Grants on state machines that are yet to come.
 *
 * Each grant is a policy of its own, which nothing waits for. In the function's default policy it would close a cycle: machine → function that it calls →
 * that function's policy → machine. For the same reason the hub's own functions get their policy in the machine's stack, which may come after the hub's.
 */
export class MachineGrants {
  private readonly machines: sfn.IStateMachine[] = [];
  private readonly grants: Granted[] = [];

  constructor(private readonly scope: Construct) {}

  /** Lets a function's role do something with some machines; without a list with every machine, those added later too. */
  grant(role: iam.IRole, id: string, actions: MachineActions, only?: readonly sfn.IStateMachine[]): void {
    const granted: Granted = { role, id, actions, only, statements: new Map() };
    this.grants.push(granted);
    for (const machine of this.machines) this.extend(granted, machine);
  }

  /** Adds a machine to every grant. */
  addMachine(machine: sfn.IStateMachine): void {
    this.machines.push(machine);
    for (const granted of this.grants) this.extend(granted, machine);
  }

  private extend(granted: Granted, machine: sfn.IStateMachine): void {
    if (granted.only?.includes(machine) === false) return;
    const scope = this.homeOf(granted.role, machine);
    const statements = granted.statements.get(Stack.of(scope)) ?? makePolicy(scope, granted);
    granted.statements.set(Stack.of(scope), statements);
    statements.machine?.addResources(machine.stateMachineArn);
    statements.execution?.addResources(executionsOf(machine));
  }

  /** Where the policy stands: with the hub, with a machine of a later stack, or with the role of a later stack. */
  private homeOf(role: iam.IRole, machine: sfn.IStateMachine): Construct {
    const hubStack = Stack.of(this.scope);
    if (Stack.of(role) !== hubStack) return role as iam.IRole & Construct;
    return Stack.of(machine) === hubStack ? this.scope : (machine as sfn.IStateMachine & Construct);
  }
}

function makePolicy(scope: Construct, { role, id, actions }: Granted): Statements {
  const { machine = [], execution = [] } = actions;
  const statements = {
    ...(machine.length === 0 ? {} : { machine: new iam.PolicyStatement({ actions: [...machine] }) }),
    ...(execution.length === 0 ? {} : { execution: new iam.PolicyStatement({ actions: [...execution] }) }),
  };
  new iam.Policy(scope, `${id}Policy`, { roles: [role], statements: Object.values(statements) });
  return statements;
}

/** The name of a state machine, of this app or imported. */
export function machineName(machine: sfn.IStateMachine): string {
  return machine instanceof sfn.StateMachine
    ? machine.stateMachineName
    : Fn.select(6, Fn.split(':', machine.stateMachineArn));
}

/** ARN pattern of a machine's executions. */
export function executionsOf(machine: sfn.IStateMachine): string {
  return Stack.of(machine).formatArn({
    service: 'states',
    resource: 'execution',
    resourceName: `${machineName(machine)}:*`,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
}
