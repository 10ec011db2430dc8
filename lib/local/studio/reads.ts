import { tryParseJson } from '../../asl/language/json.js';
import type {
  StudioConfig,
  StudioDefinition,
  StudioEventData,
  StudioEventsPage,
  StudioInstance,
  StudioLogs,
  StudioOrchestration,
  StudioRow,
  StudioWait,
} from '../../contract/studio.js';
import type { Execution } from '../../engine/model/execution.js';
import { encodeEvents } from '../../studio/model/events-page.js';
import { graphOf } from '../../studio/model/graph.js';
import { Trace, type TraceSpan } from '../../studio/model/trace.js';
import { ServiceError } from '../cloud/service.js';
import { describeClock } from './clock-moves.js';
import { eventData } from './event-data.js';
import type { Logs } from './logs.js';
import type { Run, Runs } from './runs.js';
import type { StudioCloud } from './studio-cloud.js';
import { traceEvent } from './trace-events.js';

/** The most events in one answer. */
const MOST_EVENTS = 5_000;
const MOST_ROWS = 100;

/** What Studio's page reads. */
export class Reads {
  constructor(
    private readonly cloud: StudioCloud,
    private readonly runs: Runs,
    private readonly logs: Logs,
    private readonly hasHub: (stateMachineArn: string) => boolean,
  ) {}

  config(): StudioConfig {
    const { apis, endpoint } = this.cloud.listen();
    return {
      v: 1,
      product: 'durable-steps',
      host: 'local',
      capabilities: ['start', 'raise', 'terminate', 'rewind', 'restart', 'bulk', 'logs', ...this.clockCapability],
      data: 'full',
      orchestrations: this.cloud.orchestrations.map((one) => this.orchestration(one)),
      root: process.cwd(),
      poll: { listMs: 1_000, instanceMs: 1_000 },
      connect: { endpoint, region: this.cloud.region, apis },
    };
  }

  private get clockCapability(): readonly ['clock'] | readonly [] {
    return describeClock(this.cloud.clock).mode === 'virtual' ? ['clock'] : [];
  }

  /** A page of the list, the newest first. */
  list(query: URLSearchParams): { readonly rows: readonly StudioRow[]; readonly cursor?: string } {
    const statuses = query.getAll('status');
    const names = query.getAll('name');
    const q = query.get('q') ?? '';
    const from = Number(query.get('cursor') ?? 0) || 0;
    const limit = Math.min(Number(query.get('limit')) || MOST_ROWS, MOST_ROWS);
    const found = this.runs.all
      .toReversed()
      .map((run) => this.runs.row(run))
      .filter(
        ({ status, name, id }) =>
          (statuses.length === 0 || statuses.includes(status)) &&
          (names.length === 0 || names.includes(name)) &&
          id.startsWith(q),
      );
    const more = found.length > from + limit;
    return { rows: found.slice(from, from + limit), ...(more ? { cursor: String(from + limit) } : {}) };
  }

  definition(name: string): StudioDefinition {
    const found = this.cloud.orchestrations.find(({ stateMachineArn }) => this.runs.nameOf(stateMachineArn) === name);
    if (found === undefined) throw notFound(`orchestration "${name}"`);
    return this.render(this.cloud.stepFunctions.describeStateMachine(found).definition);
  }

  /** The definition that a run began with, whatever was deployed since. */
  definitionOf(key: string): StudioDefinition {
    return this.render(this.execution(key).machine.definition);
  }

  instance(key: string): StudioInstance {
    const run = this.run(key);
    const execution = this.cloud.stepFunctions.findExecution(run.arn);
    const { change } = run;
    const output = change.output === undefined ? undefined : tryParseJson(change.output);
    return {
      ...this.runs.row(run),
      executionArn: run.arn,
      input: execution.input,
      ...(output === undefined ? {} : { output }),
      ...(change.cause === undefined ? {} : { cause: change.cause }),
      children: this.childrenOf(run),
      waits: change.status === 'RUNNING' ? this.waitsOf(execution) : [],
      generations: this.runs.generationsOf(run).map((one) => ({
        key: one.key,
        generation: one.generation,
        status: this.runs.row(one).status,
      })),
      hub: this.hasHub(run.stateMachineArn),
    };
  }

