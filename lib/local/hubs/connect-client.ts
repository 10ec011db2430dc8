import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SFNClient } from '@aws-sdk/client-sfn';
import { DurableClient } from '../../client/durable-client.js';
import type { HubSettings } from '../../contract/hub-environment.js';

/** What every AWS client needs to reach a test environment. */
export interface AwsClientConfig {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Buckets are reached by path, not by host name. */
  readonly forcePathStyle: true;
}

/** A client of a hub of the environment, with the environment's time; `close` lets its connections go. */
export function connectClient(
  { endpoint, region, credentials }: AwsClientConfig,
  settings: HubSettings,
  now: () => number,
): { readonly client: DurableClient; readonly close: () => void } {
  const [dynamodb, stepFunctions] = withoutAdvice(
    () =>
      [
        new DynamoDBClient({ endpoint, region, credentials }),
        new SFNClient({ endpoint, region, credentials }),
      ] as const,
  );
  return {
    client: new DurableClient({ dynamodb, stepFunctions, settings, now }),
    close: () => {
      dynamodb.destroy();
      stepFunctions.destroy();
    },
  };
}

/** The SDK's advice about the machine's Node.js version, given when a client is made, is no concern of a test. */
function withoutAdvice<T>(make: () => T): T {
  const name = 'AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED';
  const before = process.env[name];
  process.env[name] = 'true';
  try {
    return make();
  } finally {
    if (before === undefined) delete process.env[name];
    else process.env[name] = before;
  }
}
