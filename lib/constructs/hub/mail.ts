import { deflateRawSync } from 'node:zlib';
import { Stack, Token } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as ses from 'aws-cdk-lib/aws-ses';
import type * as sns from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import {
  MAIL_PLACEHOLDERS,
  type MailMessage,
  type MailSettings,
  type MailTemplate,
  type MailTemplates,
} from '../../contract/approval-environment.js';
import { DurableStepsError } from '../../errors.js';
import type { Step } from '../../flow/compiler/step.js';
import { type Checks, checkOption, checkOptions } from '../../options/check-options.js';
import { options as group, like, listOf, needed, text } from '../../options/kinds.js';

/** What every way of sending mail takes. */
export interface MailOptions {
  /**
   * Texts that replace the built-in ones, by occasion and part. `{{subject}}`, `{{details}}`, `{{requestedBy}}`, `{{approver}}`, `{{deadline}}` and `{{link}}` stand for
   * values, which are escaped in HTML. Text and HTML need the `{{link}}`. About 6 KB in total; beyond that let an activity send the mail.
   * @default - plain, well-behaved mails in English
   */
  readonly templates?: MailTemplates;
}

/** Options of {@link Mail.ses}. */
export interface SesMailOptions extends MailOptions {
  /** The sender: `workflows@example.com`, or `Workflows <workflows@example.com>`. */
  readonly from: string;
  /** Where answers to the mails go. @default - to the sender */
  readonly replyTo?: readonly string[];
  /**
   * Builds the sender's SES identity, for example `ses.Identity.publicHostedZone(zone)`. Mail goes out once it is verified: by DNS records, which a hosted zone gets by
   * itself, or by a link that SES mails to the address.
   * @default - the identity exists already
   */
  readonly identity?: ses.Identity;
  /** A configuration set of SES, for metrics and bounces. @default - none */
  readonly configurationSet?: string;
}

const TEMPLATE: Checks<MailTemplate> = { subject: text(), text: text(), html: text() };
const MAIL: Checks<MailOptions> = {
  templates: group({ request: group(TEMPLATE), reminder: group(TEMPLATE), escalation: group(TEMPLATE) }),
};
const SES: Checks<SesMailOptions> = {
  ...MAIL,
  from: needed(text('a mail address')),
  replyTo: listOf(text('a mail address')),
  identity: like('an `ses.Identity`', 'value'),
  configurationSet: text('the name of a configuration set'),
};

/** The part of an activity that sends mail which is needed here. */
export interface MailActivity extends Step<MailMessage, unknown> {
  readonly function: lambda.IFunction;
}

/** What a hub's function needs to send mail. */
export interface BoundMail {
  readonly settings: MailSettings;
  /** Packed templates for the environment. */
  readonly templates: string | undefined;
}

/** How a hub sends its mail: by Amazon SES, to an SNS topic, or by an activity of one's own. */
export abstract class Mail {
  /**
   * By Amazon SES: each approver gets a mail of their own, as text and as HTML.
   *
   * A new account is in SES's *sandbox*: mail goes to verified addresses only, 200 a day, until one asks for production access
   * (https://docs.aws.amazon.com/ses/latest/dg/request-production-access.html). A recipient that isn't verified is refused for good: the
   * others decide, and the step fails with `ApproversUnreachable` once they are too few.
   *
   * @example new TaskHub(this, 'Hub', { mail: Mail.ses({ from: 'workflows@example.com' }) })
   */
  static ses(options: SesMailOptions): Mail {
    checkOptions('Mail.ses', options, SES);
    return new SesMail(options);
  }

  /**
   * To an SNS topic, one message an approver with the message attribute `approver`: give each subscription a filter policy on it, or everybody gets everybody's link. Mail
   * subscriptions have to be confirmed by the recipient first. Text only.
   *
   * @example topic.addSubscription(new EmailSubscription('ann@example.com', { filterPolicy: { approver: sns.SubscriptionFilter.stringFilter({ allowlist: ['ann'] }) } }));
   */
  static sns(topic: sns.ITopic, options: MailOptions = {}): Mail {
    checkOption('Mail.sns.topic', topic, needed(like('a topic of SNS', 'topicArn')));
    checkOptions('Mail.sns', options, MAIL);
    return new SnsMail(topic, options);
  }

  /**
   * By an activity of one's own, which gets a `MailMessage` for each approver: for another mail provider, or a chat. Give `idempotencyKey` to a provider that
   * sends once per key. An error named `RecipientRefused` says that this approver can't ever be reached; after any other the mail is tried again.
   */
  static activity(activity: MailActivity, options: MailOptions = {}): Mail {
    checkOption('Mail.activity.activity', activity, needed(like('an Activity', 'function')));
    checkOptions('Mail.activity', options, MAIL);
    return new ActivityMail(activity, options);
  }

