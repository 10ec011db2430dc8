import { type Json, tryParseJson } from '../../asl/language/json.js';
import { isFinished, type RuntimeStatus, runtimeStatusOf } from '../../contract/runtime-status.js';
import type { HistoryEvent } from '../../engine/model/history.js';
import { DurableStepsError } from '../../errors.js';
import type { AnyDouble } from '../activities/activities.js';
import type { TimeSpan } from '../span.js';
import type { Rest } from '../test-time.js';
import { renderJournal } from './journal.js';
import type { PendingAnswer, RecordedExecution } from './recorded-execution.js';

/** How an instance failed. */
export interface InstanceError {
  readonly name: string;
  /** The message of what the handler threw, else the cause as it is. */
  readonly message: string;
  readonly cause: string | undefined;
}

/** What an instance needs of its environment. */
export interface InstanceSurroundings {
  executions(): readonly RecordedExecution[];
  tryExecution(executionArn: string): RecordedExecution | undefined;
  activities(): readonly AnyDouble[];
  runUntil(condition: () => boolean, within?: TimeSpan): Promise<Rest>;
  raiseEvent(name: string, payload: unknown): Promise<void>;
  terminate(reason: string): Promise<void>;
  rewind(): Promise<void>;
}

/** How long to wait. */
export interface WaitOptions {
  /** Fail when it takes longer than this, on the environment's clock. @default - as long as it takes */
  readonly within?: TimeSpan;
}

/**
 * An instance of an orchestration in a test environment. Its properties show it as it is at this moment; its methods let time pass until something has happened, and fail
 * with a timeline of what happened instead.
 *
 * @example
 * const instance = await env.start(stack.processOrder, order);
 * await instance.waiting();                  // a person is asked
 * await (await env.mail({ to: 'boss@example.com' })).approve();
 * expect(await instance.completed()).toEqual({ status: 'Success' });
 */
export class Instance<Output = unknown> {
  constructor(
    /** The public id. */
    readonly id: string,
    /** The orchestration's construct id. */
    readonly orchestration: string,
    private readonly surroundings: InstanceSurroundings,
  ) {}

  /** Where it stands, in Durable Functions' words. */
  get status(): RuntimeStatus {
    const last = this.last;
    if (last === undefined) return 'Pending';
    return runtimeStatusOf(last.status, last.generation, last.last?.output);
  }

  /** What it put out; undefined until it has completed. */
  get output(): Output | undefined {
    return this.status === 'Completed' ? (parse(this.last?.last?.output) as Output) : undefined;
  }

  /** What it was started with; for one that continued as new, what its present run was. */
  get input(): unknown {
    const first = this.last?.events[0];
    return first?.type === 'ExecutionStarted' ? first.details.input : undefined;
  }

  /** How it failed or why it was terminated; undefined otherwise. */
  get error(): InstanceError | undefined {
    const { error, cause } = this.last?.last ?? {};
    if (this.status !== 'Failed' && this.status !== 'Terminated') return undefined;
    const name = error ?? (this.last?.status === 'TIMED_OUT' ? 'States.Timeout' : 'Error');
    return { name, message: messageOf(cause), cause };
  }

  /** The custom status that it shows. */
  get customStatus(): Json | undefined {
    return this.customStatuses.at(-1);
  }

  /** Every custom status that it has shown, in order. */
  get customStatuses(): readonly Json[] {
    return this.executions.flatMap(({ customStatuses }) => customStatuses);
  }

  /** Its history in the engine's form, all of its runs one after the other. */
  get history(): readonly HistoryEvent[] {
    return this.executions.flatMap(({ events }) => events);
  }

  /** The names of the states that it entered, in order. */
  get steps(): readonly string[] {
    return this.history.flatMap((event) =>
      event.type.endsWith('StateEntered') && event.details !== undefined && 'name' in event.details
        ? [String(event.details.name)]
        : [],
    );
  }

  /** How often it has continued as new, plus one. */
  get generation(): number {
    return this.last?.generation ?? 1;
  }

  /** Whose answers it awaits now: events, approvals. */
  get pendingAnswers(): readonly PendingAnswer[] {
    return this.executions.flatMap(({ pendingAnswers }) => pendingAnswers);
  }

  /** How long it ran, or has run, on the environment's clock, in milliseconds. */
  get duration(): number {
    const history = this.history;
    return (history.at(-1)?.timestamp ?? 0) - (history[0]?.timestamp ?? 0);
  }

  /**
   * Lets time pass until it has completed, and gives the output.
   *
   * @throws DurableStepsError `InstanceNotCompleted` when it fails, when it waits for a person, or when nothing can happen any more; with a timeline
   */
  async completed(options: WaitOptions = {}): Promise<Output> {
    const rest = await this.surroundings.runUntil(() => isFinished(this.status), options.within);
    if (this.status === 'Completed') return this.output as Output;
    throw this.disappointment('to complete', rest);
  }

