import type { Scenario } from '../scenario';
import { hello } from './hello';
import { priceOrder } from './price-order';

/** Every scenario, one file for each demo stack. */
export const scenarios: readonly Scenario[] = [...hello, ...priceOrder];
