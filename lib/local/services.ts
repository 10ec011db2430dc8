import { GatewayService } from './gateway/gateway-service';
import { MailboxService } from './mailbox/mailbox-service';
import type { ServiceFactory } from './service';
import { DynamoDbService } from './services/dynamodb/service';
import { SchedulerService } from './services/events/scheduler-service';
import { EventsService } from './services/events/service';
import { PipesService } from './services/pipes/service';
import { S3Service } from './services/s3/service';
import { SesService } from './services/ses/service';
import { SnsService } from './services/sns/service';
import { EventSourceMappings } from './services/sqs/event-source-mapping';
import { SqsService } from './services/sqs/service';

/** The services of the local cloud besides Lambda and Step Functions, one line each. */
export const SERVICES: readonly ServiceFactory[] = [
  (cloud) => new DynamoDbService(cloud),
  (cloud) => new GatewayService(cloud),
  (cloud) => new MailboxService(cloud),
  (cloud) => new SesService(cloud),
  (cloud) => new SnsService(cloud),
  (cloud) => new SqsService(cloud),
  (cloud) => new EventsService(cloud),
  (cloud) => new S3Service(cloud),
  (cloud) => new SchedulerService(cloud),
  // These act on queues, so they begin after them.
  (cloud) => new EventSourceMappings(cloud),
  (cloud) => new PipesService(cloud),
];
