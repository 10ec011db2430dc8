import {
  DescribeExecutionCommand,
  type DescribeExecutionCommandOutput,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import type { Json } from '../../lib/asl/language/json.js';

/** A mail that was sent, not delivered. */
export interface SentMail {
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
}

/** What is particular to the emulator, and to the local cloud. */
export interface CloudAccess {
  /** For messages. */
  readonly name: string;
  readonly endpoint: string;
  /** What `Ref` gives for the resource at a construct path (without a final `/Resource`). */
  physicalId(path: string): Promise<string>;
  /** The base URL of an HTTP API by its physical id. */
  apiUrl(apiId: string): string;
  /** The mails sent so far, oldest first. */
  mails(): Promise<readonly SentMail[]>;
}

/** The deployed app, on the emulator or on the local cloud: what a scenario may do to it, with AWS's own client. */
export class Cloud {
  private readonly stepFunctions: SFNClient;

  constructor(readonly access: CloudAccess) {
    this.stepFunctions = new SFNClient(this.clientOptions);
  }

  /** Options for any further AWS client. */
  get clientOptions() {
    return {
      endpoint: this.access.endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      forcePathStyle: true,
    };
  }

  /** Starts an orchestration, by construct path. @returns the execution's ARN */
  async start(orchestration: string, input: Json): Promise<string> {
    const stateMachineArn = await this.access.physicalId(`${orchestration}/StateMachine`);
    const started = await this.stepFunctions.send(
      new StartExecutionCommand({ stateMachineArn, input: JSON.stringify(input) }),
    );
    return started.executionArn!;
  }

  /** Waits until an execution has ended, however. */
  async ended(executionArn: string, seconds = 60): Promise<DescribeExecutionCommandOutput> {
    return this.until(`${executionArn} to end`, seconds, async () => {
      const execution = await this.stepFunctions.send(new DescribeExecutionCommand({ executionArn }));
      return execution.status === 'RUNNING' ? undefined : execution;
    });
  }

  /** Starts an orchestration, waits for its end. @returns its output @throws when it didn't succeed */
  async run(orchestration: string, input: Json): Promise<Json> {
    const { status, output, error, cause } = await this.ended(await this.start(orchestration, input));
    if (status !== 'SUCCEEDED')
      throw new Error(`${orchestration} on the ${this.access.name}: ${status} ${error}: ${cause}`);
    return JSON.parse(output ?? 'null') as Json;
  }

  /** The base URL of an HTTP API, by construct path. */
  async api(path: string): Promise<string> {
    return this.access.apiUrl(await this.access.physicalId(path));
  }

  /** Looks again and again, for at most some seconds. The only place of these tests that waits. */
  async until<T>(what: string, seconds: number, look: () => Promise<T | undefined>): Promise<T> {
    const deadline = Date.now() + seconds * 1000;
    while (Date.now() < deadline) {
      const found = await look();
      if (found !== undefined) return found;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`waited ${seconds} s for ${what} on the ${this.access.name}`);
  }
}
