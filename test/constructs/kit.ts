import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';

/** A stack of an app of its own. */
export const newStack = (): Stack => new Stack(new App(), 'Stack');

/** The resources of one type, by logical id. */
export function resources(
  stack: Stack,
  type: string,
): Record<string, { readonly Properties: Record<string, unknown> }> {
  return Template.fromStack(stack).findResources(type) as never;
}

/** The only resource of a type. */
export function theResource(stack: Stack, type: string): Record<string, unknown> {
  const found = Object.values(resources(stack, type));
  expect(found).toHaveLength(1);
  return found[0]!.Properties;
}
