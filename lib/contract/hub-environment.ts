import { DurableStepsError } from '../errors.js';
import type { ApiPermission } from './hub-http.js';

/** Environment variables by which the constructs configure the hub's functions and every Lambda with a `DurableClient`. */
export const HUB_ENVIRONMENT = {
  /** Name of the hub's table. */
  table: 'DURABLE_HUB_TABLE',
  /** JSON: orchestration name → state machine name. Only for functions whose code isn't bundled by the kit. */
  orchestrations: 'DURABLE_HUB_ORCHESTRATIONS',
  /** The file beside the function's code that holds the same: an environment has room for 4 KB. */
  orchestrationsFile: 'DURABLE_HUB_ORCHESTRATIONS_FILE',
  /** {@link HubReach}. */
  reach: 'DURABLE_HUB_REACH',
  /** What precedes a state machine's name in its ARN. */
  stateMachinePrefix: 'DURABLE_HUB_STATE_MACHINE_PREFIX',
  /** Days that the record of a finished instance is kept. */
  retentionDays: 'DURABLE_HUB_RETENTION_DAYS',
  /** Seconds without a change after which reading a live instance asks Step Functions once. */
  healAfterSeconds: 'DURABLE_HUB_HEAL_AFTER_SECONDS',
  /** Public URL of the HTTP API, without a slash at the end. */
  apiUrl: 'DURABLE_HUB_API_URL',
  /** JSON: what a starter starts, and how an event becomes id and input. */
  starter: 'DURABLE_HUB_STARTER',
  /** Set for the function that sees to what is due. */
  sweeps: 'DURABLE_HUB_SWEEPS',
  /** Set where the ends of instances are measured. */
  metrics: 'DURABLE_HUB_METRICS',
  /** JSON: the API keys that are let in, {@link ApiKey}. */
  apiKeys: 'DURABLE_HUB_API_KEYS',
  /** `subject`: an instance is within the reach of whoever started it alone. */
  owner: 'DURABLE_HUB_OWNER',
} as const;

/** The file of `HUB_ENVIRONMENT.orchestrationsFile`. */
export const ORCHESTRATIONS_FILE = 'durable-hub.orchestrations.json';

/** The file beside the code of the function that serves it: what the API's document is rendered from, as JSON. */
export const API_DESCRIPTION_FILE = 'durable-hub.api.json';

/** Whose instances a function shows and steers: those of the orchestrations that it knows by name, or those of the whole hub. */
export type HubReach = 'named' | 'hub';

/** A key of an API: never itself, only its digest. */
export interface ApiKey {
  /** Whose it is: the subject of the requests made with it. */
  readonly name: string;
  /** SHA-256 in hex. */
  readonly sha256: string;
  /** What it may do. @default - everything */
  readonly permissions?: readonly ApiPermission[];
}

/** What the environment says about the hub. */
export interface HubSettings {
  readonly tableName: string;
  /** @default 'hub' */
  readonly reach?: HubReach;
  /** Whether an instance is within the reach of whoever started it alone. @default - of every caller */
  readonly owner?: 'subject';
  /** Orchestration name → state machine ARN. */
  readonly orchestrations: Readonly<Record<string, string>>;
  readonly retentionDays: number;
  readonly healAfterSeconds: number;
}

/** Days that records of finished instances are kept unless said otherwise: as long as Step Functions keeps the executions. */
export const DEFAULT_RETENTION_DAYS = 90;

/** @see HUB_ENVIRONMENT.healAfterSeconds */
export const DEFAULT_HEAL_AFTER_SECONDS = 60;

/**
 * Reads the hub's settings from environment variables.
 *
 * @param readFile gives the text of a file beside the function's code
 * @throws DurableStepsError `MissingEnvironment` when the function wasn't given the hub
 */
export function readHubSettings(
  environment: Readonly<Record<string, string | undefined>>,
  readFile: (name: string) => string,
): HubSettings {
  const tableName = environment[HUB_ENVIRONMENT.table];
  if (tableName === undefined || tableName === '') {
    throw new DurableStepsError('MissingEnvironment', {
      where: HUB_ENVIRONMENT.table,
      expected: 'the name of the task hub’s table',
      got: 'nothing',
      fix: 'give the function access with `hub.grantClient(fn)`',
    });
  }
  const prefix = environment[HUB_ENVIRONMENT.stateMachinePrefix] ?? '';
  const names = readOrchestrationNames(environment, readFile);
  return {
    tableName,
    ...(environment[HUB_ENVIRONMENT.owner] === 'subject' ? { owner: 'subject' } : {}),
    reach: environment[HUB_ENVIRONMENT.reach] === 'named' ? 'named' : 'hub',
    orchestrations: Object.fromEntries(Object.entries(names).map(([name, machine]) => [name, `${prefix}${machine}`])),
    retentionDays: readNumber(environment, HUB_ENVIRONMENT.retentionDays, DEFAULT_RETENTION_DAYS),
    healAfterSeconds: readNumber(environment, HUB_ENVIRONMENT.healAfterSeconds, DEFAULT_HEAL_AFTER_SECONDS),
  };
}

/** The names of the orchestrations that a function knows: orchestration name → state machine name. */
export function readOrchestrationNames(
  environment: Readonly<Record<string, string | undefined>>,
  readFile: (name: string) => string,
): Readonly<Record<string, string>> {
  const file = environment[HUB_ENVIRONMENT.orchestrationsFile];
  return JSON.parse(file === undefined ? (environment[HUB_ENVIRONMENT.orchestrations] ?? '{}') : readFile(file));
}

function readNumber(
  environment: Readonly<Record<string, string | undefined>>,
  name: string,
  otherwise: number,
): number {
  const text = environment[name];
  const value = text === undefined ? otherwise : Number(text);
  if (!(value > 0)) {
    throw new DurableStepsError('InvalidEnvironment', {
      where: name,
      expected: 'a positive number',
      got: `\`${text}\``,
    });
  }
  return value;
}
