import { RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Mail, TaskHub } from '../../lib/index.js';

/** Options of a demo's stack. */
export interface DemoStackProps extends StackProps {
  /** The hub that the demo's orchestrations join. */
  readonly hub: TaskHub;
}

/** The task hub that all demos share: their orchestrations live in stacks of their own, deployed after it. */
export class HubStack extends Stack {
  readonly hub;

  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    this.hub = new TaskHub(this, 'Hub', {
      mail: Mail.ses({ from: 'workflows@example.com' }),
      removalPolicy: RemovalPolicy.DESTROY,
    });
  }
}
