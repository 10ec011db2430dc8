import type { RuntimeStatus } from './runtime-status.js';

/**
 * What Studio's page and its host tell each other: one contract, whoever serves it.
 *
 * Answers are JSON, times are milliseconds since the epoch. A page ignores what it doesn't know, and shows only what `capabilities` lists; a host checks again.
 */

/** What the host lets the page do. */
export type StudioCapability =
  | 'start'
  | 'raise'
  | 'terminate'
  | 'rewind'
  | 'restart'
  | 'rerunFrom'
  | 'bulk'
  | 'approve'
  | 'clock'
  | 'mail'
  | 'logs';

/** Answer of `GET config`. */
export interface StudioConfig {
  readonly v: 1;
  readonly product: string;
  readonly host: 'local' | 'deployed';
  readonly capabilities: readonly StudioCapability[];
  readonly data: 'full' | 'masked' | 'none';
  readonly orchestrations: readonly StudioOrchestration[];
  /** The folder of the app's sources: paths in it are shown from there. @default - paths are shown as they are */
  readonly root?: string;
  readonly poll: { readonly listMs: number; readonly instanceMs: number };
  /** How clients of AWS reach the host. @default - not for them */
  readonly connect?: {
    readonly endpoint: string;
    readonly region: string;
    readonly apis: Readonly<Record<string, string>>;
  };
}

/** An orchestration, or a plain state machine, of the app. */
export interface StudioOrchestration {
  /** Unique; what routes and filters use. */
  readonly name: string;
  readonly title: string;
  readonly type: 'STANDARD' | 'EXPRESS';
  readonly description?: string;
  /** Whether it has a task hub: events, restart and public ids need one. */
  readonly hub: boolean;
  /** An input to begin with: that of its newest run. */
  readonly lastInput?: string;
}

/** One instance, or one execution of a plain state machine, in a list: no input, no output. */
export interface StudioRow {
  /** Safe in a URL once percent-encoded; unique in the host. */
  readonly key: string;
  /** The public id as far as the host knows it. */
  readonly id: string;
  readonly name: string;
  readonly status: RuntimeStatus;
  readonly created: number;
  readonly updated: number;
  readonly ended?: number;
  readonly customStatus?: unknown;
  /** The error's name. */
  readonly error?: string;
  /** Key of the run that waits for this one. */
  readonly parent?: string;
  readonly generation: number;
  /** Whose answer it waits for now: names of states. */
  readonly waiting?: readonly string[];
}

/** Answer of `GET changes`: what is new since a cursor; all of it without one. */
export interface StudioChanges {
  readonly rows: readonly StudioRow[];
  /** Keys that the host has forgotten. */
  readonly gone: readonly string[];
  readonly cursor: string;
  readonly nextMs: number;
  /** The host's time. */
  readonly now: number;
  /** Which version of the app runs, and why the one that is written now doesn't. */
  readonly app: StudioApp;
}

/** How the app stands. */
export interface StudioApp {
  /** Counts up with each update of the app. */
  readonly version: number;
  /** Why the app as it is written can't run, while the version before does. @default - it runs as it is written */
  readonly failure?: string;
}

/** Answer of `GET instances/counts`. */
export interface StudioCounts {
  readonly total: number;
  readonly byStatus: Readonly<Record<string, number>>;
  readonly byName: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly exact: boolean;
}

/** Answer of `GET instances/{key}`. */
export interface StudioInstance extends StudioRow {
  readonly executionArn: string;
  readonly input: unknown;
  readonly output?: unknown;
  readonly cause?: string;
  readonly children: readonly StudioChild[];
  readonly waits: readonly StudioWait[];
  /** Its runs under one id, the oldest first: continue-as-new and restart make new ones. */
  readonly generations: readonly {
    readonly key: string;
    readonly generation: number;
    readonly status: RuntimeStatus;
  }[];
  readonly hub: boolean;
}

export interface StudioChild {
  readonly key: string;
  readonly name: string;
  readonly status: RuntimeStatus;
  readonly state: string;
}