  events(key: string, query: URLSearchParams): StudioEventsPage {
    const execution = this.execution(key);
    const after = Number(query.get('after') ?? 0) || 0;
    const limit = Math.min(Number(query.get('limit')) || MOST_EVENTS, MOST_EVENTS);
    const events = execution.events.slice(after, after + limit).map((event) => this.withChildKey(traceEvent(event)));
    const isAll = after + events.length >= execution.events.length;
    return encodeEvents(events, { next: isAll ? null : after + events.length, running: execution.running });
  }

  data(key: string, eventId: number): StudioEventData {
    const data = eventData(this.execution(key).events, eventId);
    if (data === undefined) throw notFound(`event ${eventId}`);
    return data;
  }

  logsOf(key: string, query: URLSearchParams): StudioLogs {
    const attempt = query.get('attempt');
    const lines = this.logs.of(
      this.run(key).arn,
      query.get('state') ?? undefined,
      attempt === null ? undefined : Number(attempt),
    );
    return { lines, exact: true };
  }

  run(key: string): Run {
    const run = this.runs.tryFind(key);
    if (run === undefined) throw notFound(`instance "${key}"`);
    return run;
  }

  private execution(key: string): Execution {
    return this.cloud.stepFunctions.findExecution(this.run(key).arn);
  }

  private orchestration({ stateMachineArn, id, type }: StudioCloud['orchestrations'][number]): StudioOrchestration {
    const name = this.runs.nameOf(stateMachineArn);
    const definition = tryParseJson(this.cloud.stepFunctions.describeStateMachine({ stateMachineArn }).definition);
    const comment = typeof definition === 'object' && definition !== null && 'Comment' in definition;
    const newest = this.runs.all.findLast((run) => run.stateMachineArn === stateMachineArn);
    return {
      name,
      title: id,
      type,
      hub: this.hasHub(stateMachineArn),
      ...(comment ? { description: String(definition['Comment']) } : {}),
      ...(newest === undefined ? {} : { lastInput: newest.change.input }),
    };
  }

  private render(text: string): StudioDefinition {
    const definition = tryParseJson(text) ?? {};
    const graph = graphOf(definition, (arn) => {
      const found = this.cloud.functions.tryFind(arn);
      return found === undefined ? undefined : { path: found.path.replace(/\/Function$/, '') };
    });
    return { graph, definition };
  }

  private childrenOf(run: Run): StudioInstance['children'] {
    return run.children.flatMap(({ arn, state }) => {
      const child = this.runs.tryFindByArn(arn);
      if (child === undefined) return [];
      const { key, name, status } = this.runs.row(child);
      return [{ key, name, status, state }];
    });
  }

  private withChildKey(event: ReturnType<typeof traceEvent>): ReturnType<typeof traceEvent> {
    const child = event.more?.child === undefined ? undefined : this.runs.tryFindByArn(event.more.child)?.key;
    return child === undefined ? event : { ...event, more: { ...event.more, child } };
  }

  private waitsOf({ events }: Execution): readonly StudioWait[] {
    const trace = new Trace();
    for (const event of events) trace.add(traceEvent(event));
    return trace.spans.flatMap((span) => waitOf(span, events));
  }
}

/** What an open step waits for, if it waits. */
function waitOf(span: TraceSpan, events: Execution['events']): readonly StudioWait[] {
  if (span.end !== undefined) return [];
  if (span.type === 'Wait') return [{ kind: 'timer', state: span.name }];
  const attempt = span.attempts.at(-1);
  if (attempt === undefined || attempt.status !== 'waiting') return [];
  if (attempt.child !== undefined) return [{ kind: 'child', state: span.name }];
  const asked = events[attempt.scheduled - 1];
  const name = asked?.type === 'TaskScheduled' ? eventNameOf(asked.details.parameters) : undefined;
  return [
    { kind: name === undefined ? 'callback' : 'event', state: span.name, ...(name === undefined ? {} : { name }) },
  ];
}

/** The name of the event that the hub's function was asked to wait for. */
function eventNameOf(parameters: unknown): string | undefined {
  const name = /"eventName":"((?:[^"\\]|\\.)*)"/.exec(JSON.stringify(parameters) ?? '')?.[1];
  return name === undefined ? undefined : (JSON.parse(`"${name}"`) as string);
}

function notFound(what: string): ServiceError {
  return new ServiceError('NotFound', `There is no ${what} here.`, 404);
}
