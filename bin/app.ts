import { App } from 'aws-cdk-lib';
import { HelloStack } from './demos/hello.js';
import { PriceOrderStack } from './demos/price-order.js';

const app = new App();
new HelloStack(app, 'Hello');
new PriceOrderStack(app, 'PriceOrder');
app.synth();
