import { randomBytes } from 'node:crypto';
import { APPROVAL_ENVIRONMENT, type MailSettings } from '../../contract/approval-environment.js';
import { DurableStepsError } from '../../errors.js';
import { connectHub } from '../connect.js';
import type { Mailer } from '../mail/mailer.js';
import type { ApprovalDependencies } from './approval-desk.js';
import { readTemplates } from './read-templates.js';

/** What the settings hold for one way of sending mail. */
export type MailSettingsBy<By extends MailSettings['by']> = Extract<MailSettings, { readonly by: By }>;

/** The approval desk of a Lambda: settings from the environment, opened once per process. */
export function connectDesk<By extends MailSettings['by']>(
  connectMailer: (settings: MailSettingsBy<By>) => Mailer,
): ApprovalDependencies {
  return {
    hub: connectHub(),
    mailer: connectMailer(JSON.parse(read('mail'))),
    templates: readTemplates(process.env[APPROVAL_ENVIRONMENT.mailTemplates]),
    baseUrl: read('baseUrl').replace(/\/+$/, ''),
    newLinkId: () => randomBytes(32).toString('base64url'),
  };
}

function read(name: keyof typeof APPROVAL_ENVIRONMENT): string {
  const value = process.env[APPROVAL_ENVIRONMENT[name]];
  if (value !== undefined && value !== '') return value;
  throw new DurableStepsError('MissingEnvironment', {
    where: APPROVAL_ENVIRONMENT[name],
    expected: 'a value from the task hub',
    got: 'nothing',
    fix: 'configure `mail` on the task hub',
  });
}
