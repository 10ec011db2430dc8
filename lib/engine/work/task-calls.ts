import type { Json } from '../../asl/language/json.js';
import { exceedsJsonSize } from '../../asl/language/json-size.js';
import { fatalError, heartbeatError, StatesError, taskError } from '../../asl/language/states-error.js';
import { describeTaskResource } from '../../asl/language/task-resource.js';
import type { Clock } from '../../clock.js';
import { ApiError } from '../model/api-errors.js';
import type { TaskCall } from '../model/effects.js';
import type { Execution } from '../model/execution.js';
import type { Frame } from '../model/frame.js';
import type { EventDetails, EventType } from '../model/history.js';
import { isTaskSuccess, type LateResult, type TaskPort, type TaskRequest, type TaskResult } from '../model/tasks.js';

import type { Completion } from '../run/ports.js';
import type { ActivityTask, ActivityWorkers } from './activities.js';

/** What task calls need. */
export interface TaskCallPorts {
  readonly clock: Clock;
  readonly tasks: TaskPort;
  /** Does the integrations that the service does itself; `undefined` for all others. */
  readonly internal: (request: TaskRequest, call: ActiveCall) => Promise<TaskResult> | undefined;
  readonly activities: ActivityWorkers;
  readonly region: string;
  readonly holdForTokens: boolean;
  /** Runs something that writes history; the execution fails when its history is full. */
  readonly guarded: (execution: Execution, action: () => void) => void;
}

/**
 * The calls of tasks that are under way: from `…Scheduled` to `…Succeeded`, `…Failed` or `…TimedOut`, with their timeouts, heartbeats and tokens.
 *
 * Invariants:
 * 1. a call is done once; what comes later (a late answer, a second SendTaskSuccess) changes nothing;
 * 2. an answer by token that comes before the call that carried the token has settled takes effect right after `TaskSubmitted`;
 * 3. a token that waits holds the clock, from the moment its carrier has settled.
 */
export class TaskCalls {
  private readonly byToken = new Map<string, ActiveCall>();

  constructor(private readonly ports: TaskCallPorts) {}

  /** Calls a task. Gives a function that drops the call. */
  start(frame: Frame, call: TaskCall, done: (completion: Completion) => void): () => void {
    const active = new ActiveCall(frame, call, this.ports, (completion) => {
      if (active.token !== undefined) this.byToken.delete(active.token);
      done(completion);
    });
    if (active.token !== undefined) this.byToken.set(active.token, active);
    active.begin();
    return () => {
      if (active.token !== undefined) this.byToken.delete(active.token);
      active.drop();
    };
  }

  /** The call that waits for a token's answer; throws the API's errors when there is none. */
  find(token: string): ActiveCall {
    const active = this.byToken.get(token);
    if (active !== undefined) return active;
    if (!isToken(token)) throw new ApiError('InvalidToken', `Invalid Token: 'Invalid token'`);
    throw new ApiError('TaskTimedOut', `Task Timed Out: 'Provided task does not exist anymore'`);
  }
}

/** Whether a text has the form of a token that the engine made. */
function isToken(text: string): boolean {
  try {
    const parts: unknown = JSON.parse(Buffer.from(text, 'base64').toString('utf8'));
    return Array.isArray(parts) && parts.length === 2 && String(parts[0]).startsWith('arn:');
  } catch {
    return false;
  }
}

type Kind = 'LambdaFunction' | 'Activity' | 'Task';

/** One call under way. */
export class ActiveCall implements ActivityTask {
  readonly token: string | undefined;
  readonly abort = new AbortController();
  private readonly kind: Kind;
  private readonly about: { readonly resourceType: string; readonly resource: string } | undefined;
  private over = false;
  /** Whether the call that carries the token has settled. */
  private submitted: boolean;
  private early: TaskResult | undefined;
  private readonly cleanups: (() => void)[] = [];
  private cancelHeartbeat: (() => void) | undefined;

