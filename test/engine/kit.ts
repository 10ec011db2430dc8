import type { Json } from '../../lib/asl/language/json.js';
import { VirtualClock } from '../../lib/clock.js';
import type { StateMachineType } from '../../lib/engine/model/api.js';
import type { LateResult, TaskRequest, TaskResult } from '../../lib/engine/model/tasks.js';
import type { StepFunctionsOptions } from '../../lib/engine/service/options.js';
import { StepFunctions } from '../../lib/engine/service/step-functions.js';

export const START = Date.UTC(2026, 0, 1);
export const FUNCTION = 'arn:aws:lambda:us-east-1:123456789012:function:f';
export const INVOKE_WITH_TOKEN = 'arn:aws:states:::lambda:invoke.waitForTaskToken';
export const NEVER: LateResult = { afterMs: Number.POSITIVE_INFINITY, result: {} };

/** What a fake function does, by state name and attempt. */
export type Work = (request: TaskRequest) => TaskResult | LateResult | Promise<TaskResult | LateResult>;

/** A service in virtual time, with fake tasks that note when they were called. */
export class Harness {
  readonly clock = new VirtualClock({ start: START });
  readonly service: StepFunctions;
  /** The tasks so far: state, seconds since the start, token. */
  readonly calls: { readonly state: string; readonly at: number; readonly request: TaskRequest }[] = [];

  constructor(work: Work = () => ({ output: null }), options: Partial<StepFunctionsOptions> = {}) {
    this.service = new StepFunctions({
      clock: this.clock,
      random: () => 0.5,
      tasks: {
        supports: () => undefined,
        run: async (request) => {
          this.calls.push({ state: request.state, at: this.seconds(), request });
          return work(request);
        },
      },
      ...options,
    });
  }

  /** Seconds since the start. */
  seconds(): number {
    return (this.clock.now() - START) / 1000;
  }

  create(definition: object, name = 'machine', type: StateMachineType = 'STANDARD'): string {
    const request = { name, definition: JSON.stringify(definition), roleArn: 'arn:aws:iam::123456789012:role/r', type };
    return this.service.createStateMachine(request).stateMachineArn;
  }

  /** Starts an execution and lets everything happen that can. */
  async start(definition: object, input: Json = {}, type: StateMachineType = 'STANDARD'): Promise<string> {
    const stateMachineArn = this.create(
      definition,
      `machine-${this.service.listStateMachines().stateMachines.length}`,
      type,
    );
    const { executionArn } = this.service.startExecution({ stateMachineArn, input: JSON.stringify(input) });
    await this.clock.settled();
    return executionArn;
  }

  /** Status, and output or error, and when it ended in seconds since the start. */
  outcome(executionArn: string) {
    const { status, output, error, cause, stopDate } = this.service.describeExecution({ executionArn });
    return {
      status,
      ...(output !== undefined && { output: JSON.parse(output) as Json }),
      ...(error !== undefined && { error }),
      ...(cause !== undefined && { cause }),
      ...(stopDate !== undefined && { endedAt: (stopDate - START) / 1000 }),
    };
  }

  async run(definition: object, input: Json = {}, type: StateMachineType = 'STANDARD') {
    return this.outcome(await this.start(definition, input, type));
  }

  /** The types of an execution's events. */
  types(executionArn: string): readonly string[] {
    return this.service.historyOf(executionArn).map(({ type }) => type);
  }

  /** The events from number `from` on, as `id<previous type`. */
  links(executionArn: string, from = 1): readonly string[] {
    return this.service
      .historyOf(executionArn)
      .slice(from - 1)
      .map(({ id, previousEventId, type }) => `${id}<${previousEventId} ${type}`);
  }
}

/** A machine of one state that ends it. */
export function single(state: object, more: object = {}): object {
  return { StartAt: 'S', States: { S: { End: true, ...state } }, ...more };
}

export function task(more: object = {}): object {
  return { Type: 'Task', Resource: FUNCTION, ...more };
}
