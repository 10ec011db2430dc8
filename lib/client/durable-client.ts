import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { SFNClient } from '@aws-sdk/client-sfn';
import type { HubSettings } from '../contract/hub-environment.js';
import type { InstanceStatus } from '../contract/hub-http.js';
import { connectHub } from '../hub/connect.js';
import type { Hub } from '../hub/hub.js';
import { hubError, isTransient } from '../hub/hub-error.js';
import { waitForCompletion } from '../hub/operations/completion.js';
import { raiseEvent } from '../hub/operations/events.js';
import { readHistory } from '../hub/operations/history.js';
import { readInstance, showInstance } from '../hub/operations/instance-status.js';
import { type InstanceFilter, type ListRequest, listRecords } from '../hub/operations/list.js';
import { type PurgedInstances, purgeInstance, purgeInstances } from '../hub/operations/purge.js';
import { restartAsNewInstance, restartInstance } from '../hub/operations/restart.js';
import { rewindInstance } from '../hub/operations/rewind.js';
import { startInstance } from '../hub/operations/start.js';
import { terminateInstance } from '../hub/operations/terminate.js';

/** Input and output of each orchestration, by name. */
export interface OrchestrationTypes {
  readonly [name: string]: { readonly input: unknown; readonly output: unknown };
}

/** Options of a {@link DurableClient}. */
export interface DurableClientOptions {
  /** @default - a client with the Lambda's own credentials and region */
  readonly dynamodb?: DynamoDBClient;
  /** @default - a client with the Lambda's own credentials and region */
  readonly stepFunctions?: SFNClient;
  /** Which hub. @default - from the environment variables that `hub.grantClient(fn)` sets */
  readonly settings?: HubSettings;
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: () => number;
}

/** Options of {@link DurableClient.start}. */
export interface StartOptions {
  /** Starting with the same id and input again answers the same instance. @default - a random id */
  readonly instanceId?: string;
}

/** Options of {@link DurableClient.status}. */
export interface StatusOptions {
  /** @default false */
  readonly showHistory?: boolean;
  /** Whether the history shows inputs and results. @default false */
  readonly showHistoryOutput?: boolean;
}

/** A page of instances, newest first. Inputs and outputs over 4 KiB are null here: read the instance to see them. */
export interface InstancePage {
  readonly instances: readonly InstanceStatus[];
  /** Undefined on the last page. */
  readonly continuationToken?: string;
}

/**
 * Starts, follows and steers orchestrations from code in a Lambda. Make one outside the handler, so that its connections are reused.
 *
 * Needs `hub.grantClient(fn)` in the stack. Every method throws a `DurableStepsError` whose `code` says why the hub refuses: `InstanceNotFound`, `InstanceInUse`,
 * `InstanceFinished`, `OrchestrationNotFound`, `PayloadTooLarge`, …
 *
 * @example
 * const client = new DurableClient<{ 'process-order': { input: Order; output: Receipt } }>();
 * export const handler = (order: Order) => client.start('process-order', order, { instanceId: `order-${order.id}` });
 */
export class DurableClient<Types extends OrchestrationTypes = OrchestrationTypes> {
  private readonly hub: Hub;

  constructor(options: DurableClientOptions = {}) {
    this.hub = connectHub(options);
  }

  /** Starts an instance, exactly once for one id and input. @returns its id */
  async start<Name extends keyof Types & string>(
    name: Name,
    input: Types[Name]['input'],
    options: StartOptions = {},
  ): Promise<string> {
    const { instanceId } = options;
    checkTexts({ name, ...(instanceId === undefined ? {} : { instanceId }) });
    const text = JSON.stringify(input) ?? 'null';
    return startInstance(this.hub, { name, input: text, ...(instanceId === undefined ? {} : { instanceId }) });
  }

  /** Reads an instance: one DynamoDB read. */
  async status<Name extends keyof Types & string>(
    instanceId: string,
    options: StatusOptions = {},
  ): Promise<InstanceStatus<Types[Name]['input'], Types[Name]['output']>> {
    checkTexts({ instanceId });
    const whole = await readInstance(this.hub, instanceId);
    const shown = await showInstance(this.hub, whole);
    if (options.showHistory !== true) return shown;
    return { ...shown, historyEvents: await readHistory(this.hub, whole.record, options.showHistoryOutput ?? false) };
  }

