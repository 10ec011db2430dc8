import { App } from 'aws-cdk-lib';
import { ApiAuth } from '../lib/index.js';
import { ApiStack } from './demos/api.js';
import { BackupSiteStack } from './demos/backup-site.js';
import { HelloStack } from './demos/hello.js';
import { HubStack } from './demos/hub.js';
import { MultipleApproversStack } from './demos/multiple-approvers.js';
import { PeriodicTaskStack } from './demos/periodic-task.js';
import { PhoneVerificationStack } from './demos/phone-verification.js';
import { PriceOrderStack } from './demos/price-order.js';
import { ProcessOrderStack } from './demos/process-order.js';
import { ProcessVideoStack } from './demos/process-video.js';
import { WeatherMonitorStack } from './demos/weather-monitor.js';

const app = new App();
/** The local cloud asks for an app that may be tried at once; what is deployed lets nobody in who isn't known. */
const isLocal = String(app.node.tryGetContext('durable-steps:local')) === 'true';
/** The digest of the key of the shop's admin pages. Without one they are shut. */
const adminKeySha256 = isLocal ? ApiAuth.digestOf('admin') : app.node.tryGetContext('adminKeySha256');
const { hub } = new HubStack(app, 'Hub');
const { helloSequence } = new HelloStack(app, 'Hello', { hub });
const { backupSite } = new BackupSiteStack(app, 'BackupSite', { hub });
const { weatherMonitor } = new WeatherMonitorStack(app, 'WeatherMonitor', { hub });
const { priceOrder } = new PriceOrderStack(app, 'PriceOrder', { hub });
const { phoneVerification } = new PhoneVerificationStack(app, 'PhoneVerification', { hub });
const { multipleApprovers } = new MultipleApproversStack(app, 'MultipleApprovers', { hub });
const { periodicTask } = new PeriodicTaskStack(app, 'PeriodicTask', { hub });
const { processVideo } = new ProcessVideoStack(app, 'ProcessVideo', { hub });
const { processOrder } = new ProcessOrderStack(app, 'ProcessOrder', {
  hub,
  adminKeySha256,
});
new ApiStack(app, 'Api', {
  hub,
  open: isLocal,
  orchestrations: {
    'hello-sequence': helloSequence,
    'backup-site': backupSite,
    'weather-monitor': weatherMonitor,
    'price-order': priceOrder,
    'phone-verification': phoneVerification,
    'multiple-approvers': multipleApprovers,
    'periodic-task': periodicTask,
    'process-video': processVideo,
    'process-order': processOrder,
  },
});
app.synth();
