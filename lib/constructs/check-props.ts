import type { Construct } from 'constructs';
import { type Checks, checkOptions } from '../options/check-options.js';

/**
 * Refuses properties of the wrong kind, before anything is built of them.
 *
 * @param open names of properties that the CDK looks at itself
 * @throws DurableStepsError `InvalidOption`, under the path that the construct will have
 */
export function checkProps(
  scope: Construct,
  id: string,
  props: unknown,
  checks: Parameters<typeof checkOptions>[2],
  open?: (name: string) => boolean,
): void {
  checkOptions([...scope.node.path.split('/'), id].filter((part) => part !== '').join('/'), props, checks, open);
}

/** Of the properties of a construct those that are options of its step. */
export function optionsOf<Options extends object>(props: Options, checks: Checks<Options>): Options {
  return Object.fromEntries(Object.entries(props).filter(([name]) => Object.hasOwn(checks, name))) as Options;
}
