/** What a raw mail says, as far as the mailbox shows it. */
export interface MimeMail {
  readonly from?: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text?: string;
  readonly html?: string;
}

interface Part {
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

/** Reads a raw mail (RFC 5322 and MIME): addresses, subject, and the first text and HTML parts at any depth; attachments are left out. */
export function parseMime(raw: Buffer): MimeMail {
  const part = readPart(raw);
  const leaves = leavesOf(part).filter(({ headers }) => !/^attachment/i.test(headers.get('content-disposition') ?? ''));
  const text = leaves.find((leaf) => typeOf(leaf).startsWith('text/plain'));
  const html = leaves.find((leaf) => typeOf(leaf).startsWith('text/html'));
  const from = part.headers.get('from');
  return {
    ...(from === undefined ? {} : { from: decodeWords(from) }),
    to: ['to', 'cc', 'bcc'].flatMap((name) => addressesOf(part.headers.get(name))),
    subject: decodeWords(part.headers.get('subject') ?? ''),
    ...(text === undefined ? {} : { text: decodeBody(text) }),
    ...(html === undefined ? {} : { html: decodeBody(html) }),
  };
}

function readPart(raw: Buffer): Part {
  // Latin-1 keeps every byte, so that the body's bytes survive the split.
  const source = raw.toString('latin1');
  const [, head = source, body = ''] = /^([\s\S]*?)\r?\n\r?\n([\s\S]*)$/.exec(source) ?? [];
  const headers = new Map<string, string>();
  for (const line of head.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/)) {
    const colon = line.indexOf(':');
    const value = Buffer.from(line.slice(colon + 1).trim(), 'latin1').toString('utf8');
    if (colon > 0) headers.set(line.slice(0, colon).trim().toLowerCase(), value);
  }
  return { headers, body: Buffer.from(body, 'latin1') };
}

function typeOf({ headers }: Part): string {
  return headers.get('content-type')?.toLowerCase() ?? 'text/plain';
}

function leavesOf(part: Part): readonly Part[] {
  const contentType = part.headers.get('content-type') ?? '';
  const boundary = /boundary\s*=\s*(?:"([^"]+)"|([^\s;]+))/i.exec(contentType);
  if (!/^multipart\//i.test(contentType) || boundary === null) return [part];
  const pieces = part.body.toString('latin1').split(`--${boundary[1] ?? boundary[2]}`);
  return pieces.slice(1, -1).flatMap((piece) => {
    const trimmed = piece.replace(/^\r?\n/, '').replace(/\r?\n$/, '');
    return leavesOf(readPart(Buffer.from(trimmed, 'latin1')));
  });
}

function decodeBody({ headers, body }: Part): string {
  const encoding = headers.get('content-transfer-encoding')?.toLowerCase();
  const charset = /charset\s*=\s*"?([\w-]+)/i.exec(headers.get('content-type') ?? '')?.[1] ?? 'utf-8';
  if (encoding === 'base64') return decodeCharset(Buffer.from(body.toString('latin1'), 'base64'), charset);
  if (encoding === 'quoted-printable') return decodeCharset(decodeQuotedPrintable(body.toString('latin1')), charset);
  return decodeCharset(body, charset);
}

function decodeQuotedPrintable(text: string): Buffer {
  const joined = text.replace(/=\r?\n/g, '');
  return Buffer.from(
    joined.replace(/=([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  );
}

function decodeCharset(bytes: Buffer, charset: string): string {
  return bytes.toString(/^(iso-8859-1|latin1|us-ascii)$/i.test(charset) ? 'latin1' : 'utf8');
}

/** Encoded words: `=?utf-8?B?…?=` and `=?utf-8?Q?…?=`. */
function decodeWords(text: string): string {
  const joined = text.replace(/(\?=)\s+(=\?)/g, '$1$2');
  return joined.replace(/=\?([\w-]+)\?([bq])\?([^?]*)\?=/gi, (_, charset: string, kind: string, word: string) => {
    const bytes =
      kind.toLowerCase() === 'b' ? Buffer.from(word, 'base64') : decodeQuotedPrintable(word.replace(/_/g, ' '));
    return decodeCharset(bytes, charset);
  });
}

function addressesOf(header: string | undefined): readonly string[] {
  return (header ?? '')
    .split(/,(?=(?:[^"]*"[^"]*")*[^"]*$)/)
    .map((one) => decodeWords(one.trim()))
    .filter((one) => one !== '');
}
