import { isJsonObject, type Json } from '../asl/language/json.js';
import type { StateMachineDefinition } from '../asl/language/types.js';
import { VirtualClock } from '../clock.js';
import type { ExecutionStatus, StateMachineType } from '../engine/model/api.js';
import { ApiError } from '../engine/model/api-errors.js';
import type { Execution } from '../engine/model/execution.js';
import { type ApiHistoryEvent, type HistoryEvent, renderHistoryEvent } from '../engine/model/history.js';
import type { LateResult, TaskPort, TaskRequest, TaskResult } from '../engine/model/tasks.js';
import { StepFunctions } from '../engine/service/step-functions.js';
import { MemoryObjects } from '../engine/work/memory-objects.js';
import { DurableStepsError } from '../errors.js';
import { type Checks, checkOptions } from '../options/check-options.js';
import { ANY_TEXT, ANYTHING, CALLBACK, like, oneOf, others, recordOf, text } from '../options/kinds.js';
import { jsonTextOf } from './json-text.js';

/** How a stub of {@link runStateMachine} fails: the error meets Retry and Catch as it would on AWS. */
export class TaskFailure extends Error {
  override readonly name = 'TaskFailure';

  constructor(
    /** The error's name, for example `Lambda.TooManyRequestsException`. */
    readonly error: string,
    readonly errorCause = '',
  ) {
    super(`${error}: ${errorCause}`);
  }
}

/** A task that a stub answers. */
export interface StubbedTask extends TaskRequest {
  /** The payload of a Lambda function, however it is called; the parameters of any other task. */
  readonly payload: Json;
}

/** A task that takes its time: the result comes after so many milliseconds of virtual time; `Infinity` never. */
export class Late {
  constructor(
    readonly afterMs: number,
    readonly result: Json = null,
  ) {}
}

/** What {@link runStateMachine} runs, and against what. */
export interface RunStateMachineOptions {
  /** @default {} */
  readonly input?: Json;
  /**
   * Does the tasks: gets each attempt, returns the result. For `lambda:invoke` it returns the payload, which is put into the integration's envelope. Throwing
   * a {@link TaskFailure} fails the task with that error; throwing another error fails it with the error's name and message, as a Lambda function would.
   * Returning a {@link Late} takes virtual time. For `.waitForTaskToken`, the result is what the callback brings.
   *
   * @default - a machine that reaches a task fails there
   */
  readonly task?: (task: StubbedTask) => Json | undefined | Late | Promise<Json | undefined | Late>;
  /** @default 'STANDARD' */
  readonly type?: StateMachineType;
  /** When the execution starts. @default - now */
  readonly start?: Date;
  /** Objects on Amazon S3, as `{ bucket: { key: text } }`, for `ItemReader`. @default - none */
  readonly objects?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Other state machines that this one may start, by ARN. @default - none */
  readonly stateMachines?: Readonly<Record<string, StateMachineDefinition | object>>;
  /** The execution's name. @default - a random one */
  readonly name?: string;
}

const RUN: Checks<RunStateMachineOptions> = {
  input: ANYTHING,
  task: CALLBACK,
  type: oneOf('STANDARD', 'EXPRESS'),
  start: like('a `Date`', 'getTime'),
  objects: recordOf(recordOf(ANY_TEXT)),
  stateMachines: recordOf(others('a definition')),
  name: text('a name'),
};

/** How a run ended. */
export interface StateMachineRun {
  readonly status: ExecutionStatus;
  readonly output?: Json;
  readonly error?: string;
  readonly cause?: string;
  /** The history as GetExecutionHistory gives it; timestamps are milliseconds since the epoch. */
  readonly history: readonly ApiHistoryEvent[];
  /** How long it took on the virtual clock, in milliseconds. */
  readonly duration: number;
}

