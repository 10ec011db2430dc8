import { App } from 'aws-cdk-lib';
import { ApiStack } from './demos/api.js';
import { HelloStack } from './demos/hello.js';
import { HubStack } from './demos/hub.js';
import { MultipleApproversStack } from './demos/multiple-approvers.js';
import { PhoneVerificationStack } from './demos/phone-verification.js';
import { PriceOrderStack } from './demos/price-order.js';

const app = new App();
const { hub } = new HubStack(app, 'Hub');
const { helloSequence } = new HelloStack(app, 'Hello', { hub });
const { priceOrder } = new PriceOrderStack(app, 'PriceOrder', { hub });
const { phoneVerification } = new PhoneVerificationStack(app, 'PhoneVerification', { hub });
const { multipleApprovers } = new MultipleApproversStack(app, 'MultipleApprovers', { hub });
new ApiStack(app, 'Api', {
  hub,
  orchestrations: {
    'hello-sequence': helloSequence,
    'price-order': priceOrder,
    'phone-verification': phoneVerification,
    'multiple-approvers': multipleApprovers,
  },
});
app.synth();
