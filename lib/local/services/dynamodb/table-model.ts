import { isJsonArray, isJsonObject, type Json, type JsonObject } from '../../../asl/language/json.js';
import type { Resource } from '../../../assembly/model.js';
import { PropertyReader } from '../protocol/property-reader.js';

/** What the service remembers of a table besides its items. */
export interface TableModel {
  readonly name: string;
  readonly hashKey: string;
  readonly rangeKey?: string;
  /** The partition keys of its indexes, by the indexes' names. */
  readonly indexes: ReadonlyMap<string, string>;
  /** The attribute that holds an item's expiry in seconds since the epoch. */
  readonly timeToLiveAttribute?: string;
  readonly pointInTimeRecovery: boolean;
}

/** A table of the template: the model, and the input for CreateTable. */
export interface TableDefinition {
  readonly model: TableModel;
  readonly createTable: JsonObject;
}

/** Reads `AWS::DynamoDB::Table` and `AWS::DynamoDB::GlobalTable`; refuses streams, imports and replicas in other regions. */
export function readTable(resource: Resource, region: string): TableDefinition {
  const reader = PropertyReader.of(resource);
  const keySchema = readKeySchema(reader);
  const timeToLive = reader.tryObject('TimeToLiveSpecification');
  const replica = readReplica(reader, region);
  const createTable: JsonObject = {
    TableName: resource.ref,
    KeySchema: keySchema,
    AttributeDefinitions: reader.objects('AttributeDefinitions').map((attribute) => ({
      AttributeName: attribute.string('AttributeName'),
      AttributeType: attribute.string('AttributeType'),
    })),
    BillingMode: 'PAY_PER_REQUEST',
    ...readIndexes(reader, 'GlobalSecondaryIndexes'),
    ...readIndexes(reader, 'LocalSecondaryIndexes'),
  };
  const model = {
    ...readKeys(createTable),
    ...(timeToLive?.tryBoolean('Enabled') === true ? { timeToLiveAttribute: timeToLive.string('AttributeName') } : {}),
    pointInTimeRecovery: readRecovery(reader) || (replica !== undefined && readRecovery(replica)),
  };
  reader.accept('TableName', 'BillingMode', 'ProvisionedThroughput', 'OnDemandThroughput', 'SSESpecification', 'Tags');
  reader.accept('DeletionProtectionEnabled', 'TableClass', 'ContributorInsightsSpecification', 'WarmThroughput');
  reader.accept('WriteProvisionedThroughputSettings', 'WriteOnDemandThroughputSettings');
  reader.finish();
  return { model, createTable };
}

/** The names of the key attributes of a table and of its indexes, from the input for CreateTable. */
export function readKeys(
  createTable: JsonObject,
): Pick<TableModel, 'name' | 'hashKey' | 'indexes'> & { readonly rangeKey?: string } {
  const rangeKey = tryKey(createTable, 'RANGE');
  const indexes = [
    ...objectsIn(createTable['GlobalSecondaryIndexes']),
    ...objectsIn(createTable['LocalSecondaryIndexes']),
  ];
  return {
    name: String(createTable['TableName']),
    hashKey: tryKey(createTable, 'HASH') ?? '',
    ...(rangeKey === undefined ? {} : { rangeKey }),
    indexes: new Map(indexes.map((index) => [String(index['IndexName']), tryKey(index, 'HASH') ?? ''])),
  };
}

function tryKey({ KeySchema }: JsonObject, type: 'HASH' | 'RANGE'): string | undefined {
  const name = objectsIn(KeySchema).find(({ KeyType }) => KeyType === type)?.['AttributeName'];
  return typeof name === 'string' ? name : undefined;
}

function objectsIn(value: Json | undefined): readonly JsonObject[] {
  return isJsonArray(value) ? value.filter(isJsonObject) : [];
}

function readKeySchema(reader: PropertyReader) {
  return reader.objects('KeySchema').map((key) => ({
    AttributeName: key.string('AttributeName'),
    KeyType: key.string('KeyType'),
  }));
}

function readIndexes(reader: PropertyReader, property: string): JsonObject {
  const indexes = reader.objects(property).map((index) => {
    index.accept('ProvisionedThroughput', 'OnDemandThroughput', 'ContributorInsightsSpecification', 'WarmThroughput');
    index.accept('WriteProvisionedThroughputSettings', 'WriteOnDemandThroughputSettings');
    const projection = index.object('Projection');
    const attributes = projection.strings('NonKeyAttributes');
    return {
      IndexName: index.string('IndexName'),
      KeySchema: readKeySchema(index),
      Projection: {
        ProjectionType: projection.tryString('ProjectionType') ?? 'ALL',
        ...(attributes.length === 0 ? {} : { NonKeyAttributes: attributes }),
      },
    };
  });
  return indexes.length === 0 ? {} : { [property]: indexes };
}

function readReplica(reader: PropertyReader, region: string): PropertyReader | undefined {
  const replicas = reader.objects('Replicas');
  for (const replica of replicas) {
    const where = replica.string('Region');
    if (where !== region) throw replica.refusal('Region', `the stack's own region \`${region}\``, where);
    replica.accept('GlobalSecondaryIndexes', 'Tags', 'TableClass', 'DeletionProtectionEnabled', 'SSESpecification');
    replica.accept(
      'ContributorInsightsSpecification',
      'ReadProvisionedThroughputSettings',
      'ReadOnDemandThroughputSettings',
    );
  }
  return replicas[0];
}

function readRecovery(reader: PropertyReader): boolean {
  const specification = reader.tryObject('PointInTimeRecoverySpecification');
  specification?.accept('RecoveryPeriodInDays');
  return specification?.tryBoolean('PointInTimeRecoveryEnabled') === true;
}
