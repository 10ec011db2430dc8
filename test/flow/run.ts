import { exactJsonText } from '../../lib/asl/language/exact-json.js';
import { VirtualClock } from '../../lib/clock.js';
import type { ObjectStore, ObjectSummary } from '../../lib/engine/model/objects.js';
import type { TaskPort, TaskRequest, TaskResult } from '../../lib/engine/model/tasks.js';
import { StepFunctions } from '../../lib/engine/service/step-functions.js';
import type { Definition } from '../../lib/flow/compiler/machine.js';

/** What a stubbed activity does: it returns its output, or throws. */
export type Stub = (input: never, call: TaskRequest) => unknown;

/** A call that a workflow made. */
export interface Call {
  readonly name: string;
  readonly input: unknown;
  /** The idempotency key that came along. */
  readonly key: string;
  /** Seconds since the start. */
  readonly at: number;
}

export interface Outcome {
  readonly status: string;
  readonly output?: unknown;
  readonly error?: string;
  readonly cause?: string;
  /** Seconds from start to end. */
  readonly seconds: number;
  /** How many events the execution's history has. */
  readonly events: number;
}

/** Amazon S3 in a Map. */
class MemoryObjects implements ObjectStore {
  readonly files = new Map<string, Uint8Array>();

  async get(bucket: string, key: string): Promise<Uint8Array | undefined> {
    return this.files.get(`${bucket}/${key}`);
  }

  async put(bucket: string, key: string, body: Uint8Array): Promise<void> {
    this.files.set(`${bucket}/${key}`, body);
  }

  async list(bucket: string, prefix: string): Promise<readonly ObjectSummary[]> {
    return [...this.files]
      .filter(([path]) => path.startsWith(`${bucket}/${prefix}`))
      .map(([path, body]) => ({
        key: path.slice(bucket.length + 1),
        etag: '"0"',
        size: body.length,
        lastModified: 0,
      }))
      .sort((a, b) => (a.key < b.key ? -1 : 1));
  }
}

/** The engine with stubbed activities, in virtual time. */
export class Bench {
  readonly clock = new VirtualClock({ start: Date.parse('2026-01-01T00:00:00Z') });
  readonly objects = new MemoryObjects();
  readonly calls: Call[] = [];
  /** Every execution that ended, with the number of its events. */
  readonly ended: { readonly name: string; readonly arn: string; readonly status: string; readonly events: number }[] =
    [];
  readonly service: StepFunctions;
  private readonly events = new Map<string, number>();
  private readonly waiting = new Map<string, (outcome: Outcome) => void>();

  constructor(private readonly stubs: Readonly<Record<string, Stub>>) {
    const tasks: TaskPort = { supports: () => undefined, run: (request) => this.run(request) };
    this.service = new StepFunctions({ clock: this.clock, tasks, objects: this.objects, random: () => 0 });
    this.service.onEvent((arn) => this.events.set(arn, (this.events.get(arn) ?? 0) + 1));
    this.service.onStatusChange((change) => {
      if (change.status === 'RUNNING') return;
      const events = this.events.get(change.executionArn) ?? 0;
      this.ended.push({ name: change.name, arn: change.executionArn, status: change.status, events });
      this.waiting.get(change.executionArn)?.({
        status: change.status,
        ...(change.output !== undefined && { output: JSON.parse(change.output) }),
        ...(change.error !== undefined && { error: change.error }),
        ...(change.cause !== undefined && { cause: change.cause }),
        seconds: (change.stopDate! - change.startDate) / 1000,
        events,
      });
    });
  }

  deploy(name: string, definition: Definition): string {
    const { stateMachineArn } = this.service.createStateMachine({
      name,
      definition: JSON.stringify(definition),
      roleArn: 'arn:aws:iam::123456789012:role/Test',
    });
    return stateMachineArn;
  }

  start(stateMachineArn: string, input: unknown, name = 'run-1'): Promise<Outcome> {
    const { executionArn } = this.service.startExecution({ stateMachineArn, name, input: JSON.stringify(input) });
    return new Promise((resolve) => this.waiting.set(executionArn, resolve));
  }

  /** The calls of one activity, as inputs. */
  inputs(name: string): unknown[] {
    return this.calls.filter((call) => call.name === name).map(({ input }) => input);
  }

  private async run(request: TaskRequest): Promise<TaskResult> {
    // As text between the engine and the function, and so with doubles, as on AWS.
    const parameters = JSON.parse(exactJsonText(request.parameters)) as Record<string, string>;
    const { FunctionName, Payload, ClientContext } = parameters;
    const name = FunctionName === undefined ? request.resource.split(':::')[1]! : FunctionName.split(':').at(-1)!;
    const stub = this.stubs[name];
    if (stub === undefined) throw new Error(`no stub for ${name}`);
    const input = (FunctionName === undefined ? parameters : Payload) as never;
    const key =
      ClientContext === undefined ? '' : JSON.parse(Buffer.from(ClientContext, 'base64').toString()).idempotencyKey;
    const at = (this.clock.now() - Date.parse('2026-01-01T00:00:00Z')) / 1000;
    this.calls.push({ name, input, key, at });
    try {
      const output = (await stub(input, request)) ?? null;
      return { output: FunctionName === undefined ? output : { StatusCode: 200, Payload: output } } as TaskResult;
    } catch (error) {
      if (isFailure(error)) return error;
      if (!(error instanceof Error)) throw error;
      const trace = (error.stack ?? '').split('\n').slice(0, 2);
      return {
        error: error.name,
        cause: JSON.stringify({ errorType: error.name, errorMessage: error.message, trace }),
      };
    }
  }
}

/** Runs a definition once with stubbed activities. */
export async function run(
  definition: Definition,
  stubs: Readonly<Record<string, Stub>>,
  input: unknown = {},
): Promise<Outcome & { readonly bench: Bench }> {
  const bench = new Bench(stubs);
  return { ...(await bench.start(bench.deploy('Test', definition), input)), bench };
}

/** A failure as a service tells it, thrown as it is. */
function isFailure(thrown: unknown): thrown is { readonly error: string; readonly cause: string | undefined } {
  return typeof thrown === 'object' && thrown !== null && 'error' in thrown;
}

/** An error with a name, as a handler would throw it. */
export function failure(name: string, message = name): Error {
  return Object.assign(new Error(message), { name });
}
