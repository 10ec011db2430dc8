import { createHash } from 'node:crypto';
import { ArnFormat, Stack, Token } from 'aws-cdk-lib';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { renderMachineName } from '../../contract/machine-name.js';
import { DurableStepsError } from '../../errors.js';

/**
 * What the names of all state machines of a hub begin with, before a dash: `ds` and eight hex digits, of the hub's stack name and path. Known at synthesis, and another one for each hub of
 * an account and region, so that one pattern stands for all orchestrations of a hub, those of later stacks too.
 */
export function machinePrefix(hub: Construct): string {
  return `ds${digest(hub)}`;
}

/**
 * Gives a state machine of this app a name of the hub, `<prefix>-<name>-<digest of its stack name and path>`, and a machine that has one already keeps it.
 *
 * @returns the machine's name
 * @throws DurableStepsError `InvalidOption` for a machine of another name: the hub's grants and its rule wouldn't reach it
 */
export function nameMachine(prefix: string, name: string, machine: sfn.IStateMachine): string {
  const given = tryMachineName(machine);
  const resource = machine instanceof sfn.StateMachine ? machine.node.defaultChild : undefined;
  if (given === undefined && resource instanceof sfn.CfnStateMachine) {
    resource.stateMachineName = renderMachineName(prefix, kebabCase(name), digest(machine));
    return resource.stateMachineName;
  }
  if (given?.startsWith(`${prefix}-`) === true) return given;
  throw new DurableStepsError('InvalidOption', {
    where: `${machine.node.path}.stateMachineName`,
    expected: `a name that begins with \`${prefix}-\`, as those of all orchestrations of this hub do`,
    got: given === undefined ? 'a name that only the deployment knows' : `\`${given}\``,
    fix: 'leave the name out: the hub gives one; or begin it with the hub’s `machinePrefix`',
  });
}

/** The name that was given to a state machine of this app, or that an imported one's ARN ends with. */
function tryMachineName(machine: sfn.IStateMachine): string | undefined {
  const resource = machine instanceof sfn.StateMachine ? machine.node.defaultChild : undefined;
  const name =
    resource instanceof sfn.CfnStateMachine ? resource.stateMachineName : machine.stateMachineArn.split(':').at(6);
  return name === undefined || Token.isUnresolved(name) ? undefined : name;
}

/** The ARN of state machines, by name or pattern, in the account and region of a stack. */
export function machineArn(scope: Construct, name: string): string {
  return statesArn(scope, 'stateMachine', name);
}

/** The ARN pattern of the executions of state machines, by name or pattern, in the account and region of a stack. */
export function executionsArn(scope: Construct, name: string): string {
  return statesArn(scope, 'execution', `${name}:*`);
}

function statesArn(scope: Construct, resource: string, resourceName: string): string {
  return Stack.of(scope).formatArn({
    service: 'states',
    resource,
    resourceName,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
}

function digest(construct: Construct): string {
  const identity = `${outermost(Stack.of(construct)).stackName}\n${construct.node.path}`;
  return createHash('sha256').update(identity).digest('hex').slice(0, 8);
}

/** The stack that is deployed by itself: the name of a nested one is known to the deployment alone. */
function outermost(stack: Stack): Stack {
  return stack.nestedStackParent === undefined ? stack : outermost(stack.nestedStackParent);
}

/** `ProcessVideo` → `process-video`. */
export function kebabCase(name: string): string {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1-$2')
    .replace(/[^A-Za-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .toLowerCase();
  return words === '' ? 'orchestration' : words;
}
