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

/**
 * Lets a function do something with state machines by their names, or by a pattern of names. A name is no reference: the function needs no machine to be there before it, in its own stack
 * or in another, and a machine may go without the function changing.
 */
export function grantOnMachines(fn: lambda.Function, names: readonly string[], actions: MachineActions): void {
  const { machine = [], execution = [] } = actions;
  const allow = (wanted: readonly string[], resources: string[]) => {
    if (wanted.length > 0 && resources.length > 0)
      fn.addToRolePolicy(new iam.PolicyStatement({ actions: [...wanted], resources }));
  };
  allow(
    machine,
    names.map((name) => machineArn(fn, name)),
  );
  allow(
    execution,
    names.map((name) => executionsArn(fn, name)),
  );
}
