import type { Resource } from '../../assembly/model.js';
import { DurableStepsError, LEAVE_OUT_LOCALLY } from '../../errors.js';

/** Does something, and keeps why it was refused; any other error goes on its way. */
export async function collect(refusals: DurableStepsError[], action: () => void | Promise<void>): Promise<void> {
  try {
    await action();
  } catch (error) {
    if (!(error instanceof DurableStepsError)) throw error;
    refusals.push(error);
  }
}

/** All that an app was refused for, as one error. */
export function severalRefusals(directory: string, refusals: readonly DurableStepsError[]): DurableStepsError {
  const list = refusals.map(({ message }) => `\n  - ${message}`).join('');
  return new DurableStepsError('UnsupportedTemplate', {
    where: directory,
    expected: 'an app that the local cloud can run',
    got: `${refusals.length} things that it can't`,
    fix: `mend each:${list}`,
  });
}

/** Why a resource of an unknown type is refused. */
export function refuseType({ path, type }: Resource): DurableStepsError {
  const custom = type.startsWith('Custom::') || type === 'AWS::CloudFormation::CustomResource';
  return new DurableStepsError('UnsupportedResource', {
    where: path,
    expected: 'a resource type that the local cloud runs',
    got: `\`${type}\``,
    fix: custom
      ? `custom resources run at deployment on AWS only; ${LEAVE_OUT_LOCALLY}`
      : `the local cloud has no such service; ${LEAVE_OUT_LOCALLY}`,
  });
}
