import { CfnResource, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { DurableStepsError } from '../errors.js';

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html */
const MAX_RESOURCES = 500;
const MAX_TEMPLATE_BYTES = 1_000_000;

/** Where the CDK lets an app say another number of resources; 0 is no limit. */
const RESOURCE_LIMIT = '@aws-cdk/core:stackResourceLimit';

/** The sizes of the definitions in a stack, by construct path. */
const definitions = new WeakMap<Stack, Map<string, number>>();

/**
 * Refuses at synthesis a stack that CloudFormation would refuse: of more than 500 resources, or with definitions that fill its template. Says what is large.
 *
 * @param definition what the construct adds to the template as text
 */
export function watchStackSize(scope: Construct, definition: object): void {
  const stack = Stack.of(scope);
  const known = definitions.get(stack) ?? new Map<string, number>();
  known.set(scope.node.path, Buffer.byteLength(JSON.stringify(definition)));
  if (definitions.has(stack)) return;
  definitions.set(stack, known);
  stack.node.addValidation({ validate: () => [...tooManyResources(stack), ...tooMuchText(stack, known)] });
}

function tooManyResources(stack: Stack): readonly string[] {
  const limit: unknown = stack.node.tryGetContext(RESOURCE_LIMIT) ?? MAX_RESOURCES;
  const resources = stack.node.findAll().filter((one) => one instanceof CfnResource && Stack.of(one) === stack);
  if (typeof limit !== 'number' || limit === 0 || resources.length <= limit) return [];
  const owners = new Map<string, number>();
  for (const { node } of resources) {
    const owner = node.path.slice(stack.node.path.length + 1).split('/')[0] ?? '';
    owners.set(owner, (owners.get(owner) ?? 0) + 1);
  }
  return [tooLarge(stack, `at most ${limit} resources`, `${resources.length}`, owners)];
}

function tooMuchText(stack: Stack, known: ReadonlyMap<string, number>): readonly string[] {
  const total = [...known.values()].reduce((sum, size) => sum + size, 0);
  if (total <= MAX_TEMPLATE_BYTES) return [];
  return [tooLarge(stack, `a template of at most ${MAX_TEMPLATE_BYTES} bytes`, `definitions of ${total} bytes`, known)];
}

function tooLarge(stack: Stack, expected: string, got: string, parts: ReadonlyMap<string, number>): string {
  const largest = [...parts].sort(([, a], [, b]) => b - a).slice(0, 5);
  return new DurableStepsError('StackTooLarge', {
    where: stack.node.path,
    expected,
    got: `${got} (the most in ${largest.map(([part, size]) => `\`${part}\`: ${size}`).join(', ')})`,
    fix: 'put some of the orchestrations into stacks of their own, with the same hub; or parts of a large one into sub-orchestrations',
  }).message;
}
