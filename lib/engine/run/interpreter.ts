import type { Json } from '../../asl/language/json.js';
import { StatesError } from '../../asl/language/states-error.js';
import { nextTurn } from '../../clock.js';
import type { Effect, MapPlan, TaskCall } from '../model/effects.js';
import { type Execution, HISTORY_FULL } from '../model/execution.js';
import { Frame } from '../model/frame.js';
import { abortFrame } from './abort.js';
import { isFatal, noteEvaluation, tryCatch, tryRetry } from './failures.js';
import {
  failInFork,
  finishInFork,
  forkMap,
  forkParallel,
  noteBegun,
  noteForkFailed,
  startFork,
  startNext,
} from './forks.js';
import type { Completion, InterpreterPorts } from './ports.js';
import { tryRefuseInput, tryRefuseOutcome } from './size-limits.js';
import { limitTime } from './time-limit.js';

/** So many states may be entered before others get their turn at the event loop. */
const STATES_PER_TURN = 20_000;

/** The event that ends an execution which did not succeed. */
const UNSUCCESSFUL = {
  FAILED: 'ExecutionFailed',
  ABORTED: 'ExecutionAborted',
  TIMED_OUT: 'ExecutionTimedOut',
} as const;

/**
 * The loop that runs executions. It owns their threads ({@link Frame}) and is the only one to move them on or to write their history.
 *
 * Invariants:
 * 1. handlers say what should happen, as an {@link Effect}; only this loop performs it;
 * 2. nothing re-enters it: whoever has news for a thread (a timer, a task, a branch that ended) puts the thread in the queue;
 * 3. a thread runs until it waits or ends, without a promise in between; a long run yields now and then, and counts as a call in flight meanwhile;
 * 4. each event is linked to the last event of its own thread.
 */
export class Interpreter {
  private queue: Frame[] = [];
  /** The outermost threads; those of failed executions are kept, for a redrive. */
  private readonly roots = new WeakMap<Execution, Frame>();
  private draining = false;
  private statesLeft = STATES_PER_TURN;

  constructor(private readonly ports: InterpreterPorts) {}

  /** Begins an execution; its first state is entered as soon as the caller is done. */
  start(execution: Execution): void {
    const { machine } = execution;
    execution.write('ExecutionStarted', 0, {
      input: execution.input,
      inputText: execution.inputText,
      roleArn: machine.roleArn,
    });
    const root = new Frame(execution, machine.program, execution.input, 0);
    this.roots.set(execution, root);
    this.limitTime(execution);
    this.enqueue(root);
  }

  /** Stops an execution from outside. */
  stop(execution: Execution, error: string | undefined, cause: string | undefined): void {
    this.end(execution, 'ABORTED', 0, error, cause);
  }

  /** Runs again what did not succeed, from where it failed. */
  redrive(execution: Execution): void {
    const root = this.roots.get(execution);
    if (root === undefined) return;
    execution.noteRedrive();
    execution.status = 'RUNNING';
    execution.stopDate = undefined;
    execution.error = undefined;
    execution.cause = undefined;
    execution.write('ExecutionRedriven', 0, { redriveCount: execution.redriveCount });
    this.limitTime(execution);
    this.resumeUnfinished(root);
  }

  private resumeUnfinished(frame: Frame): void {
    frame.ended = false;
    frame.resetRetries();
    const fork = frame.fork;
    if (fork === undefined) {
      // The state was entered before, so it is tried again without another entry.
      if (frame.enteredId !== 0) frame.pending = { kind: 'again' };
      this.enqueue(frame);
      return;
    }
    for (const index of fork.reopen()) this.resumeUnfinished(fork.frames[index]!);
    startNext(fork, frame.previous, this.enqueue);
  }

  private limitTime(execution: Execution): void {
    limitTime(execution, this.ports.clock, () => this.end(execution, 'TIMED_OUT', 0, 'States.Timeout'));
  }

  private readonly enqueue = (frame: Frame): void => {
    this.queue.push(frame);
    if (this.draining) return;
    this.draining = true;
    queueMicrotask(() => this.drain());
  };

