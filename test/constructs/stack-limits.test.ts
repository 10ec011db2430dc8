import { App, CfnResource, Stack } from 'aws-cdk-lib';
import { Chain } from '../../lib/constructs/patterns/chain.js';
import { flow } from '../../lib/flow/index.js';
import { activity } from '../flow/kit.js';

const work = activity<unknown, unknown>('Work');
const large = (bytes: number) => flow<unknown>().step('work', work, () => ({ text: 'x'.repeat(bytes) }));

test('a stack of more than 500 resources is refused, and says whose they are', () => {
  const app = new App();
  const stack = new Stack(app, 'Shop');
  new Chain(stack, 'Order', { steps: [work] });
  for (let index = 0; index < 500; index++) new CfnResource(stack, `Thing${index}`, { type: 'Custom::Thing' });
  expect(() => app.synth()).toThrow(/`Shop`: expected at most 500 resources, got 5\d\d \(the most in `Order`: \d/);
  const raised = new App({ context: { '@aws-cdk/core:stackResourceLimit': 0 } });
  const other = new Stack(raised, 'Shop');
  new Chain(other, 'Order', { steps: [work] });
  for (let index = 0; index < 500; index++) new CfnResource(other, `Thing${index}`, { type: 'Custom::Thing' });
  expect(() => raised.synth()).not.toThrow();
});

test('definitions that fill the template of a stack are refused; in two stacks they are fine', () => {
  const together = new App();
  const stack = new Stack(together, 'Shop');
  new Chain(stack, 'First', { steps: large(600_000) });
  new Chain(stack, 'Second', { steps: large(500_000) });
  expect(() => together.synth()).toThrow(
    /`Shop`: expected a template of at most 1000000 bytes, got definitions of \d{7} bytes \(the most in `Shop\/First`: 60\d{4}, /,
  );
  const apart = new App();
  new Chain(new Stack(apart, 'One'), 'First', { steps: large(600_000) });
  new Chain(new Stack(apart, 'Two'), 'Second', { steps: large(500_000) });
  expect(() => apart.synth()).not.toThrow();
});

test('a definition that no state machine may have is refused', () => {
  expect(() => new Chain(new Stack(), 'Order', { steps: large(1_048_576) })).toThrow(
    /`Order`: expected a definition of at most 1048576 characters, got 1\d{6}; put parts of it/,
  );
});
