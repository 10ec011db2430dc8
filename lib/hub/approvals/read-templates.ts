import { inflateRawSync } from 'node:zlib';
import type { MailTemplates } from '../../contract/approval-environment.js';

/** Reads templates as the constructs put them into the environment. */
export function readTemplates(packed: string | undefined): MailTemplates {
  return packed === undefined ? {} : JSON.parse(inflateRawSync(Buffer.from(packed, 'base64')).toString());
}
