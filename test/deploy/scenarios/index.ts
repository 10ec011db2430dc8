import type { Scenario } from '../scenario.js';
import { backupSite } from './backup-site.js';
import { hello } from './hello.js';
import { multipleApprovers } from './multiple-approvers.js';
import { periodicTask } from './periodic-task.js';
import { phoneVerification } from './phone-verification.js';
import { priceOrder } from './price-order.js';
import { processOrder } from './process-order.js';
import { processVideo } from './process-video.js';
import { weatherMonitor } from './weather-monitor.js';

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
