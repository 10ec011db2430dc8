import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { SFNClient } from '@aws-sdk/client-sfn';
import type { HubSettings } from '../contract/hub-environment.js';
import type { AuditEntry } from './audit.js';

/**
 * Everything the hub's logic works with. The logic reads no environment, makes no client and looks at no clock of its own: the handlers in
 * `lambda/hub`, `DurableClient` and the tests pass them in.
 */
export interface Hub {
  readonly settings: HubSettings;
  readonly dynamodb: DynamoDBClient;
  readonly stepFunctions: SFNClient;
  /** Who makes the request that is served, as the API's authorizer knows them. @default - nobody in particular */
  readonly caller?: string;
  /** Hears who does what. @default - nobody writes it down */
  readonly audit?: (entry: AuditEntry) => void;
  /** Takes a line of metrics, which CloudWatch reads out of the function's log. @default - nothing is measured */
  readonly measure?: (line: string) => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** A fresh random id. */
  readonly newId: () => string;
  /** Resolves after so many milliseconds. */
  readonly sleep: (milliseconds: number) => Promise<void>;
}
