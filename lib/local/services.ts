import { GatewayService } from './gateway/gateway-service';
import type { ServiceFactory } from './service';
import { DynamoDbService } from './services/dynamodb/service';

/** The services of the local cloud besides Lambda and Step Functions, one line each. */
export const SERVICES: readonly ServiceFactory[] = [
  (cloud) => new DynamoDbService(cloud),
  (cloud) => new GatewayService(cloud),
];
