import { GatewayService } from './gateway/gateway-service';
import { MailboxService } from './mailbox/mailbox-service';
import type { ServiceFactory } from './service';
import { DynamoDbService } from './services/dynamodb/service';
import { SesService } from './services/ses/service';

/** The services of the local cloud besides Lambda and Step Functions, one line each. */
export const SERVICES: readonly ServiceFactory[] = [
  (cloud) => new DynamoDbService(cloud),
  (cloud) => new GatewayService(cloud),
  (cloud) => new MailboxService(cloud),
  (cloud) => new SesService(cloud),
];
