import { Annotations, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { ApiAuth, AsyncHttpApi, type AsyncHttpApiProps, type TaskHub } from '../../lib/index.js';

/** Options of an {@link ApiStack}. */
export interface ApiStackProps extends StackProps {
  readonly hub: TaskHub;
  /** The demos' orchestrations under their names in the API. */
  readonly orchestrations: AsyncHttpApiProps['orchestrations'];
  /** Whether everybody may call it, for the local cloud. @default false: callers sign with AWS credentials */
  readonly open?: boolean;
}

/** One HTTP API for all demos: start, status, events, and the rest of an instance's life. */
export class ApiStack extends Stack {
  readonly api;

  constructor(scope: Construct, id: string, { hub, orchestrations, open = false, ...props }: ApiStackProps) {
    super(scope, id, props);
    this.api = new AsyncHttpApi(this, 'Api', {
      hub,
      orchestrations,
      auth: open ? ApiAuth.none() : ApiAuth.iam(),
    });
    if (open)
      Annotations.of(this.api).acknowledgeWarning('durable-steps:openApi', 'On the local cloud everybody may try.');
  }
}
