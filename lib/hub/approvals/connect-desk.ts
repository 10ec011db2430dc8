import { randomBytes } from 'node:crypto';
import { APPROVAL_ENVIRONMENT } from '../../contract/approval-environment';
import { DurableStepsError } from '../../errors';
import { connectHub } from '../connect';
import { connectMailer, readTemplates } from '../mail/connect-mailer';
import type { ApprovalDesk } from './approval-desk';

/** The approval desk of a Lambda: settings from the environment, opened once per process. */
export function connectDesk(): ApprovalDesk {
  return {
    hub: connectHub(),
    mailer: connectMailer(JSON.parse(read('mail'))),
    templates: readTemplates(process.env[APPROVAL_ENVIRONMENT.mailTemplates]),
    baseUrl: read('baseUrl').replace(/\/+$/, ''),
    newSeed: () => randomBytes(32).toString('base64url'),
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