  /** Lists instances, newest first. */
  async list(filter: InstanceFilter = {}, page: ListRequest = {}): Promise<InstancePage> {
    const { records, continuationToken } = await listRecords(this.hub, filter, page);
    const instances = await Promise.all(
      records.map((record) =>
        showInstance(this.hub, {
          record,
          ...(record.input === undefined ? {} : { input: record.input }),
          ...(record.output === undefined ? {} : { output: record.output }),
        }),
      ),
    );
    return { instances, ...(continuationToken === undefined ? {} : { continuationToken }) };
  }

  /**
   * Raises an event. If the orchestration doesn't wait for it yet, the hub keeps it. When AWS is throttled or an answer is lost, the same event is raised
   * up to three times, and taken once.
   *
   * @param eventId an event raised again with the same id is taken once; give one if you call this again after it failed. A random one by default
   */
  async raiseEvent(instanceId: string, eventName: string, payload: unknown = null, eventId?: string): Promise<void> {
    checkTexts({ instanceId, eventName, ...(eventId === undefined ? {} : { eventId }) });
    const text = JSON.stringify(payload) ?? 'null';
    const event = { instanceId, eventName, payload: text, eventId: eventId ?? this.hub.newId() };
    await retryTransient(this.hub, () => raiseEvent(this.hub, event));
  }

  /** Terminates an instance and the sub-orchestrations that it waits for; the reason becomes its output. */
  async terminate(instanceId: string, reason: string): Promise<void> {
    checkTexts({ instanceId, reason });
    await terminateInstance(this.hub, instanceId, reason);
  }

  /** Lets a failed instance go on from the step that failed. Repeating it while the instance goes on changes nothing. */
  async rewind(instanceId: string): Promise<void> {
    checkTexts({ instanceId });
    await rewindInstance(this.hub, instanceId);
  }

  /** Runs a finished instance again from the beginning, under its id or as a new one. @returns the id */
  async restart(instanceId: string, options: { readonly withNewInstanceId?: boolean } = {}): Promise<string> {
    checkTexts({ instanceId });
    return options.withNewInstanceId === true
      ? restartAsNewInstance(this.hub, instanceId)
      : restartInstance(this.hub, instanceId);
  }

  /** Deletes what the hub keeps of a finished instance. */
  async purge(instanceId: string): Promise<void> {
    checkTexts({ instanceId });
    await purgeInstance(this.hub, instanceId);
  }

  /** Deletes what the hub keeps of the finished instances that a filter finds, for up to 15 seconds. */
  async purgeAll(filter: InstanceFilter, continuationToken?: string): Promise<PurgedInstances> {
    return purgeInstances(this.hub, filter, continuationToken);
  }

  /** Waits until an instance has finished, or so many seconds have passed, 25 at most; then shows it as it is. */
  async waitForCompletion<Name extends keyof Types & string>(
    instanceId: string,
    seconds: number,
  ): Promise<InstanceStatus<Types[Name]['input'], Types[Name]['output']>> {
    checkTexts({ instanceId });
    return showInstance(this.hub, await waitForCompletion(this.hub, instanceId, seconds));
  }
}

/** A program without types may give anything; what is no text would be found wrong only deep inside, without its name. */
function checkTexts(given: Readonly<Record<string, unknown>>): void {
  for (const [where, value] of Object.entries(given)) {
    if (typeof value === 'string') continue;
    throw hubError('InvalidRequest', {
      where,
      expected: 'a text',
      got: `\`${JSON.stringify(value) ?? String(value)}\``,
    });
  }
}

/** Pauses before the second and the third attempt, in milliseconds. */
const PAUSES = [200, 1_000];

/** For what is safe to repeat. */
async function retryTransient<Result>(hub: Hub, attempt: () => Promise<Result>): Promise<Result> {
  for (const pause of PAUSES) {
    try {
      return await attempt();
    } catch (error) {
      if (!isTransient(error)) throw error;
    }
    await hub.sleep(pause);
  }
  return attempt();
}
