import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SFNClient } from '@aws-sdk/client-sfn';
import { readHubSettings } from '../contract/hub-environment.js';
import { readBeside } from './code-file.js';
import type { Hub } from './hub.js';

/**
 * The hub of a Lambda: settings from the environment, clients of the AWS SDK, the machine's clock. This is the hub's one door to the outside; it is
 * opened once per process.
 */
export function connectHub(parts: Partial<Hub> = {}): Hub {
  return {
    settings: parts.settings ?? readHubSettings(process.env, readBeside),
    dynamodb: parts.dynamodb ?? new DynamoDBClient({}),
    stepFunctions: parts.stepFunctions ?? new SFNClient({}),
    now: parts.now ?? (() => Date.now()),
    newId: parts.newId ?? (() => randomUUID().replaceAll('-', '')),
    sleep: parts.sleep ?? ((milliseconds) => delay(milliseconds)),
  };
}