  /** Lets time pass until it has failed, and says how. Throws when it completes, or doesn't end. */
  async failed(options: WaitOptions = {}): Promise<InstanceError> {
    const rest = await this.surroundings.runUntil(() => isFinished(this.status), options.within);
    if (this.status === 'Failed' && this.error !== undefined) return this.error;
    throw this.disappointment('to fail', rest);
  }

  /** Lets time pass until it is over, however it ends. Throws when it doesn't. */
  async finished(options: WaitOptions = {}): Promise<RuntimeStatus> {
    const rest = await this.surroundings.runUntil(() => isFinished(this.status), options.within);
    if (isFinished(this.status)) return this.status;
    throw this.disappointment('to end', rest);
  }

  /** Lets time pass until it awaits an answer from outside: an event, an approval. Throws when it ends without. */
  async waiting(options: WaitOptions = {}): Promise<readonly PendingAnswer[]> {
    const rest = await this.surroundings.runUntil(
      () => this.pendingAnswers.length > 0 || isFinished(this.status),
      options.within,
    );
    if (this.pendingAnswers.length > 0) return this.pendingAnswers;
    throw this.disappointment('to await an answer', rest);
  }

  /** Lets time pass until it has shown this custom status. Throws when it ends without. */
  async shows(customStatus: Json, options: WaitOptions = {}): Promise<void> {
    const wanted = JSON.stringify(customStatus);
    const seen = () => this.customStatuses.some((status) => JSON.stringify(status) === wanted);
    const rest = await this.surroundings.runUntil(() => seen() || isFinished(this.status), options.within);
    if (!seen()) throw this.disappointment(`to show the custom status ${wanted}`, rest);
  }

  /** Raises an event for it. What follows at once has happened when this resolves; time stands. */
  async raiseEvent(name: string, payload: unknown = null): Promise<void> {
    await this.surroundings.raiseEvent(name, payload);
  }

  /** Terminates it. */
  async terminate(reason: string): Promise<void> {
    await this.surroundings.terminate(reason);
  }

  /** Lets it go on, once it has failed or was terminated, from the step that failed. */
  async rewind(): Promise<void> {
    await this.surroundings.rewind();
  }

  /** What it did so far, as text for a person. */
  describe(): string {
    const { executions, surroundings } = this;
    return renderJournal({
      executions,
      activities: surroundings.activities(),
      tryFind: (arn) => surroundings.tryExecution(arn),
    });
  }

  private get executions(): readonly RecordedExecution[] {
    return this.surroundings.executions();
  }

  private get last(): RecordedExecution | undefined {
    return this.executions.at(-1);
  }

  private disappointment(expectation: string, rest: Rest): DurableStepsError {
    return new DurableStepsError('InstanceNotAsExpected', {
      where: `${this.orchestration}/${this.id}`,
      expected: `it ${expectation}`,
      got: `${this.renderState(rest)}\n\n${this.describe()}\n`,
    });
  }

  private renderState(rest: Rest): string {
    const { error } = this;
    switch (this.status) {
      case 'Completed':
        return `Completed with ${JSON.stringify(this.output)}`;
      case 'Failed':
      case 'Terminated':
        return `${this.status} with ${error?.name}${error?.message ? `: ${error.message}` : ''}`;
      default:
        return `${this.status}, and ${renderRest(rest, this.pendingAnswers)}`;
    }
  }
}

function renderRest(rest: Rest, pending: readonly PendingAnswer[]): string {
  const awaited = pending.map(({ state }) => `\`${state}\``).join(', ');
  switch (rest.reason) {
    case 'held':
      return `time stands still while an answer is awaited${awaited === '' ? ` elsewhere (${rest.holds.join('; ')})` : ` by ${awaited}`}: answer it, or let its deadline pass with \`env.advance(…)\``;
    case 'idle':
      return 'nothing is left that could happen';
    case 'late':
      return 'the given time is over';
    case 'endless':
      return 'no end in sight: move time yourself with `env.advance(…)`';
    case 'reached':
      return 'it goes on';
  }
}

function parse(text: string | undefined): Json {
  return text === undefined ? null : (tryParseJson(text) ?? null);
}

/** A failed function's cause is JSON with the message in it. */
function messageOf(cause: string | undefined): string {
  const parsed = parse(cause);
  const message =
    typeof parsed === 'object' && parsed !== null && 'errorMessage' in parsed ? parsed['errorMessage'] : cause;
  return typeof message === 'string' ? message : '';
}
