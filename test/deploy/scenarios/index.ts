import type { Scenario } from '../scenario';
import { backupSite } from './backup-site';
import { hello } from './hello';
import { multipleApprovers } from './multiple-approvers';
import { periodicTask } from './periodic-task';
import { phoneVerification } from './phone-verification';
import { priceOrder } from './price-order';
import { processOrder } from './process-order';
import { processVideo } from './process-video';
import { weatherMonitor } from './weather-monitor';

/** Every scenario, one file for each demo stack. */
export const scenarios: readonly Scenario[] = [
  ...hello,
  ...priceOrder,
  ...phoneVerification,
  ...multipleApprovers,
  ...periodicTask,
  ...processVideo,
  ...processOrder,
  ...backupSite,
  ...weatherMonitor,
];