/**
 * Runs any definition in the Amazon States Language to its end, in virtual time, with stubs for its tasks. No AWS account, no waiting: a day passes at once.
 * It ends also when nothing can happen any more (a task that never answers and has no timeout): the status is then `RUNNING`.
 *
 * @throws DurableStepsError (`InvalidDefinition`) when AWS would refuse the definition.
 *
 * @example
 * const run = await runStateMachine(definition, { input: { n: 1 }, task: ({ state, payload }) => ({ state, payload }) });
 * expect(run).toMatchObject({ status: 'SUCCEEDED', output: { n: 2 } });
 */
export async function runStateMachine(
  definition: StateMachineDefinition | object,
  options: RunStateMachineOptions = {},
): Promise<StateMachineRun> {
  checkOptions('runStateMachine', options, RUN);
  const clock = new VirtualClock(options.start === undefined ? {} : { start: options.start });
  const tasks = new StubbedTasks(options.task, (taskToken, result) => answer(service, taskToken, result));
  const service: StepFunctions = new StepFunctions({
    clock,
    tasks,
    objects: await loadObjects(clock, options.objects ?? {}),
    holdForTokens: false,
    implicitActivities: true,
  });
  for (const [arn, other] of Object.entries(options.stateMachines ?? {})) create(service, other, 'STANDARD', arn);
  serveActivities(service, clock, tasks);
  const stateMachineArn = create(service, definition, options.type ?? 'STANDARD');
  const { executionArn, startDate } = service.startExecution({
    stateMachineArn,
    input: jsonTextOf('runStateMachine.input', options.input ?? {}),
    ...(options.name !== undefined && { name: options.name }),
  });
  await clock.settled();
  const { status, output, error, cause, stopDate } = service.describeExecution({ executionArn });
  return {
    status,
    ...(output !== undefined && { output: JSON.parse(output) as Json }),
    ...(error !== undefined && { error }),
    ...(cause !== undefined && { cause }),
    history: service.historyOf(executionArn).map((event) => renderHistoryEvent(event)),
    duration: (stopDate ?? clock.now()) - startDate,
  };
}

/** A worker for every activity: it hands the tasks to the stub. */
function serveActivities(service: StepFunctions, clock: VirtualClock, tasks: StubbedTasks): void {
  service.onEvent((executionArn, event) => {
    if (event.type !== 'ActivityScheduled') return;
    const activityArn = event.details.resource;
    const work = service.getActivityTask({ activityArn }).then(async ({ taskToken, input }) => {
      if (taskToken !== undefined)
        await tasks.work(service.findExecution(executionArn), event, taskToken, input ?? '{}');
    });
    void clock.track(work);
  });
}

function create(service: StepFunctions, definition: object, type: StateMachineType, arn?: string): string {
  try {
    const { stateMachineArn } = service.createStateMachine({
      name: arn?.split(':').at(-1) ?? 'StateMachine',
      definition: jsonTextOf('runStateMachine.definition', definition),
      roleArn: 'arn:aws:iam::123456789012:role/StateMachineRole',
      type,
      ...(arn !== undefined && { arn }),
    });
    return stateMachineArn;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    throw new DurableStepsError(
      'InvalidDefinition',
      { where: 'runStateMachine.definition', expected: 'a definition that AWS would accept', got: error.message },
      { cause: error },
    );
  }
}

async function loadObjects(
  clock: VirtualClock,
  buckets: NonNullable<RunStateMachineOptions['objects']>,
): Promise<MemoryObjects> {
  const objects = new MemoryObjects(clock);
  for (const [bucket, contents] of Object.entries(buckets)) {
    for (const [key, text] of Object.entries(contents)) await objects.put(bucket, key, Buffer.from(text));
  }
  return objects;
}

function answer(service: StepFunctions, taskToken: string, result: TaskResult): void {
  if ('output' in result) service.sendTaskSuccess({ taskToken, output: JSON.stringify(result.output) });
  else service.sendTaskFailure({ taskToken, ...result });
}

