import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SFNClient } from '@aws-sdk/client-sfn';
import { HUB_ENVIRONMENT, readHubSettings } from '../contract/hub-environment.js';
import { readBeside } from './code-file.js';
import type { Hub } from './hub.js';

/**
 * How a client of the AWS SDK waits and tries again: a connection that isn't there within a second and an answer that doesn't come are given up and asked for again, so that the
 * function ends with an answer of its own instead of running into its time-out. With the default, all attempts fit into 20 seconds, the shortest time-out of a hub's function.
 * Connections are kept alive, as the SDK does by itself.
 *
 * @example new DynamoDBClient(sdkClient());
 * @param requestMilliseconds how long one attempt may take
 */
export function sdkClient(requestMilliseconds = 3_000) {
  return {
    maxAttempts: 4,
    retryMode: 'standard',
    requestHandler: { connectionTimeout: 1_000, requestTimeout: requestMilliseconds, throwOnRequestTimeout: true },
  } as const;
}

/**
 * The hub of a Lambda: settings from the environment, clients of the AWS SDK, the machine's clock. This is the hub's one door to the outside; it is
 * opened once per process.
 */
export function connectHub(parts: Partial<Hub> = {}): Hub {
  return {
    // Not by the console, which may write its lines as something else.
    ...(process.env[HUB_ENVIRONMENT.metrics] === 'true' && {
      measure: (line: string) => process.stdout.write(`${line}\n`),
    }),
    ...(parts.audit && { audit: parts.audit }),
    settings: parts.settings ?? readHubSettings(process.env, readBeside),
    dynamodb: parts.dynamodb ?? new DynamoDBClient(sdkClient()),
    stepFunctions: parts.stepFunctions ?? new SFNClient(sdkClient()),
    now: parts.now ?? (() => Date.now()),
    newId: parts.newId ?? (() => randomUUID().replaceAll('-', '')),
    sleep: parts.sleep ?? ((milliseconds) => delay(milliseconds)),
  };
}
