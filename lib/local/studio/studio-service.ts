import { randomBytes } from 'node:crypto';
import { exactJsonText } from '../../asl/language/exact-json.js';
import { isJsonObject, tryParseJson } from '../../asl/language/json.js';
import { RealClock } from '../../clock.js';
import { type CloudService, ServiceError, type ServiceRequest, type ServiceResponse } from '../cloud/service.js';
import type { HubClients } from '../hubs/hub-clients.js';
import { Actions } from './actions.js';
import { describeClock, moveClock } from './clock-moves.js';
import { refusalOf } from './guard.js';
import { Logs } from './logs.js';
import { GUARDED_HEADERS, renderAsset, renderStudioPage } from './page.js';
import { Reads } from './reads.js';
import { Runs } from './runs.js';
import type { StudioCloud } from './studio-cloud.js';
import { withoutTokens } from './task-tokens.js';

/** News are told at most this often. */
const NUDGE_MS = 100;

/**
 * Studio on the local cloud: its page, and what the page reads and does (`lib/contract/studio.ts`), below `/studio`.
 *
 * It answers on its own origin only (`guard.ts`), and task tokens leave it in no answer.
 */
export class StudioService implements CloudService {
  readonly names = ['studio'];
  readonly pages = { studio: (request: ServiceRequest) => this.answer(request) };
  private readonly token = randomBytes(24).toString('base64url');
  private readonly runs: Runs;
  private readonly reads: Reads;
  private readonly actions: Actions;
  private readonly machine = new RealClock();
  private hubClients: { readonly of: StudioCloud['assembly']; readonly clients: HubClients } | undefined;

  constructor(private readonly cloud: StudioCloud) {
    this.runs = new Runs(cloud);
    const hasHub = (arn: string): boolean => this.hubs.has(arn);
    this.reads = new Reads(cloud, this.runs, new Logs(cloud), hasHub);
    this.actions = new Actions(cloud, this.runs, () => this.hubs);
  }

  /** The page, for whoever opens the cloud's address. */
  page(): Promise<ServiceResponse> {
    return renderStudioPage(this.token);
  }

  /** Tells open pages that the app is another, or that it can't be. */
  tellVersion(): void {
    this.runs.tell();
  }

  close(): void {
    this.machine.close();
    this.hubClients?.clients.close();
  }

  private async answer(request: ServiceRequest): Promise<ServiceResponse> {
    const refusal = refusalOf(request, this.cloud.endpoint, this.token);
    if (refusal !== undefined) return refusal;
    const parts = request.path.split('/').slice(2).map(decode);
    if (parts[0] === 'assets') return (await renderAsset(parts[1], request.query)) ?? notFound(request);
    if (parts[0] === 'stream') return this.stream();
    const answer = request.method === 'POST' ? await this.write(parts, request) : this.read(parts, request);
    return answer === undefined ? notFound(request) : renderAnswer(answer);
  }

  private read(
    [first = '', key = '', third, id, last]: readonly string[],
    { query }: ServiceRequest,
  ): object | undefined {
    if (first === 'config') return this.reads.config();
    if (first === 'clock') return describeClock(this.cloud.clock);
    if (first === 'changes') return this.runs.changes(query.get('since') ?? undefined);
    if (first === 'orchestrations' && third === 'graph') return this.reads.definition(key);
    if (first !== 'instances') return undefined;
    if (key === '') return this.reads.list(query);
    if (key === 'counts') return this.runs.counts();
    if (third === undefined) return this.reads.instance(key);
    if (third === 'graph') return this.reads.definitionOf(key);
    if (third === 'logs') return this.reads.logsOf(key, query);
    if (third === 'events' && id === undefined) return this.reads.events(key, query);
    return third === 'events' && last === 'data' ? this.reads.data(key, Number(id)) : undefined;
  }

  private async write([first, key = '', action = '']: readonly string[], { body }: ServiceRequest) {
    const given = tryParseJson(body.toString('utf8') || '{}');
    if (!isJsonObject(given)) throw new ServiceError('InvalidJson', 'The body must be a JSON object.', 400);
    if (first === 'clock') return moveClock(this.cloud.clock, given);
    if (first === 'orchestrations' && action === 'start') return this.actions.start(key, given);
    return first === 'instances' ? this.actions.act(this.reads.run(key), action, given) : undefined;
  }

  /** Server-sent events that only say that something changed: what, is asked by the one way there is. */
  private stream(): ServiceResponse {
    return {
      status: 200,
      headers: { ...GUARDED_HEADERS, 'content-type': 'text/event-stream' },
      stream: (write) => {
        let cancel: (() => void) | undefined;
        const nudge = (): void => {
          cancel = undefined;
          write('event: changed\ndata: {}\n\n');
        };
        const unwatch = this.runs.watch(() => {
          cancel ??= this.machine.at(this.machine.now() + NUDGE_MS, nudge);
        });
        write(': hello\n\n');
        return () => {
          unwatch();
          cancel?.();
        };
      },
    };
  }

  private get hubs(): HubClients {
    const { assembly } = this.cloud;
    if (this.hubClients?.of === assembly) return this.hubClients.clients;
    this.hubClients?.clients.close();
    // Loaded when first needed: the AWS clients under it would slow every start of a local cloud.
    const { HubClients: Clients } = require('../hubs/hub-clients.js') as typeof import('../hubs/hub-clients.js');
    const credentials = { accessKeyId: 'studio', secretAccessKey: 'studio' };
    const { endpoint, region, clock } = this.cloud;
    const aws = { endpoint, region, credentials, forcePathStyle: true } as const;
    const clients = new Clients(this.cloud.functions.configs, aws, () => clock.now());
    this.hubClients = { of: assembly, clients };
    return clients;
  }
}

function renderAnswer(answer: object): ServiceResponse {
  return {
    status: 200,
    headers: { ...GUARDED_HEADERS, 'content-type': 'application/json' },
    body: withoutTokens(exactJsonText(answer)),
  };
}

function notFound({ method, path }: ServiceRequest): ServiceResponse {
  const body = JSON.stringify({ message: `Nothing answers ${method} ${path} here.` });
  return { status: 404, headers: { ...GUARDED_HEADERS, 'content-type': 'application/json' }, body };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new ServiceError('InvalidPath', 'The path is not percent-encoded.', 400);
  }
}
