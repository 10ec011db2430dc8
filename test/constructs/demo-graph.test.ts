import { App } from 'aws-cdk-lib';
import { HubStack } from '../../bin/demos/hub.js';
import { PriceOrderStack } from '../../bin/demos/price-order.js';
import { renderMermaid } from '../../lib/asl/draw/mermaid.js';
import { snippetsOf } from '../readme/snippets.js';

test('the picture in the README is what the demo app builds', () => {
  const app = new App();
  const { hub } = new HubStack(app, 'Hub');
  const { priceOrder } = new PriceOrderStack(app, 'PriceOrder', { hub });
  const [picture] = snippetsOf('README.md').filter(({ language }) => language === 'mermaid');
  expect(`${renderMermaid(priceOrder.definition as never)}\n`).toBe(picture!.text);
});
