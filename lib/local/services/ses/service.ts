import { randomUUID } from 'node:crypto';
import type { JsonObject } from '../../../asl/language/json.js';
import type { Resource } from '../../../assembly/model.js';
import {
  type Caller,
  type Cloud,
  type CloudService,
  renderJson,
  ServiceError,
  type ServiceRequest,
  type ServiceResponse,
} from '../../cloud/service.js';
import { mailboxOf } from '../mailbox/mailbox-service.js';
import { readJsonBody, unsupportedOperation } from '../protocol/aws-json.js';
import { readQueryCall, renderQueryAnswer, renderQueryError } from '../protocol/query-protocol.js';
import { addressOf, type OutgoingMail, readSendEmailV1, readSendEmailV2, readSendRawEmailV1 } from './outgoing-mail.js';

const V1_NAMESPACE = 'http://ses.amazonaws.com/doc/2010-12-01/';
const V2_SEND = '/v2/email/outbound-emails';

/**
 * Amazon SES: mails go to the mailbox instead of to their recipients.
 *
 * SendEmail of the v2 API (simple and raw content) and SendEmail and SendRawEmail of v1. IAM is checked on the sender's address, then on its domain.
 * When the template has identities, the sender must be one of them, as on AWS; without any, every sender is taken for verified. There is no sandbox.
 */
export class SesService implements CloudService {
  readonly names = ['ses', 'sesv2'];
  readonly resourceTypes = ['AWS::SES::EmailIdentity', 'AWS::SES::ConfigurationSet'];
  private readonly identities = new Set<string>();

  constructor(private readonly cloud: Cloud) {}

  deploy(resource: Resource): void {
    if (resource.type === 'AWS::SES::EmailIdentity') this.identities.add(resource.ref.toLowerCase());
  }

  async handle(request: ServiceRequest): Promise<ServiceResponse> {
    if (!request.path.startsWith('/v2/')) return this.handleV1(request);
    if (request.method !== 'POST' || request.path !== V2_SEND) {
      throw unsupportedOperation('ses', `${request.method} ${request.path}`);
    }
    return renderJson(this.send(readSendEmailV2(readJsonBody(request)), request.caller), 200, 'application/json');
  }

  renderError(error: ServiceError, { path }: ServiceRequest): ServiceResponse {
    if (!path.startsWith('/v2/')) return renderQueryError(error);
    const { status, name, message } = error;
    const headers = { 'content-type': 'application/json', 'x-amzn-errortype': name };
    return { status, headers, body: JSON.stringify({ message }) };
  }

  supports(action: string): string | undefined {
    return action === 'sendEmail' || action === 'sendRawEmail'
      ? undefined
      : `the local cloud doesn't run ses:${action}`;
  }

  async call(action: string, parameters: JsonObject, caller: Caller): Promise<JsonObject> {
    if (action === 'sendRawEmail') return this.send(readSendRawEmailV1(parameters), caller);
    return this.send('Source' in parameters ? readSendEmailV1(parameters) : readSendEmailV2(parameters), caller);
  }

  private handleV1(request: ServiceRequest): ServiceResponse {
    const { action, parameters } = readQueryCall(request);
    if (action !== 'SendEmail' && action !== 'SendRawEmail') throw unsupportedOperation('ses', action);
    const mail = action === 'SendEmail' ? readSendEmailV1(parameters) : readSendRawEmailV1(parameters);
    return renderQueryAnswer(action, V1_NAMESPACE, this.send(mail, request.caller));
  }

  private send(mail: OutgoingMail, caller: Caller): JsonObject {
    this.authorize(mail, caller);
    this.checkSender(mail.from);
    const { raw: _, ...shown } = mail;
    mailboxOf(this.cloud).deliver({ ...shown, sentAt: new Date(this.cloud.clock.now()).toISOString() });
    return { MessageId: `${randomUUID()}-000000` };
  }

  /** A grant on the address or on its domain is enough, whichever of them is the verified identity. */
  private authorize({ from, to, raw }: OutgoingMail, caller: Caller): void {
    const { partition, region, accountId } = this.cloud;
    const [address, domain] = identitiesOf(from);
    const access = (identity: string) => ({
      caller,
      action: raw ? 'ses:SendRawEmail' : 'ses:SendEmail',
      resource: `arn:${partition}:ses:${region}:${accountId}:identity/${identity}`,
      context: { 'ses:FromAddress': address, 'ses:Recipients': to.map(addressOf) },
    });
    try {
      this.cloud.authorize(access(address));
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      try {
        this.cloud.authorize(access(domain));
      } catch {
        throw error;
      }
    }
  }

  private checkSender(from: string): void {
    if (this.identities.size === 0 || identitiesOf(from).some((one) => this.identities.has(one))) return;
    throw new ServiceError(
      'MessageRejected',
      `Email address is not verified. The following identities failed the check in region ${this.cloud.region.toUpperCase()}: ${addressOf(from)}`,
    );
  }
}

/** The address and the domain of a sender, in lower case. */
function identitiesOf(from: string): readonly [string, string] {
  const address = addressOf(from).toLowerCase();
  return [address, address.slice(address.indexOf('@') + 1)];
}
