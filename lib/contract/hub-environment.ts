import { DurableStepsError } from '../errors.js';

/** Environment variables by which the constructs configure the hub's functions and every Lambda with a `DurableClient`. */
export const HUB_ENVIRONMENT = {
  /** Name of the hub's table. */
  table: 'DURABLE_HUB_TABLE',
  /** JSON: orchestration name → state machine name. */
  orchestrations: 'DURABLE_HUB_ORCHESTRATIONS',
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
  /** What the API’s document is rendered from: JSON, deflated and in base64 when it is long. */
  apiDescription: 'DURABLE_HUB_API_DESCRIPTION',
  /** JSON: SHA-256 digests, in hex, of the API keys that are let in. */
  apiKeyDigests: 'DURABLE_HUB_API_KEY_DIGESTS',
} as const;

/** What the environment says about the hub. */
export interface HubSettings {
  readonly tableName: string;
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
 * @throws DurableStepsError `MissingEnvironment` when the function wasn't given the hub
 */
export function readHubSettings(environment: Readonly<Record<string, string | undefined>>): HubSettings {
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
  const names: Readonly<Record<string, string>> = JSON.parse(environment[HUB_ENVIRONMENT.orchestrations] ?? '{}');
  return {
    tableName,
    orchestrations: Object.fromEntries(Object.entries(names).map(([name, machine]) => [name, `${prefix}${machine}`])),
    retentionDays: readNumber(environment, HUB_ENVIRONMENT.retentionDays, DEFAULT_RETENTION_DAYS),
    healAfterSeconds: readNumber(environment, HUB_ENVIRONMENT.healAfterSeconds, DEFAULT_HEAL_AFTER_SECONDS),
  };
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
