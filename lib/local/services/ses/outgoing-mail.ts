import { isJsonArray, isJsonObject, type Json, type JsonObject } from '../../../asl/language/json.js';
import { ServiceError } from '../../cloud/service.js';
import { parseMime } from '../mailbox/mime.js';

/** A mail as a request describes it. */
export interface OutgoingMail {
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text?: string;
  readonly html?: string;
  /** Sent as raw bytes, which IAM distinguishes. */
  readonly raw: boolean;
}

/** Reads SES v2's SendEmail: simple and raw content; templates are refused by name. */
export function readSendEmailV2(body: JsonObject): OutgoingMail {
  const content = objectOf(body['Content']);
  const to = recipientsOf(body['Destination']);
  const from = typeof body['FromEmailAddress'] === 'string' ? body['FromEmailAddress'] : undefined;
  if (isJsonObject(content['Raw'])) return readRaw(content['Raw'], from, to);
  if (isJsonObject(content['Simple'])) return readSimple(content['Simple'], from, to);
  const [kind = 'nothing'] = Object.keys(content);
  throw refusal(`The local cloud sends Simple and Raw content, not ${kind}.`);
}

/** Reads SES v1's SendEmail. */
export function readSendEmailV1(body: JsonObject): OutgoingMail {
  const from = typeof body['Source'] === 'string' ? body['Source'] : undefined;
  return readSimple(objectOf(body['Message']), from, recipientsOf(body['Destination']));
}

/** Reads SES v1's SendRawEmail. */
export function readSendRawEmailV1(body: JsonObject): OutgoingMail {
  const from = typeof body['Source'] === 'string' ? body['Source'] : undefined;
  return readRaw(objectOf(body['RawMessage']), from, stringsOf(body['Destinations']));
}

function readSimple(message: JsonObject, from: string | undefined, to: readonly string[]): OutgoingMail {
  const body = objectOf(message['Body']);
  const text = tryData(body['Text']);
  const html = tryData(body['Html']);
  if (text === undefined && html === undefined) throw refusal('Missing required member: Body needs Text or Html.');
  return checked(from, to, {
    subject: tryData(message['Subject']) ?? '',
    ...(text === undefined ? {} : { text }),
    ...(html === undefined ? {} : { html }),
    raw: false,
  });
}

function readRaw(raw: JsonObject, from: string | undefined, to: readonly string[]): OutgoingMail {
  if (typeof raw['Data'] !== 'string') throw refusal('Missing required member: Raw.Data.');
  const { from: own, to: recipients, ...mail } = parseMime(Buffer.from(raw['Data'], 'base64'));
  return checked(from ?? own, to.length > 0 ? to : recipients, { ...mail, raw: true });
}

function checked(
  from: string | undefined,
  to: readonly string[],
  rest: Omit<OutgoingMail, 'from' | 'to'>,
): OutgoingMail {
  if (from === undefined || addressOf(from) === '') throw refusal('Missing or malformed sender address.');
  if (to.length === 0) throw refusal('A mail needs at least one recipient.');
  if (to.length > 50) throw refusal('Recipient count exceeds 50.');
  const malformed = to.find((one) => !/^[^\s@<>]+@[^\s@<>]+$/.test(addressOf(one)));
  if (malformed !== undefined) throw refusal(`Malformed recipient address: ${malformed}`);
  return { from, to, ...rest };
}

/** The bare address in `Name <address>`. */
export function addressOf(mailbox: string): string {
  return (/<([^>]*)>\s*$/.exec(mailbox)?.[1] ?? mailbox).trim();
}

function recipientsOf(destination: Json | undefined): readonly string[] {
  const { ToAddresses, CcAddresses, BccAddresses } = objectOf(destination);
  return [ToAddresses, CcAddresses, BccAddresses].flatMap(stringsOf);
}

function stringsOf(value: Json | undefined): readonly string[] {
  return isJsonArray(value) ? value.map(String) : [];
}

function tryData(value: Json | undefined): string | undefined {
  return isJsonObject(value) && typeof value['Data'] === 'string' ? value['Data'] : undefined;
}

function objectOf(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

function refusal(message: string): ServiceError {
  return new ServiceError('BadRequestException', message);
}
