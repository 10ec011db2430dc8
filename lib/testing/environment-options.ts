import type { Checks } from '../options/check-options.js';
import { ANYTHING, text } from '../options/kinds.js';

/** How a `TestEnvironment` is made. */
export interface TestEnvironmentOptions {
  /** The time at which it begins. @default 2026-01-01T00:00:00Z */
  readonly time?: Date | string | number;
  /** The region of stacks that leave it open. @default us-east-1 */
  readonly region?: string;
  /** The account of stacks that leave it open. @default '123456789012' */
  readonly accountId?: string;
}

/** Options of `TestEnvironment.start`. */
export interface TestStartOptions {
  /** @default - `test-1`, `test-2`, … */
  readonly instanceId?: string;
}

/** What the options of an environment take. */
export const ENVIRONMENT: Checks<TestEnvironmentOptions> = {
  time: ANYTHING,
  region: text(),
  accountId: text('twelve digits', /^\d{12}$/),
};

/** What the options of a start take. */
export const START: Checks<TestStartOptions> = { instanceId: text() };
