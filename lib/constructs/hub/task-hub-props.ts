import { type Duration, RemovalPolicy } from 'aws-cdk-lib';
import type * as apigateway from 'aws-cdk-lib/aws-apigatewayv2';
import type * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import type * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import type { AwaitedKind } from '../../flow/compiler/compilation.js';
import type { Checks } from '../../options/check-options.js';
import {
  FLAG,
  like,
  listOf,
  needed,
  oneOf,
  options,
  others,
  recordOf,
  SPAN,
  text,
  whole,
} from '../../options/kinds.js';
import type { HubConcurrency } from './hub-concurrency.js';
import type { Mail } from './mail.js';

/** Options of a {@link TaskHub}. */
export interface TaskHubProps {
  /**
   * How long the record of a finished instance is kept. Step Functions itself keeps executions, and refuses their names, for 90 days: a shorter retention works,
   * the id's next use is then simply a later generation.
   * @default Duration.days(90)
   */
  readonly retention?: Duration;
  /**
   * After how long without a change reading a live instance asks Step Functions once whether an event was lost. The interval grows with the instance's age, up to an hour.
   * @default Duration.seconds(60)
   */
  readonly healAfter?: Duration;
  /**
   * How approvers are reached; adds the function that asks, and an HTTP API with the pages on which they decide.
   * @default - none: `humanApproval` is refused
   */
  readonly mail?: Mail;
  /**
   * A domain of one's own that leads to the pages for approvers. API Gateway's own address is then shut, so that nobody gets around what stands before the domain, such as a web application
   * firewall with a limit for each source. The local cloud answers at its own address in the domain's place.
   * @default - API Gateway's address
   */
  readonly approvalDomain?: apigateway.DomainMappingOptions;
  /**
   * Where people reach the pages for approvers, if neither at `approvalDomain` nor at API Gateway's address: behind a proxy or a CDN. No slash at the end.
   * @default - the domain's address, else API Gateway's
   */
  readonly approvalUrl?: string;
  /**
   * Whether an approval records from which address and with which browser somebody decided. It is nowhere shown: it is for who looks into a dispute.
   * @default true
   */
  readonly recordVisitors?: boolean;
  /**
   * For how long after an approval is settled its links still show what was asked and decided; then they answer like unknown ones. Open approvals aren't touched.
   * @default - as long as the record is kept: `retention` after the deadline
   */
  readonly showDecidedFor?: Duration;
  /** Keeps a storm of starts from taking the concurrency that status, waits and approvals need. @default - none: the functions share the account's */
  readonly reservedConcurrency?: HubConcurrency;
  /** What becomes of the table, and with it of all records, when the hub is deleted. @default RemovalPolicy.RETAIN */
  readonly removalPolicy?: RemovalPolicy;
  /** Whether CloudFormation and DynamoDB refuse to delete the table. @default false */
  readonly deletionProtection?: boolean;
  /** The key that encrypts the table. @default - a key that DynamoDB owns */
  readonly encryptionKey?: dynamodb.TableProps['encryptionKey'];
}

/** An orchestration as the hub knows it. */
export interface HubOrchestration {
  /** Its name, for example the construct's id; the hub shows it in kebab-case. */
  readonly name: string;
  /** A state machine of this app, which gets its name of the hub unless it has one, or one whose name begins with the hub's `machinePrefix`. */
  readonly stateMachine: sfn.IStateMachine;
  /** What it waits for by the hub's functions, which may then answer it. @default - both, since the hub doesn't see into a plain state machine */
  readonly waitsFor?: readonly AwaitedKind[];
}

/** What a Lambda with a `DurableClient` may start. */
export interface GrantClientOptions {
  /**
   * Orchestrations that it may start, by the name that it starts them with. It may follow and steer the instances of these alone; with none (`{}`) of none at all.
   * @default - every orchestration of the hub
   */
  readonly orchestrations?: Readonly<Record<string, { readonly stateMachine: sfn.IStateMachine }>>;
}

const DOMAIN = others('a mapping of a domain, `{ domainName }`');
const CONCURRENCY: Checks<HubConcurrency> = {
  followStatus: whole(1),
  awaitEvent: whole(1),
  askApproval: whole(1),
  decideApproval: whole(1),
};
const STATE_MACHINE = like('a state machine', 'stateMachineArn');

/** What the options of a hub take. */
export const TASK_HUB: Checks<TaskHubProps> = {
  retention: SPAN,
  healAfter: SPAN,
  mail: like('a `Mail`', 'bind', 'by'),
  approvalDomain: DOMAIN,
  approvalUrl: text('an address'),
  recordVisitors: FLAG,
  showDecidedFor: SPAN,
  reservedConcurrency: options(CONCURRENCY),
  removalPolicy: oneOf(...Object.values(RemovalPolicy)),
  deletionProtection: FLAG,
  encryptionKey: like('a key of KMS', 'keyArn'),
};

/** What a state machine is added to a hub with. */
export const HUB_ORCHESTRATION: Checks<HubOrchestration> = {
  name: needed(text('a name')),
  stateMachine: needed(STATE_MACHINE),
  waitsFor: listOf(oneOf('events', 'approvals')),
};

/** What a client of a hub is granted with. */
export const GRANT_CLIENT: Checks<GrantClientOptions> = {
  orchestrations: recordOf(needed(like('an orchestration', 'stateMachine'))),
};