/** Something that an instance waits for. */
export interface StudioWait {
  readonly kind: 'event' | 'approval' | 'timer' | 'child' | 'callback';
  readonly state: string;
  /** The event's name. */
  readonly name?: string;
  readonly due?: number;
}

/** One event, without its data. */
export interface TraceEvent {
  readonly id: number;
  /** The event that led to this one. */
  readonly prev: number;
  readonly time: number;
  /** As Step Functions names it. */
  readonly type: string;
  /** The state's name, where the type has one. */
  readonly name?: string;
  readonly more?: TraceExtras;
}

/** What only some events have. */
export interface TraceExtras {
  /** The item's number in a Map. */
  readonly index?: number;
  /** The number of items. */
  readonly length?: number;
  readonly error?: string;
  readonly cause?: string;
  /** `lambda:invoke`, `states:startExecution.sync:2`, … */
  readonly resource?: string;
  /** The execution that a task started. */
  readonly child?: string;
  readonly mapRun?: string;
}

/** Answer of `GET instances/{key}/events`: columns, since a history may have 25,000 of them. */
export interface StudioEventsPage {
  readonly types: readonly string[];
  readonly names: readonly string[];
  readonly ids: readonly number[];
  readonly prev: readonly number[];
  /** Each as the difference to the one before; the first to the epoch. */
  readonly times: readonly number[];
  readonly type: readonly number[];
  /** -1 for none. */
  readonly name: readonly number[];
  readonly more: Readonly<Record<number, TraceExtras>>;
  readonly next: number | null;
  readonly running: boolean;
}

/** Answer of `GET instances/{key}/events/{id}/data`. */
export interface StudioEventData {
  readonly input?: unknown;
  readonly output?: unknown;
  /** What the state assigned on leaving. */
  readonly assigned?: Readonly<Record<string, unknown>>;
  /** Every variable that the state could read. */
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly parameters?: unknown;
  readonly error?: string;
  readonly cause?: string;
  readonly truncated?: true;
}

/** A definition as a graph. */
export interface StudioGraph {
  readonly start: string;
  readonly nodes: readonly StudioNode[];
}

export type EdgeKind = 'next' | 'choice' | 'default' | 'catch';

export interface StudioEdge {
  readonly to: string;
  readonly kind: EdgeKind;
  readonly label?: string;
}

export interface StudioNode {
  readonly name: string;
  readonly type: string;
  readonly kind: 'activity' | 'approval' | 'event' | 'child' | 'callback' | 'service' | 'internal' | 'flow';
  readonly next: readonly StudioEdge[];
  readonly end: boolean;
  readonly branches?: readonly StudioGraph[];
  readonly map?: { readonly distributed: boolean };
  readonly resource?: string;
  readonly activity?: { readonly path: string };
}

/** Answer of `GET orchestrations/{name}/graph`. */
export interface StudioDefinition {
  readonly graph: StudioGraph;
  readonly definition: unknown;
}

/** Answer of `GET instances/{key}/logs`. */
export interface StudioLogs {
  readonly lines: readonly StudioLogLine[];
  readonly exact: boolean;
}

export interface StudioLogLine {
  readonly t: number;
  readonly text: string;
  readonly state: string;
  readonly attempt: number;
}

/** An approval mail that nobody answered yet, as far as the host can tell. */
export interface StudioApproval {
  readonly id: string;
  readonly subject: string;
  readonly to: readonly string[];
  readonly sentAt: number;
}

/** Answer of `GET clock`, and of a move of it. */
export interface StudioClock {
  readonly now: number;
  /** Virtual time jumps from timer to timer, and can be moved. */
  readonly mode: 'real' | 'virtual';
  /** Why virtual time stands still: whose answers are awaited. */
  readonly holds: readonly string[];
  /** When something is due next. @default - nothing is */
  readonly next?: number;
}

/** Body of `POST clock`: virtual time is moved by so many milliseconds, or to what is due next. */
export type StudioClockMove = { readonly advance: number } | { readonly toNext: true };

/** Carries the token that every write needs: the page has it from its host, another site's page has not. */
export const STUDIO_TOKEN_HEADER = 'x-studio-token';