  /** @internal Which function asks: each carries the AWS client of its own way alone. */
  abstract readonly by: MailSettings['by'];

  protected constructor(private readonly options: MailOptions) {}

  /** @internal Lets a function send, and gives what it must know. */
  bind(scope: Construct, sender: lambda.Function): BoundMail {
    const { templates } = this.options;
    return {
      settings: this.connect(scope, sender),
      templates: templates === undefined ? undefined : packTemplates(scope, templates),
    };
  }

  protected abstract connect(scope: Construct, sender: lambda.Function): MailSettings;
}

class SesMail extends Mail {
  override readonly by = 'ses';

  constructor(private readonly ses: SesMailOptions) {
    super(ses);
    for (const [where, address] of [
      ['from', addressOf(ses.from)],
      ...(ses.replyTo ?? []).map((one) => ['replyTo', addressOf(one)]),
    ] as const) {
      if (Token.isUnresolved(address) || /^[^\s<>@]+@[^\s<>@]+$/.test(address!)) continue;
      throw new DurableStepsError('InvalidOption', {
        where: `Mail.ses.${where}`,
        expected: 'a mail address, for example `workflows@example.com` or `Workflows <workflows@example.com>`',
        got: `\`${address}\``,
      });
    }
  }

  /** In the sandbox SES checks the grant on the recipient's identity too, so the sender's address is what bounds it. */
  protected override connect(scope: Construct, sender: lambda.Function): MailSettings {
    const { from, replyTo, identity, configurationSet } = this.ses;
    if (identity !== undefined) new ses.EmailIdentity(scope, 'Sender', { identity });
    const stack = Stack.of(scope);
    const arn = (resource: string, resourceName: string) => stack.formatArn({ service: 'ses', resource, resourceName });
    sender.addToRolePolicy(
      new iam.PolicyStatement({
        actions: ['ses:SendEmail'],
        resources: [
          arn('identity', '*'),
          ...(configurationSet === undefined ? [] : [arn('configuration-set', configurationSet)]),
        ],
        conditions: { StringEquals: { 'ses:FromAddress': addressOf(from) } },
      }),
    );
    return {
      by: 'ses',
      from,
      ...(replyTo !== undefined && { replyTo }),
      ...(configurationSet !== undefined && { configurationSet }),
    };
  }
}

class SnsMail extends Mail {
  override readonly by = 'sns';

  constructor(
    private readonly topic: sns.ITopic,
    options: MailOptions,
  ) {
    super(options);
  }

  protected override connect(_scope: Construct, sender: lambda.Function): MailSettings {
    this.topic.grantPublish(sender);
    return { by: 'sns', topicArn: this.topic.topicArn };
  }
}

class ActivityMail extends Mail {
  override readonly by = 'function';

  constructor(
    private readonly activity: MailActivity,
    options: MailOptions,
  ) {
    super(options);
  }

  protected override connect(_scope: Construct, sender: lambda.Function): MailSettings {
    this.activity.function.grantInvoke(sender);
    return { by: 'function', functionName: this.activity.function.functionArn };
  }
}

/** The bare address of `Name <address>`. */
function addressOf(mailbox: string): string {
  return /<([^<>]*)>\s*$/.exec(mailbox)?.[1] ?? mailbox;
}

/** Of the 4 KB that a function's environment may hold. */
const MOST_PACKED = 2_800;

function packTemplates(scope: Construct, templates: MailTemplates): string {
  for (const [kind, template] of Object.entries(templates)) {
    for (const [part, text] of Object.entries(template ?? {}))
      checkTemplate(`Mail.templates.${kind}.${part}`, part, text);
  }
  const packed = deflateRawSync(JSON.stringify(templates), { level: 9 }).toString('base64');
  if (packed.length <= MOST_PACKED) return packed;
  throw new DurableStepsError('InvalidOption', {
    where: `${scope.node.path}: Mail.templates`,
    expected: `templates of at most ${MOST_PACKED} bytes once compressed`,
    got: `${packed.length}`,
    fix: 'shorten them, or send the mail with `Mail.activity`',
  });
}

function checkTemplate(where: string, part: string, text: string): void {
  const known: readonly string[] = MAIL_PLACEHOLDERS;
  for (const [placeholder, name = ''] of text.matchAll(/\{\{\s*([^{}]*?)\s*\}\}/g)) {
    if (known.includes(name)) continue;
    throw new DurableStepsError('InvalidOption', {
      where,
      expected: `placeholders among ${known.map((one) => `{{${one}}}`).join(', ')}`,
      got: placeholder,
    });
  }
  if (part === 'subject' || /\{\{\s*link\s*\}\}/.test(text)) return;
  throw new DurableStepsError('InvalidOption', {
    where,
    expected: 'a text with `{{link}}`, without which nobody can decide',
    got: 'one without',
  });
}
