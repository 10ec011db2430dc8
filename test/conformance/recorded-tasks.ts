import { isJsonObject, type Json, type JsonObject } from '../../lib/asl/language/json.js';
import type { LateResult, TaskPort, TaskRequest, TaskResult } from '../../lib/engine/model/tasks.js';
import type { StepFunctions } from '../../lib/engine/service/step-functions.js';
import type { ExecutionCase, FunctionBehaviour, RecordedTask } from './cases.js';
import { matches } from './match.js';

const NEVER: LateResult = { afterMs: Number.POSITIVE_INFINITY, result: {} };

/** Answers tasks as they were answered on AWS: from the recorded calls, else by the recorded behaviour of the functions. */
export class RecordedTasks implements TaskPort {
  private readonly unused: RecordedTask[];
  private service: StepFunctions | undefined;

  constructor(private readonly recorded: ExecutionCase) {
    this.unused = [...(recorded.tasks ?? [])];
  }

  /** The service whose tasks these are: answers by token go to it. */
  serve(service: StepFunctions): void {
    this.service = service;
  }

  supports(): undefined {
    return undefined;
  }

  async run(request: TaskRequest): Promise<TaskResult | LateResult> {
    const task = this.take(request.state, request.parameters);
    if (task === undefined) return this.callFunction(request);
    const { outcome, submitted } = withToken(task, request.taskToken);
    const early = submitted === undefined ? {} : { submitted };
    if (outcome.type === 'timeout' || outcome.type === 'pending') {
      return request.taskToken !== undefined && submitted !== undefined ? { output: submitted } : NEVER;
    }
    if (request.taskToken !== undefined && submitted !== undefined) {
      this.answer(request.taskToken, outcome);
      return { output: submitted };
    }
    if (outcome.type === 'failure') return { ...failure(outcome), ...early };
    return { output: outcome.output, ...early };
  }

  /** The first unused recorded call of a state, the one with these parameters if there is one. */
  take(state: string, parameters: Json): RecordedTask | undefined {
    const ofState = this.unused.filter((task) => task.state === state);
    const task = ofState.find((candidate) => matches(candidate.parameters, parameters, new Map())) ?? ofState[0];
    if (task !== undefined) this.unused.splice(this.unused.indexOf(task), 1);
    return task;
  }

  /** Sends the outcome as a worker would. */
  answer(taskToken: string, outcome: RecordedTask['outcome']): void {
    if (outcome.type === 'success')
      this.service?.sendTaskSuccess({ taskToken, output: JSON.stringify(outcome.output) });
    else if (outcome.type === 'failure') this.service?.sendTaskFailure({ taskToken, ...failure(outcome) });
  }

  private callFunction({ integration, parameters }: TaskRequest): TaskResult | LateResult {
    const byArn = integration.kind === 'lambda';
    const name = byArn ? integration.functionArn : isJsonObject(parameters) ? String(parameters['FunctionName']) : '';
    const behaviour = this.recorded.functions?.[name] ?? this.recorded.functions?.[name.split(':').at(-1) ?? ''];
    if (behaviour === undefined) return { error: 'States.TaskFailed', cause: `The case says nothing about ${name}` };
    const payload = byArn ? parameters : ((parameters as JsonObject)['Payload'] ?? {});
    const wrap = (value: Json): TaskResult => ({ output: byArn ? value : envelope(value) });
    return behave(behaviour, payload, wrap);
  }
}

function behave(
  { behaviour, bytes, errorType, payload, seconds, value }: FunctionBehaviour,
  input: Json,
  wrap: (value: Json) => TaskResult,
): TaskResult | LateResult {
  switch (behaviour) {
    case 'echo':
      return wrap(input);
    case 'return':
      return wrap(value ?? null);
    case 'sleepThenEcho':
      return { afterMs: (seconds ?? 0) * 1000, result: wrap(input) };
    case 'returnLargeString':
      return wrap('0'.repeat(bytes ?? 0));
    case 'throw':
      return { ...(errorType !== undefined && { error: errorType }), cause: JSON.stringify(payload) };
  }
}

function envelope(payload: Json): JsonObject {
  return {
    ExecutedVersion: '$LATEST',
    Payload: payload,
    SdkHttpMetadata: { HttpStatusCode: 200 },
    SdkResponseMetadata: {},
    StatusCode: 200,
  };
}

function failure({ error, cause }: Extract<RecordedTask['outcome'], { type: 'failure' }>): {
  error?: string;
  cause?: string;
} {
  return { ...(error !== undefined && { error }), ...(cause !== undefined && { cause: causeText(cause) }) };
}

function causeText(cause: Json): string {
  if (isJsonObject(cause) && '$json' in cause) return JSON.stringify(cause['$json']);
  if (isJsonObject(cause) && '$text' in cause) return String(cause['$text']);
  return typeof cause === 'string' ? cause : JSON.stringify(cause);
}

/** The recorded call with the runner's own token where AWS's was. */
function withToken(task: RecordedTask, token: string | undefined): RecordedTask {
  if (token === undefined) return task;
  const text = JSON.stringify(task).replace(/«task_token:\d+»/g, token);
  return JSON.parse(text) as RecordedTask;
}
