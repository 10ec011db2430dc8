import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type { AwaitedKind } from '../../flow/compiler/compilation.js';
import { executionsArn, machineArn } from './machine-names.js';
import { NAMES_IN_A_STATEMENT } from './waits.js';

/** What a function may do with state machines and with their executions. */
export interface MachineActions {
  /** On the state machines, for example `states:StartExecution`. */
  readonly machine?: readonly string[];
  /** On their executions, for example `states:StopExecution`. */
  readonly execution?: readonly string[];
  /** Which waits of them it answers, by `states:SendTaskSuccess`. @default - none */
  readonly answers?: readonly AwaitedKind[];
}

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
