import type { Construct } from 'constructs';
import { DurableStepsError } from '../../errors.js';

/**
 * How many of the account's concurrent executions of Lambda are set aside for functions of a hub. What is set aside can't be used by any other function, and is the most that the
 * function itself gets at once: give it more than it needs at its busiest. Beyond it status events wait in Lambda's queue, and waits and approvals are tried again.
 *
 * @example new TaskHub(this, 'Hub', { reservedConcurrency: { followStatus: 20, awaitEvent: 20, decideApproval: 5 } });
 */
export interface HubConcurrency {
  /** The function that brings records up to date with status events. @default - none set aside */
  readonly followStatus?: number;
  /** The function that registers waits for events. @default - none set aside */
  readonly awaitEvent?: number;
  /** The function that asks for approvals, of a hub with `mail`. @default - none set aside */
  readonly askApproval?: number;
  /** The function that serves the approval pages, of a hub with `mail`. @default - none set aside */
  readonly decideApproval?: number;
}

const WITH_MAIL: readonly string[] = ['askApproval', 'decideApproval'] satisfies readonly (keyof HubConcurrency)[];

/** @throws DurableStepsError `InvalidOption` for functions that the hub doesn't have */
export function checkConcurrency(scope: Construct, concurrency: HubConcurrency | undefined, withMail: boolean): void {
  for (const [name, reserved] of Object.entries(concurrency ?? {}) as [string, unknown][]) {
    if (reserved === undefined) continue;
    const where = `${scope.node.path}.reservedConcurrency.${name}`;
    if (!withMail && WITH_MAIL.includes(name)) {
      throw new DurableStepsError('InvalidOption', {
        where,
        expected: 'a hub with `mail`, which has that function',
        got: 'a hub without',
        fix: 'give the hub its `mail`, or leave the number out',
      });
    }
  }
}
