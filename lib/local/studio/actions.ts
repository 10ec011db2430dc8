import { instanceKey } from '../../contract/instance-id.js';
import { ApiError } from '../../engine/model/api-errors.js';
import { DurableStepsError } from '../../errors.js';
import { ServiceError } from '../cloud/service.js';
import { checkAwaited } from '../hubs/awaited-events.js';
import type { HubClients, HubConnection } from '../hubs/hub-clients.js';
import type { Run, Runs } from './runs.js';
import type { StudioCloud } from './studio-cloud.js';

type Body = Readonly<Record<string, unknown>>;

/** What Studio's page does to instances: by the hub where there is one, as a client of the app would, else by Step Functions. */
export class Actions {
  constructor(
    private readonly cloud: StudioCloud,
    private readonly runs: Runs,
    private readonly hubs: () => HubClients,
  ) {}

  /** Starts an instance. @returns its key */
  async start(name: string, { input, id }: Body): Promise<{ readonly key: string }> {
    const found = this.cloud.orchestrations.find(({ stateMachineArn }) => this.runs.nameOf(stateMachineArn) === name);
    if (found === undefined) throw refuse(404, `There is no orchestration "${name}" here.`);
    const given = typeof id === 'string' && id !== '' ? { instanceId: id } : {};
    const hub = this.hubs().tryConnect(found);
    return answered(async () => {
      if (hub !== undefined) {
        const instanceId = await hub.client.start(hub.name, input ?? null, given);
        return { key: this.newest(found.stateMachineArn, instanceKey(instanceId)) };
      }
      const executionName = given.instanceId === undefined ? {} : { name: given.instanceId };
      const text = JSON.stringify(input ?? {});
      const { executionArn } = this.cloud.stepFunctions.startExecution({
        ...executionName,
        stateMachineArn: found.stateMachineArn,
        input: text,
      });
      return { key: this.runs.tryFindByArn(executionArn)?.key ?? '' };
    });
  }

  /** Does what a page's button says. */
  async act(run: Run, action: string, body: Body): Promise<{ readonly key: string }> {
    const hub = this.connect(run);
    return answered(async () => {
      switch (action) {
        case 'terminate':
          await this.terminate(run, hub, textOf(body['reason']) || 'terminated in Studio');
          return { key: run.key };
        case 'rewind':
          if (hub === undefined) this.cloud.stepFunctions.redriveExecution({ executionArn: run.arn });
          else await hub.client.rewind(run.instance);
          return { key: run.key };
        case 'restart':
          return { key: await this.restart(run, hub, body) };
        case 'raise':
          if (hub === undefined)
            throw refuse(409, 'Events go through a task hub: give the orchestration the option `hub`.');
          await this.raise(run, hub, textOf(body['name']), body['payload'] ?? null);
          return { key: run.key };
        case 'purge':
          if (hub !== undefined) await hub.client.purge(run.instance);
          this.runs.remove(run);
          return { key: run.key };
        default:
          throw refuse(404, `There is no action "${action}".`);
      }
    });
  }

  private async raise(run: Run, hub: HubConnection, name: string, payload: unknown): Promise<void> {
    const { definition } = this.cloud.stepFunctions.describeStateMachineForExecution({ executionArn: run.arn });
    checkAwaited(run.instance, definition, name);
    await hub.client.raiseEvent(run.instance, name, payload);
  }

  private async terminate(run: Run, hub: HubConnection | undefined, reason: string): Promise<void> {
    if (hub !== undefined) await hub.client.terminate(run.instance, reason);
    else this.cloud.stepFunctions.stopExecution({ executionArn: run.arn, error: 'Terminated', cause: reason });
  }

  /** Runs it again: the same input as the hub does it; another input, or without a hub, as a new instance. */
  private async restart(run: Run, hub: HubConnection | undefined, { input, newInstance }: Body): Promise<string> {
    const name = this.runs.nameOf(run.stateMachineArn);
    if (input !== undefined) return (await this.start(name, { input })).key;
    if (hub === undefined) return (await this.start(name, { input: JSON.parse(run.change.input) })).key;
    const id = await hub.client.restart(run.instance, { withNewInstanceId: newInstance === true });
    return this.newest(run.stateMachineArn, instanceKey(id));
  }

  /** The key of an instance's newest run. */
  private newest(stateMachineArn: string, instance: string): string {
    const run = this.runs.all.findLast((one) => one.stateMachineArn === stateMachineArn && one.instance === instance);
    return run?.key ?? '';
  }

  private connect({ stateMachineArn }: Run): HubConnection | undefined {
    const found = this.cloud.orchestrations.find((one) => one.stateMachineArn === stateMachineArn);
    return found === undefined ? undefined : this.hubs().tryConnect(found);
  }
}

/** A refusal of the hub or of Step Functions is the user's to read. */
async function answered<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof DurableStepsError) throw refuse(409, `${error.code}: ${error.message}`);
    if (error instanceof ApiError) throw refuse(409, `${error.name}: ${error.message}`);
    throw error;
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function refuse(status: number, message: string): ServiceError {
  return new ServiceError('Refused', message, status);
}
