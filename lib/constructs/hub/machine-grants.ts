import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { executionsArn, machineArn } from './machine-names.js';

/** What a function may do with state machines and with their executions. */
export interface MachineActions {
  /** On the state machines, for example `states:StartExecution`. */
  readonly machine?: readonly string[];
  /** On their executions, for example `states:StopExecution`. */
  readonly execution?: readonly string[];
}

/** So many ARNs fill half of a managed policy, into which the CDK moves the statements that a role's own policy has no room for. */
const NAMES_IN_A_STATEMENT = 15;

/**
 * Lets a function do something with state machines by their names, or by a pattern of names. A name is no reference: the function needs no machine to be there before it, in its own stack
 * or in another, and a machine may go without the function changing.
 */
export function grantOnMachines(fn: lambda.Function, names: readonly string[], actions: MachineActions): void {
  for (let index = 0; index < names.length; index += NAMES_IN_A_STATEMENT)
    allow(fn, names.slice(index, index + NAMES_IN_A_STATEMENT), actions);
}

function allow(fn: lambda.Function, names: readonly string[], { machine = [], execution = [] }: MachineActions): void {
  const on = (actions: readonly string[], resources: string[]) => {
    if (actions.length > 0) fn.addToRolePolicy(new iam.PolicyStatement({ actions: [...actions], resources }));
  };
  on(
    machine,
    names.map((name) => machineArn(fn, name)),
  );
  on(
    execution,
    names.map((name) => executionsArn(fn, name)),
  );
}
