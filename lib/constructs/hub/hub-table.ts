import { RemovalPolicy } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import {
  DUE_AT_ATTRIBUTE,
  DUE_ATTEMPTS_ATTRIBUTE,
  DUE_INDEX,
  DUE_SHARD_ATTRIBUTE,
  EXPIRES_AT_ATTRIBUTE,
  LISTING_ATTRIBUTES,
  LISTING_INDEX,
} from '../../contract/hub-records.js';

/** What is decided about a hub's table. */
export interface HubTableOptions {
  /** What becomes of the table, and with it of all records, when the hub is deleted. @default RemovalPolicy.RETAIN */
  readonly removalPolicy?: RemovalPolicy;
  /** Whether CloudFormation and DynamoDB refuse to delete the table. @default false */
  readonly deletionProtection?: boolean;
  /** The key that encrypts the table. @default - a key that DynamoDB owns */
  readonly encryptionKey?: dynamodb.TableProps['encryptionKey'];
}

/** The table with instances, events and approvals: on demand, encrypted, with recovery, time-to-live, the index by which instances are listed, and the one of what is due. */
export function hubTable(scope: Construct, options: HubTableOptions): dynamodb.Table {
  const table = new dynamodb.Table(scope, 'Table', {
    partitionKey: { name: 'pk', type: dynamodb.AttributeType.STRING },
    sortKey: { name: 'sk', type: dynamodb.AttributeType.STRING },
    billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    timeToLiveAttribute: EXPIRES_AT_ATTRIBUTE,
    removalPolicy: options.removalPolicy ?? RemovalPolicy.RETAIN,
    deletionProtection: options.deletionProtection ?? false,
    ...(options.encryptionKey === undefined
      ? { encryption: dynamodb.TableEncryption.DEFAULT }
      : { encryption: dynamodb.TableEncryption.CUSTOMER_MANAGED, encryptionKey: options.encryptionKey }),
  });
  table.addGlobalSecondaryIndex({
    indexName: LISTING_INDEX,
    partitionKey: { name: 'listShard', type: dynamodb.AttributeType.STRING },
    sortKey: { name: 'listPosition', type: dynamodb.AttributeType.STRING },
    projectionType: dynamodb.ProjectionType.INCLUDE,
    nonKeyAttributes: [...LISTING_ATTRIBUTES],
  });
  table.addGlobalSecondaryIndex({
    indexName: DUE_INDEX,
    partitionKey: { name: DUE_SHARD_ATTRIBUTE, type: dynamodb.AttributeType.STRING },
    sortKey: { name: DUE_AT_ATTRIBUTE, type: dynamodb.AttributeType.NUMBER },
    projectionType: dynamodb.ProjectionType.INCLUDE,
    nonKeyAttributes: [DUE_ATTEMPTS_ATTRIBUTE],
  });
  return table;
}
