import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Activity, Chain, flow } from '../../lib/index.js';
import type { DemoStackProps } from './hub.js';

/** Function chaining: Tokyo, Seattle, London are greeted one after the other. */
export class HelloStack extends Stack {
  readonly helloSequence;

  constructor(scope: Construct, id: string, { hub, ...props }: DemoStackProps) {
    super(scope, id, props);
    const sayHello = new Activity<typeof import('../../lambda/hello/say-hello.js').handler>(this, 'SayHello', {
      entry: 'lambda/hello/say-hello.ts',
    });
    this.helloSequence = new Chain(this, 'HelloSequence', {
      hub,
      description: 'Greets three cities, one after the other',
      steps: flow<unknown>()
        .step('tokyo', sayHello, () => 'Tokyo')
        .step('seattle', sayHello, () => 'Seattle')
        .step('london', sayHello, () => 'London')
        .output(({ tokyo, seattle, london }) => [tokyo, seattle, london]),
    });
  }
}
