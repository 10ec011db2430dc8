import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { ApiAuth, AsyncHttpApi, type AsyncHttpApiProps, type TaskHub } from '../../lib/index.js';
import { leave } from './reasons.js';

/** Options of an {@link ApiStack}. */
export interface ApiStackProps extends StackProps {
  readonly hub: TaskHub;
  /** The demos' orchestrations under their names in the API. */
  readonly orchestrations: AsyncHttpApiProps['orchestrations'];
}

/** One HTTP API for all demos: start, status, events, and the rest of an instance's life. */
export class ApiStack extends Stack {
  readonly api;

  constructor(scope: Construct, id: string, { hub, orchestrations, ...props }: ApiStackProps) {
    super(scope, id, props);
    this.api = new AsyncHttpApi(this, 'Api', {
      hub,
      orchestrations,
      // A demo that everybody may try. Choose iam, jwt or apiKey for anything else.
      auth: ApiAuth.none(),
    });
    leave(this.api, 'A demo that everybody may try.', 'APIG4');
  }
}