  private drain(): void {
    this.statesLeft = STATES_PER_TURN;
    for (let at = 0; at < this.queue.length; at++) {
      this.run(this.queue[at]!);
      if (this.statesLeft > 0) continue;
      this.queue = this.queue.slice(at + 1);
      void this.ports.clock.track(nextTurn().then(() => this.drain()));
      return;
    }
    this.queue = [];
    this.draining = false;
  }

  private run(frame: Frame): void {
    const { execution } = frame;
    if (!execution.running || frame.ended) return;
    try {
      if (!frame.begun) noteBegun(frame);
      let effect = frame.pending ?? this.enter(frame);
      frame.pending = undefined;
      while (effect !== undefined) {
        if (--this.statesLeft < 0) {
          frame.pending = effect;
          this.queue.push(frame);
          return;
        }
        effect = this.perform(frame, effect);
      }
    } catch (error) {
      this.endBroken(execution, error);
    }
  }

  /** Does something that writes history, in the name of a thread that waits; the execution fails when its history is full. */
  guarded(execution: Execution, action: () => void): void {
    if (!execution.running) return;
    try {
      action();
    } catch (error) {
      this.endBroken(execution, error);
    }
  }

  /** Ends an execution whose history is full; or one that met a defect of the engine, so that others can go on. */
  private endBroken(execution: Execution, error: unknown): void {
    const cause =
      error === HISTORY_FULL
        ? `The execution reached the maximum number of history events (${execution.maxEvents}).`
        : `The engine failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
    this.end(execution, 'FAILED', execution.events.length, 'States.Runtime', cause);
  }

  private enter(frame: Frame): Effect | undefined {
    const { execution, state } = frame;
    frame.enteredAfter = frame.previous;
    frame.enteredTime = this.ports.clock.now();
    frame.enteredId = execution.write(state.entered as 'PassStateEntered', frame.previous, {
      name: state.name,
      input: frame.input,
    });
    frame.previous = frame.enteredId;
    return this.attempt(frame);
  }

  private attempt(frame: Frame): Effect | undefined {
    try {
      return frame.state.enter(frame);
    } catch (error) {
      return this.failed(frame, asStatesError(error));
    }
  }

  private resumeState(frame: Frame, result: Json): Effect | undefined {
    try {
      return frame.state.resume?.(frame, result);
    } catch (error) {
      return this.failed(frame, asStatesError(error));
    }
  }

  /** Performs one effect; gives the next one, unless the thread waits or has ended. */
  private perform(frame: Frame, effect: Effect): Effect | undefined {
    switch (effect.kind) {
      case 'exit':
        return this.exit(frame, effect);
      case 'fail':
        return this.failed(frame, new StatesError(effect.error, effect.cause));
      case 'again':
        return this.attempt(frame);
      case 'resume':
        return this.resumeState(frame, effect.result);
      case 'raise':
        return this.failed(frame, effect.failure, effect.fromInside);
      case 'wait':
        this.sleep(frame, effect.until, { kind: 'resume', result: null });
        return undefined;
      case 'call':
        return this.call(frame, effect);
      case 'parallel':
        frame.previous = frame.execution.write('ParallelStateStarted', frame.previous, undefined);
        startFork(forkParallel(frame, effect.input), this.enqueue);
        return undefined;
      case 'map':
        return this.startMap(frame, effect.plan);
    }
  }

  private call(frame: Frame, call: TaskCall): Effect | undefined {
    const refused = tryRefuseInput(frame, call.parameters);
    if (refused !== undefined) return this.failed(frame, refused);
    frame.cancel = this.ports.call(frame, call, (completion) => this.complete(frame, completion));
    return undefined;
  }

  private sleep(frame: Frame, until: number, then: Effect): void {
    frame.cancel = this.ports.clock.at(until, () => {
      frame.cancel = undefined;
      frame.pending = then;
      this.enqueue(frame);
    });
  }

  private complete(frame: Frame, completion: Completion): void {
    frame.cancel = undefined;
    frame.pending =
      'output' in completion
        ? { kind: 'resume', result: completion.output }
        : { kind: 'raise', failure: completion.failure, fromInside: frame.state.type === 'Map' };
    this.enqueue(frame);
  }

  private exit(frame: Frame, effect: Extract<Effect, { kind: 'exit' }>): Effect | undefined {
    const { execution, state } = frame;
    const { output, next } = effect;
    const assigned = isEmpty(effect.assigned) ? undefined : effect.assigned;
    const variables = assigned === undefined ? frame.variables : frame.variables.assign(assigned);
    const refused = tryRefuseOutcome(frame, output, assigned, variables);
    if (refused !== undefined) return effect.caught ? this.failFrame(frame, refused) : this.failed(frame, refused);
    const details = { name: state.name, output, ...(assigned !== undefined && { assignedVariables: assigned }) };
    frame.previous = execution.write(state.exited as 'PassStateExited', frame.previous, details);
    frame.variables = variables;
    if (next === undefined) {
      this.finish(frame, output);
      return undefined;
    }
    frame.goTo(frame.program.states.get(next)!, output);
    return this.enter(frame);
  }

  private finish(frame: Frame, output: Json): void {
    frame.ended = true;
    if (frame.parent === undefined) {
      frame.execution.output = output;
      this.end(frame.execution, 'SUCCEEDED', frame.previous);
      return;
    }
    finishInFork(frame, output, this.enqueue);
  }

  private startMap(frame: Frame, plan: MapPlan): Effect | undefined {
    frame.previous = frame.execution.write('MapStateStarted', frame.previous, { length: plan.length });
    try {
      if (plan.distributed === undefined) startFork(forkMap(frame, plan), this.enqueue);
      else frame.cancel = this.ports.runMap(frame, plan, (completion) => this.complete(frame, completion));
      return undefined;
    } catch (error) {
      return this.failed(frame, asStatesError(error));
    }
  }

  /** A state failed: it is retried, or the error is caught, or its thread fails. `fromInside` tells that branches or iterations had begun. */
  private failed(frame: Frame, raised: StatesError, fromInside = false): Effect | undefined {
    const failure = raised.evaluation ? noteEvaluation(frame, raised) : raised;
    if (this.retried(frame, failure)) return undefined;
    const evaluationFailed = raised.evaluation && failure.error === 'States.QueryEvaluationError';
    const before = frame.previous;
    if (fromInside || evaluationFailed) noteForkFailed(frame);
    try {
      return tryCatch(frame, failure) ?? this.failFrame(frame, failure);
    } catch (error) {
      // AWS links the catcher's own failure to what came before the state's, and then fails the state once more.
      frame.previous = before;
      const second = noteEvaluation(frame, asStatesError(error));
      noteForkFailed(frame);
      return this.failFrame(frame, second);
    }
  }

  private retried(frame: Frame, failure: StatesError): boolean {
    const seconds = tryRetry(frame, failure);
    if (seconds === undefined) return false;
    this.sleep(frame, this.ports.clock.now() + Math.round(seconds * 1000), { kind: 'again' });
    return true;
  }

  /** A thread failed for good: so does the state that waits for the thread; or the execution, at once, when nobody could catch the failure. */
  private failFrame(frame: Frame, failure: StatesError): undefined {
    frame.ended = true;
    const { execution, parent, previous } = frame;
    if (parent === undefined || isFatal(failure)) {
      this.end(execution, 'FAILED', previous, failure.error, failure.cause);
      return;
    }
    failInFork(frame, failure, this.enqueue);
  }

  private end(
    execution: Execution,
    status: 'SUCCEEDED' | keyof typeof UNSUCCESSFUL,
    previous: number,
    error?: string,
    cause?: string,
  ): void {
    if (!execution.running) return;
    execution.close(status, this.ports.clock.now(), error, cause);
    const root = this.roots.get(execution);
    if (root !== undefined) abortFrame(root);
    if (status === 'SUCCEEDED') {
      this.roots.delete(execution);
      execution.write('ExecutionSucceeded', previous, { output: execution.output ?? null });
    } else {
      execution.write(UNSUCCESSFUL[status], previous, {
        ...(error !== undefined && { error }),
        ...(cause !== undefined && { cause }),
      });
    }
    for (const watcher of execution.watchers.splice(0)) watcher(execution);
    this.ports.ended(execution);
  }
}

function isEmpty(value: object | undefined): boolean {
  for (const _key in value) return false;
  return true;
}

function asStatesError(error: unknown): StatesError {
  if (error instanceof StatesError) return error;
  throw error;
}
