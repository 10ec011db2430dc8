/**
 * The one door of the local cloud: a loopback HTTP server.
 *
 * It knows HTTP and who may knock, nothing of services. Invariants:
 * 1. it binds to 127.0.0.1 and answers only to local host names, so a page that rebinds its DNS name reaches nothing;
 * 2. every request is answered, also when a handler throws.
 */
import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { DurableStepsError } from '../../errors.js';
import type { ServiceResponse } from './service.js';

/** A request, read whole. */
export interface HttpRequest {
  readonly method: string;
  /** The path as sent, still percent-encoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Names in lower case; a header sent twice is joined with a comma. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Answers a request; never rejects for the client's faults. */
export type HttpHandler = (request: HttpRequest) => Promise<ServiceResponse>;

/** More than any AWS API but S3 takes, and as much as memory should hold. */
const MAX_BODY_BYTES = 256 * 1024 * 1024;

/** The names under which a machine reaches itself; `sync-` is the SDK's, for StartSyncExecution. */
const LOCAL_HOST = /^(localhost|(?:sync-)?127\.0\.0\.1|\[::1\]|([a-z0-9_.-]+\.)localhost)(:\d+)?$/i;

/** Whether a `Host` header or the host of an `Origin` names this machine. */
export function isLocalHost(host: string): boolean {
  return LOCAL_HOST.test(host);
}

/** A server on 127.0.0.1. */
export class HttpServer {
  private readonly server: Server;

  private constructor(handler: HttpHandler) {
    this.server = createServer({ keepAliveTimeout: 60_000 }, (incoming, outgoing) => {
      void answer(incoming, outgoing, handler);
    });
  }

  /** Binds the port; 0 picks a free one. Throws a `DurableStepsError` when the port is taken. */
  static async bind(port: number, handler: HttpHandler): Promise<HttpServer> {
    const server = new HttpServer(handler);
    await server.listen(port);
    return server;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
    });
  }

  private listen(port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.server.once('error', (error: NodeJS.ErrnoException) => reject(refusePort(port, error)));
      this.server.listen(port, '127.0.0.1', () => resolve());
    });
  }
}

function refusePort(port: number, error: NodeJS.ErrnoException): DurableStepsError {
  const reasons: Readonly<Record<string, string>> = {
    EADDRINUSE: 'a port that is taken',
    EACCES: 'a port that this user may not open',
  };
  return new DurableStepsError('PortUnavailable', {
    where: `port ${port}`,
    expected: 'a free port',
    got: reasons[error.code ?? ''] ?? error.message,
    fix: 'choose another with --port, or 0 for any free one',
  });
}

async function answer(incoming: IncomingMessage, outgoing: ServerResponse, handler: HttpHandler): Promise<void> {
  try {
    const host = incoming.headers.host ?? '';
    if (!isLocalHost(host)) return send(outgoing, refuseHost(host));
    const body = await readBody(incoming);
    send(outgoing, body === undefined ? tooLarge() : await handler(readRequest(incoming, body)));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    send(outgoing, { status: 500, headers: JSON_TYPE, body: JSON.stringify({ __type: 'InternalFailure', message }) });
  }
}

function readRequest(incoming: IncomingMessage, body: Buffer): HttpRequest {
  const [path = '/', query = ''] = splitOnce(incoming.url ?? '/', '?');
  const headers = Object.entries(incoming.headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value] as const],
  );
  return {
    method: incoming.method ?? 'GET',
    path,
    query: new URLSearchParams(query),
    headers: Object.fromEntries(headers),
    body,
  };
}

async function readBody(incoming: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function send(outgoing: ServerResponse, { status, headers = {}, body = '', stream }: ServiceResponse): void {
  if (outgoing.headersSent || outgoing.destroyed) return;
  if (stream !== undefined) {
    outgoing.writeHead(status, { ...headers } as OutgoingHttpHeaders);
    outgoing.on(
      'close',
      stream((text) => void outgoing.write(text)),
    );
    return;
  }
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  const all: OutgoingHttpHeaders = { 'content-length': bytes.length };
  for (const [name, value] of Object.entries(headers))
    all[name.toLowerCase()] = typeof value === 'string' ? value : [...value];
  outgoing.writeHead(status, all);
  outgoing.end(bytes);
}

const JSON_TYPE = { 'content-type': 'application/json' };

function refuseHost(host: string): ServiceResponse {
  const message = `The local cloud answers to local host names only, not to "${host}". Use http://127.0.0.1 or http://localhost.`;
  return { status: 403, headers: JSON_TYPE, body: JSON.stringify({ __type: 'ForbiddenHost', message }) };
}

function tooLarge(): ServiceResponse {
  const message = `The request body is larger than ${MAX_BODY_BYTES} bytes.`;
  return {
    status: 413,
    headers: { ...JSON_TYPE, connection: 'close' },
    body: JSON.stringify({ __type: 'RequestTooLarge', message }),
  };
}

function splitOnce(text: string, separator: string): readonly [string, string] {
  const index = text.indexOf(separator);
  return index < 0 ? [text, ''] : [text.slice(0, index), text.slice(index + 1)];
}
