import { GatewayService } from '../services/apigateway/gateway-service.js';
import { DynamoDbService } from '../services/dynamodb/service.js';
import { SchedulerService } from '../services/events/scheduler-service.js';
import { EventsService } from '../services/events/service.js';
import { MailboxService } from '../services/mailbox/mailbox-service.js';
import { PipesService } from '../services/pipes/service.js';
import { S3Service } from '../services/s3/service.js';
import { SesService } from '../services/ses/service.js';
import { SnsService } from '../services/sns/service.js';
import { EventSourceMappings } from '../services/sqs/event-source-mapping.js';
import { SqsService } from '../services/sqs/service.js';
import type { ServiceFactory } from './service.js';

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
