import { randomUUID } from 'node:crypto';
import type { JsonObject } from '../../../asl/language/json.js';
import type { Resource } from '../../../assembly/model.js';
import { type Caller, type Cloud, type CloudService, ServiceError } from '../../cloud/service.js';
import { mailboxOf } from '../mailbox/mailbox-service.js';
import { queryProtocol } from '../protocol/query-protocol.js';
import { restJson } from '../protocol/rest-json.js';
import { choose, OperationsApi } from '../protocol/service-api.js';
import { addressOf, type OutgoingMail, readSendEmailV1, readSendEmailV2, readSendRawEmailV1 } from './outgoing-mail.js';

const V1 = queryProtocol('http://ses.amazonaws.com/doc/2010-12-01/');
const V2 = restJson({ 'POST /v2/email/outbound-emails': 'SendEmail' });

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
  readonly api: OperationsApi;

  constructor(private readonly cloud: Cloud) {
    this.api = new OperationsApi(cloud, {
      service: 'ses',
      protocol: choose(({ path }) => (path.startsWith('/v2/') ? V2 : V1)),
      operations: {
        // A grant on either of two identities is enough, so the operation asks by itself.
        SendEmail: { access: 'run', run: (body, caller) => this.send(readSendEmail(body), caller) },
        SendRawEmail: { access: 'run', run: (body, caller) => this.send(readSendRawEmailV1(body), caller) },
      },
      tasks: {
        sendEmail: (parameters, caller) => this.api.perform('SendEmail', parameters, caller),
        sendRawEmail: (parameters, caller) => this.api.perform('SendRawEmail', parameters, caller),
      },
    });
  }

  deploy(resource: Resource): void {
    if (resource.type === 'AWS::SES::EmailIdentity') this.identities.add(resource.ref.toLowerCase());
  }

  remove(resource: Resource): void {
    if (resource.type === 'AWS::SES::EmailIdentity') this.identities.delete(resource.ref.toLowerCase());
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

/** Both versions of the API have a SendEmail; only the first names a `Source`. */
function readSendEmail(body: JsonObject): OutgoingMail {
  return 'Source' in body ? readSendEmailV1(body) : readSendEmailV2(body);
}

/** The address and the domain of a sender, in lower case. */
function identitiesOf(from: string): readonly [string, string] {
  const address = addressOf(from).toLowerCase();
  return [address, address.slice(address.indexOf('@') + 1)];
}
