import type { DurableClient } from '../../client/durable-client.js';
import { HUB_ENVIRONMENT, type HubSettings, readHubSettings } from '../../contract/hub-environment.js';
import { DurableStepsError } from '../../errors.js';
import type { RunningOrchestration } from '../cloud/orchestrations.js';
import { type FunctionConfig, readCodeFile } from '../functions/function-config.js';
import { type AwsClientConfig, connectClient } from './connect-client.js';

/** A task hub as the test reaches it: the client, and the name under which the hub knows the orchestration. */
export interface HubConnection {
  readonly client: DurableClient;
  readonly name: string;
}

/** The task hubs of an app, each with one client, connected when it is first asked for. */
export class HubClients {
  private readonly all: readonly HubSettings[];
  private readonly clients = new Map<HubSettings, DurableClient>();
  private readonly closers: (() => void)[] = [];

  constructor(
    functions: readonly FunctionConfig[],
    private readonly aws: AwsClientConfig,
    private readonly now: () => number,
  ) {
    this.all = findHubs(functions);
  }

  /** The hub of an orchestration; undefined when it has none. */
  tryConnect({ stateMachineArn }: RunningOrchestration): HubConnection | undefined {
    for (const settings of this.all) {
      const name = Object.entries(settings.orchestrations).find(([, arn]) => arn === stateMachineArn)?.[0];
      if (name !== undefined) return { name, client: this.connect(settings) };
    }
    return undefined;
  }

  /** Whether an orchestration has a hub. */
  has(stateMachineArn: string): boolean {
    return this.all.some(({ orchestrations }) => Object.values(orchestrations).includes(stateMachineArn));
  }

  /** The hub of an orchestration. Throws a `DurableStepsError` `NoHub` when it has none. */
  connectTo(orchestration: RunningOrchestration): HubConnection {
    const connection = this.tryConnect(orchestration);
    if (connection !== undefined) return connection;
    throw new DurableStepsError('NoHub', {
      where: orchestration.path,
      expected: 'an orchestration with a task hub: clients and events go through it',
      got: 'one without',
      fix: 'give it the option `hub`',
    });
  }

  /** The client of the only hub. */
  only(): DurableClient {
    const [only, ...others] = this.all;
    if (only !== undefined && others.length === 0) return this.connect(only);
    throw new DurableStepsError('NoHub', {
      where: 'TestEnvironment.client',
      expected: 'an app with one task hub',
      got: `${this.all.length}`,
      fix: 'name an orchestration: `env.client(orchestration)`',
    });
  }

  close(): void {
    for (const close of this.closers.splice(0)) close();
  }

  private connect(settings: HubSettings): DurableClient {
    const known = this.clients.get(settings);
    if (known !== undefined) return known;
    const { client, close } = connectClient(this.aws, settings, this.now);
    this.clients.set(settings, client);
    this.closers.push(close);
    return client;
  }
}

/** Hubs show in the environment of their functions, of which the one that follows all orchestrations knows most. */
function findHubs(functions: readonly FunctionConfig[]): readonly HubSettings[] {
  const byTable = new Map<string, HubSettings>();
  for (const { code, environment } of functions) {
    if (environment[HUB_ENVIRONMENT.table] === undefined) continue;
    const settings = readHubSettings(environment, (name) => readCodeFile(code, name));
    const known = byTable.get(settings.tableName);
    if (known === undefined || count(known) < count(settings)) byTable.set(settings.tableName, settings);
  }
  return [...byTable.values()];
}

function count({ orchestrations }: HubSettings): number {
  return Object.keys(orchestrations).length;
}