  constructor(
    readonly frame: Frame,
    readonly call: TaskCall,
    private readonly ports: TaskCallPorts,
    private readonly done: (completion: Completion) => void,
  ) {
    const { integration } = call;
    this.kind =
      integration.kind === 'lambda' ? 'LambdaFunction' : integration.kind === 'activity' ? 'Activity' : 'Task';
    this.about = integration.kind === 'service' ? describeTaskResource(integration) : undefined;
    const byToken =
      integration.kind === 'activity' || (integration.kind === 'service' && integration.pattern === 'waitForTaskToken');
    this.token = byToken ? frame.taskToken : undefined;
    this.submitted = integration.kind === 'activity';
  }

  /** The input of an activity's worker. */
  get input(): Json {
    return this.call.parameters;
  }

  /** Writes that the task is scheduled and, unless a worker has to come for it, calls it. */
  begin(): void {
    const { call, frame } = this;
    const { integration } = call;
    if (integration.kind === 'activity' && !this.ports.activities.has(integration.activityArn)) {
      this.failToSchedule(integration.activityArn);
      return;
    }
    const limits = {
      ...(call.timeoutSeconds !== undefined && { timeoutInSeconds: call.timeoutSeconds }),
      ...(call.heartbeatSeconds !== undefined && { heartbeatInSeconds: call.heartbeatSeconds }),
      ...(call.credentials !== undefined && { taskCredentials: readCredentials(call.credentials) }),
    };
    if (this.about === undefined) {
      this.write(`${this.kind}Scheduled` as 'ActivityScheduled', {
        resource: call.resource,
        input: call.parameters,
        ...limits,
      });
    } else {
      const { region } = this.ports;
      this.write('TaskScheduled', { ...this.about, region, parameters: call.parameters, ...limits });
    }
    if (call.timeoutSeconds !== undefined) this.limit(call.timeoutSeconds);
    if (integration.kind === 'activity') {
      this.hold();
      this.cleanups.push(this.ports.activities.offer(integration.activityArn, this));
      return;
    }
    this.write(`${this.kind}Started` as 'LambdaFunctionStarted', this.about as undefined);
    if (this.token !== undefined) this.beat();
    this.run(frame);
  }

  /** The activity is gone: AWS has an event of its own for that, and the execution can't go on. */
  private failToSchedule(activityArn: string): void {
    const failure = fatalError(`Activity Does Not Exist: '${activityArn}'`);
    this.close();
    this.write('ActivityScheduleFailed', failureDetails(failure.error, failure.cause));
    queueMicrotask(() => this.guarded(() => this.done({ failure })));
  }

  /** A worker took the activity task: its heartbeat counts from now on. */
  takenBy(workerName: string | undefined): void {
    if (this.over) return;
    this.guarded(() => this.write('ActivityStarted', workerName === undefined ? {} : { workerName }));
    this.beat();
  }

  /** A sign of life: the heartbeat begins anew. */
  beat(): void {
    const { heartbeatSeconds } = this.call;
    if (heartbeatSeconds === undefined) return;
    this.cancelHeartbeat?.();
    const { clock } = this.ports;
    this.cancelHeartbeat = clock.at(clock.now() + heartbeatSeconds * 1000, () => this.timeOut(heartbeatError()));
  }

  /** SendTaskSuccess or SendTaskFailure. */
  answer(result: TaskResult): void {
    if (this.submitted) this.finish(result);
    else this.early ??= result;
  }

  /** Gives the call up without a word. */
  drop(): void {
    if (this.over) return;
    this.close();
    this.abort.abort();
  }

  /** Writes `TaskSubmitted`: the service has the work, and its end is awaited. */
  submit(output: Json): void {
    if (this.over || this.about === undefined) return;
    const { about } = this;
    this.guarded(() => this.write('TaskSubmitted', { ...about, output }));
  }

  private run(frame: Frame): void {
    const request = this.request(frame);
    const running: Promise<TaskResult | LateResult> =
      this.ports.internal(request, this) ?? this.ports.clock.track(this.ports.tasks.run(request));
    running.then(
      (result) => ('afterMs' in result ? this.settleLater(result) : this.settled(result)),
      (error: unknown) =>
        this.settled({ error: 'States.TaskFailed', cause: error instanceof Error ? error.message : String(error) }),
    );
  }

