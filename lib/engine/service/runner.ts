import { exactJsonText } from '../../asl/language/exact-json.js';
import type { Json } from '../../asl/language/json.js';
import type { Sources } from '../../asl/language/scope.js';
import type { Clock } from '../../clock.js';
import type { ExecutionStatusChange } from '../model/api.js';
import { ApiError } from '../model/api-errors.js';
import type { MapIteration, MapPlan } from '../model/effects.js';
import { Execution, type ExecutionOptions } from '../model/execution.js';
import type { Frame } from '../model/frame.js';
import type { HistoryEvent } from '../model/history.js';
import type { ObjectStore } from '../model/objects.js';
import type { StateMachine } from '../model/state-machine.js';
import type { TaskPort } from '../model/tasks.js';

import { Interpreter } from '../run/interpreter.js';
import type { Completion } from '../run/ports.js';
import type { ActivityWorkers } from '../work/activities.js';

import { MapRun, type MapRunPorts } from '../work/map-runs.js';
import { type TaskCallPorts, TaskCalls } from '../work/task-calls.js';
import { describeStatusChange } from './describe.js';
import { ExecutionStore, type Retention } from './execution-store.js';
import type { Arns } from './names.js';

/** What running executions needs. */
export interface RunnerOptions {
  readonly arns: Arns;
  readonly clock: Clock;
  readonly sources: Sources;
  readonly tasks: TaskPort;
  readonly activities: ActivityWorkers;
  readonly objects: ObjectStore | undefined;
  readonly retention: Retention;
  readonly region: string;
  readonly holdForTokens: boolean;
  /** Does the integrations that the service does itself; `undefined` for all others. */
  readonly internal: TaskCallPorts['internal'];
}

/** An execution to be started. */
export type NewExecution = Pick<
  ExecutionOptions,
  'arn' | 'name' | 'machine' | 'inputText' | 'input' | 'traceHeader' | 'mapRun'
>;

/**
 * Runs executions: brings the interpreter together with tasks, distributed Maps, what is kept, and who listens.
 */
export class Runner {
  readonly executions: ExecutionStore;
  readonly calls: TaskCalls;
  readonly eventListeners = new Set<(executionArn: string, event: HistoryEvent) => void>();
  readonly statusListeners = new Set<(change: ExecutionStatusChange) => void>();
  private readonly interpreter: Interpreter;
  private readonly mapRuns = new Map<string, MapRun>();
  private readonly runsByExecution = new Map<string, MapRun[]>();

  constructor(private readonly options: RunnerOptions) {
    const { activities, clock, holdForTokens, internal, region, retention, tasks } = options;
    this.executions = new ExecutionStore(
      retention,
      () => clock.now(),
      (execution) => this.forgetMapRuns(execution),
    );
    const guarded: TaskCallPorts['guarded'] = (execution, action) => this.interpreter.guarded(execution, action);
    this.calls = new TaskCalls({ clock, tasks, activities, region, holdForTokens, internal, guarded });
    this.interpreter = new Interpreter({
      clock,
      call: (frame, call, done) => this.calls.start(frame, call, done),
      runMap: (frame, plan, done) => this.startMapRun(frame, plan, done),
      ended: (execution) => this.ended(execution),
    });
  }

  /** Starts an execution; its first state is entered as soon as the caller is done. */
  start(parts: NewExecution): Execution {
    const { clock, sources } = this.options;
    const execution = new Execution({ ...parts, sources, startDate: clock.now(), onEvent: this.tellEvent });
    this.executions.add(execution);
    this.interpreter.start(execution);
    this.tellStatus(execution);
    return execution;
  }

  stop(execution: Execution, error?: string, cause?: string): void {
    this.interpreter.stop(execution, error, cause);
  }

  redrive(execution: Execution): void {
    this.executions.noteRedriven(execution);
    this.interpreter.redrive(execution);
    this.tellStatus(execution);
  }

  /** The Map run; throws `ResourceNotFound`. */
  findMapRun(arn: string): MapRun {
    const run = this.mapRuns.get(arn);
    if (run === undefined) throw new ApiError('ResourceNotFound', `Map Run Does Not Exist: '${arn}'`);
    return run;
  }

  /** The Map runs of an execution, oldest first. */
  mapRunsOf(executionArn: string): readonly MapRun[] {
    return this.runsByExecution.get(executionArn) ?? [];
  }

  private readonly tellEvent = (source: Execution, event: HistoryEvent): void => {
    for (const listener of this.eventListeners) listener(source.arn, event);
  };

  private tellStatus(execution: Execution): void {
    if (this.statusListeners.size === 0) return;
    const change = describeStatusChange(execution);
    for (const listener of this.statusListeners) listener(change);
  }

  private ended(execution: Execution): void {
    this.executions.noteFinished(execution);
    this.tellStatus(execution);
  }

  private startMapRun(frame: Frame, plan: MapPlan, done: (completion: Completion) => void): () => void {
    const { execution } = frame;
    const { arns, sources } = this.options;
    const { label = '', executionType = 'STANDARD' } = plan.distributed ?? {};
    const arn = arns.mapRun(execution.machine.arn, label, sources.uuid());
    // The children's state machine is the Map's processor, named after the machine and the Map's label.
    const machine: StateMachine = {
      ...execution.machine,
      arn: `${execution.machine.arn}/${label}`,
      name: `${execution.machine.name}/${label}`,
      type: executionType,
      program: frame.state.inner![0]!,
      timeoutSeconds: undefined,
    };
    const run = new MapRun(arn, frame, plan, this.mapRunPorts(machine), done);
    this.mapRuns.set(arn, run);
    this.runsByExecution.set(execution.arn, [...this.mapRunsOf(execution.arn), run]);
    run.begin();
    return () => run.stop();
  }

  private mapRunPorts(machine: StateMachine): MapRunPorts {
    const { clock, objects } = this.options;
    return {
      clock,
      objects,
      guarded: (execution, action) => this.interpreter.guarded(execution, action),
      stopChild: (child) => this.stop(child),
      startChild: (run, iteration) => this.startChild(run, iteration, machine),
    };
  }

  private startChild(run: MapRun, { input, item, count }: MapIteration, machine: StateMachine): Execution {
    const { arns, sources } = this.options;
    const name = sources.uuid();
    const express = machine.type === 'EXPRESS' ? { part: sources.uuid() } : undefined;
    const arn = arns.execution(machine.arn, name, express);
    const mapRun = { arn: run.arn, itemCount: count, parent: run.frame.execution, ...(item !== undefined && { item }) };
    return this.start({ arn, name, machine, input, inputText: exactJsonText(input satisfies Json), mapRun });
  }

  /** The Map runs of an execution, and their children, go with it. */
  private forgetMapRuns(execution: Execution): void {
    const runs = this.mapRunsOf(execution.arn);
    this.runsByExecution.delete(execution.arn);
    for (const run of runs) {
      this.mapRuns.delete(run.arn);
      for (const child of run.children) {
        this.executions.forgetChild(child);
        if (this.runsByExecution.size > 0) this.forgetMapRuns(child);
      }
    }
  }
}
