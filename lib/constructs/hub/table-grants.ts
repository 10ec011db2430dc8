import * as iam from 'aws-cdk-lib/aws-iam';
import { HUB_ROWS, LISTING_INDEX } from '../../contract/hub-records.js';

/** What the functions of hub and API do with the table. */
export const TABLE_ACTIONS = {
  change: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
  inbox: ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:BatchWriteItem'],
  start: ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
  query: ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
  purge: [
    'dynamodb:GetItem',
    'dynamodb:BatchGetItem',
    'dynamodb:Query',
    'dynamodb:UpdateItem',
    'dynamodb:BatchWriteItem',
  ],
  sweep: ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:BatchWriteItem'],
  client: [
    'dynamodb:GetItem',
    'dynamodb:BatchGetItem',
    'dynamodb:Query',
    'dynamodb:PutItem',
    'dynamodb:UpdateItem',
    'dynamodb:BatchWriteItem',
  ],
} as const;

/** What a grant on the hub's table reaches. */
export interface TableReach {
  /** Patterns of partition keys: {@link HUB_ROWS}. @default - records, inboxes and events of instances */
  readonly rows?: readonly string[];
  /** An index to query, and the patterns of its own partition keys. @default - none */
  readonly index?: { readonly name: string; readonly rows: readonly string[] };
}

/** Instances, and the index by which they are listed. */
export const LISTED_INSTANCES: TableReach = { index: { name: LISTING_INDEX, rows: [HUB_ROWS.listing] } };

/** Allows actions on some rows of the table, and queries of an index: no statement without its rows. */
export function tableStatements(
  tableArn: string,
  actions: readonly string[],
  { rows = [HUB_ROWS.instances], index }: TableReach,
): readonly iam.PolicyStatement[] {
  const onTable = new iam.PolicyStatement({ actions: [...actions], resources: [tableArn], conditions: onlyRows(rows) });
  if (index === undefined) return [onTable];
  const onIndex = new iam.PolicyStatement({
    actions: ['dynamodb:Query'],
    resources: [`${tableArn}/index/${index.name}`],
    conditions: onlyRows(index.rows),
  });
  return [onTable, onIndex];
}

/** `ForAllValues` holds where there is no value too, so that there must be one. */
function onlyRows(rows: readonly string[]): Readonly<Record<string, unknown>> {
  return {
    'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [...rows] },
    Null: { 'dynamodb:LeadingKeys': 'false' },
  };
}