  private request(frame: Frame): TaskRequest {
    const { call, token } = this;
    const { execution, state } = frame;
    return {
      resource: call.resource,
      integration: call.integration,
      parameters: call.parameters,
      ...(token !== undefined && { taskToken: token }),
      ...(call.credentials !== undefined && { credentials: call.credentials }),
      state: state.name,
      attempt: frame.retryCount + 1,
      execution: {
        arn: execution.arn,
        name: execution.name,
        stateMachineArn: execution.machine.arn,
        roleArn: execution.machine.roleArn,
        startTime: new Date(execution.startDate).toISOString(),
      },
      region: this.ports.region,
      signal: this.abort.signal,
    };
  }

  private settleLater({ afterMs, result }: LateResult): void {
    if (this.over || !Number.isFinite(afterMs)) return;
    const { clock } = this.ports;
    this.cleanups.push(clock.at(clock.now() + afterMs, () => this.settled(result)));
  }

  /** The call came back: with the result, or, when an answer by token is awaited, with the carrier's. */
  private settled(result: TaskResult): void {
    if (this.over) return;
    if (result.submitted !== undefined) this.submit(result.submitted);
    if (this.token === undefined || !isTaskSuccess(result)) {
      this.finish(result);
      return;
    }
    this.submit(result.output);
    if (this.over) return;
    this.submitted = true;
    if (this.early === undefined) this.hold();
    else this.finish(this.early);
  }

  private finish(result: TaskResult): void {
    if (this.over) return;
    this.close();
    if (isTaskSuccess(result) && !exceedsJsonSize(result.output)) {
      this.conclude('Succeeded', { output: result.output }, { output: result.output });
      return;
    }
    const { error, cause } = isTaskSuccess(result) ? this.tooLarge() : result;
    this.conclude('Failed', failureDetails(error, cause), { failure: taskError(error, cause) });
  }

  private tooLarge(): { readonly error: string; readonly cause: string } {
    const name = this.about?.resourceType ?? this.call.resource;
    const cause = `The state/task '${name}' returned a result with a size exceeding the maximum number of bytes service limit.`;
    return { error: 'States.DataLimitExceeded', cause };
  }

  private timeOut(failure: StatesError): void {
    if (this.over) return;
    this.close();
    this.abort.abort();
    this.conclude('TimedOut', failureDetails(failure.error, failure.cause), { failure });
  }

  private conclude(how: 'Succeeded' | 'Failed' | 'TimedOut', details: object, completion: Completion): void {
    this.guarded(() => {
      this.write(
        `${this.kind}${how}` as 'ActivitySucceeded',
        { ...this.about, ...details } as { readonly output: Json },
      );
      this.done(completion);
    });
  }

  private limit(seconds: number): void {
    const { clock } = this.ports;
    this.cleanups.push(
      clock.at(clock.now() + seconds * 1000, () => this.timeOut(new StatesError('States.Timeout', undefined))),
    );
  }

  /** While somebody outside is awaited, virtual time stands still. */
  private hold(): void {
    if (!this.ports.holdForTokens) return;
    const { state, execution } = this.frame;
    this.cleanups.push(this.ports.clock.hold(`${state.name} of ${execution.arn} waits for its task token`));
  }

  private close(): void {
    this.over = true;
    this.cancelHeartbeat?.();
    for (const cleanup of this.cleanups.splice(0)) cleanup();
  }

  private write<T extends EventType>(type: T, details: EventDetails[T]): void {
    const { frame } = this;
    frame.previous = frame.execution.write(type, frame.previous, details);
  }

  private guarded(action: () => void): void {
    this.ports.guarded(this.frame.execution, action);
  }
}

function failureDetails(error: string | undefined, cause: string | undefined) {
  return { ...(error !== undefined && { error }), ...(cause !== undefined && { cause }) };
}

function readCredentials(credentials: { readonly [name: string]: Json }): { readonly roleArn?: string } {
  const { RoleArn } = credentials;
  return typeof RoleArn === 'string' ? { roleArn: RoleArn } : {};
}
