import type { ServiceFactory } from './service';
import { DynamoDbService } from './services/dynamodb/service';

/** Every service of the local cloud, one line each. */
export const SERVICES: readonly ServiceFactory[] = [(cloud) => new DynamoDbService(cloud)];