/** The task port over a test's stub. */
class StubbedTasks implements TaskPort {
  constructor(
    private readonly stub: RunStateMachineOptions['task'],
    private readonly answer: (taskToken: string, result: TaskResult) => void,
  ) {}

  supports(): undefined {
    return undefined;
  }

  async run(request: TaskRequest): Promise<TaskResult | LateResult> {
    const { integration, taskToken } = request;
    const invoke =
      integration.kind === 'service' && integration.service === 'lambda' && integration.action === 'invoke';
    const parameters = request.parameters;
    const payload = invoke && isJsonObject(parameters) ? (parameters['Payload'] ?? {}) : parameters;
    const result = await this.call({ ...request, payload });
    if (taskToken !== undefined) return this.carry(taskToken, result);
    const wrap = (output: Json): TaskResult => ({ output: invoke ? envelope(output) : output });
    if (result instanceof Late) return { afterMs: result.afterMs, result: wrap(result.result) };
    return 'output' in result ? wrap(result.output) : result;
  }

  /** Does an activity's task. */
  async work(execution: Execution, scheduled: ActivityScheduled, taskToken: string, input: string): Promise<void> {
    const activityArn = scheduled.details.resource;
    const parameters = JSON.parse(input) as Json;
    const { arn, name, machine, startDate } = execution;
    const { arn: stateMachineArn, roleArn } = machine;
    const result = await this.call({
      resource: activityArn,
      integration: { kind: 'activity', activityArn },
      parameters,
      payload: parameters,
      taskToken,
      ...whereScheduled(execution, scheduled),
      execution: { arn, name, stateMachineArn, roleArn, startTime: new Date(startDate).toISOString() },
      region: 'us-east-1',
      signal: new AbortController().signal,
    });
    this.carry(taskToken, result);
  }

  private async call(task: StubbedTask): Promise<TaskResult | Late> {
    if (this.stub === undefined) return { error: 'States.TaskFailed', cause: 'runStateMachine was given no `task`' };
    try {
      const result = await this.stub(task);
      return result instanceof Late ? result : { output: result ?? null };
    } catch (error) {
      if (error instanceof TaskFailure) return { error: error.error, cause: error.errorCause };
      const { name, message } = error instanceof Error ? error : new Error(String(error));
      return { error: name, cause: JSON.stringify({ errorType: name, errorMessage: message, trace: [] }) };
    }
  }

  /** The call that carries a token settles at once; the result is what the callback brings, unless that never comes. */
  private carry(taskToken: string, result: TaskResult | Late): TaskResult {
    if (!(result instanceof Late)) this.answer(taskToken, result);
    else if (Number.isFinite(result.afterMs)) {
      throw new DurableStepsError('InvalidStub', {
        where: 'runStateMachine.task',
        expected: 'a result, or a `Late` of `Infinity`, for a task that waits for a token',
        got: `\`new Late(${result.afterMs}, …)\``,
        fix: 'return the result at once',
      });
    }
    return { output: {} };
  }
}

type ActivityScheduled = Extract<HistoryEvent, { type: 'ActivityScheduled' }>;

/** The state that an activity's task is for, and which attempt it is. */
function whereScheduled(
  { events }: Execution,
  scheduled: ActivityScheduled,
): { readonly state: string; readonly attempt: number } {
  let attempt = 1;
  for (
    let event = events[scheduled.previousEventId - 1];
    event !== undefined;
    event = events[event.previousEventId - 1]
  ) {
    if (event.type === 'TaskStateEntered') return { state: event.details.name, attempt };
    if (event.type === 'ActivityScheduled') attempt++;
  }
  return { state: '', attempt };
}

function envelope(payload: Json): Json {
  return {
    ExecutedVersion: '$LATEST',
    Payload: payload,
    SdkHttpMetadata: { HttpStatusCode: 200 },
    SdkResponseMetadata: {},
    StatusCode: 200,
  };
}
