import { App } from 'aws-cdk-lib';
import { HelloStack } from './demos/hello.js';
import { MultipleApproversStack } from './demos/multiple-approvers.js';
import { PhoneVerificationStack } from './demos/phone-verification.js';
import { PriceOrderStack } from './demos/price-order.js';

const app = new App();
new HelloStack(app, 'Hello');
new PriceOrderStack(app, 'PriceOrder');
new PhoneVerificationStack(app, 'PhoneVerification');
new MultipleApproversStack(app, 'MultipleApprovers');
app.synth();
