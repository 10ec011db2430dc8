import { randomUUID } from 'node:crypto';
import { type Json, tryParseJson } from '../asl/json';
import { exceedsJsonSize } from '../asl/json-size';
import type { Sources } from '../asl/scope';
import type { StateMachineDefinition } from '../asl/types';
import { validateDefinition } from '../asl/validate';
import { Activities } from './activities';
import type {
  ActivitySummary,
  CreateStateMachineRequest,
  ExecutionDescription,
  ExecutionHistoryPage,
  ExecutionStatusChange,
  ExecutionSummary,
  GetExecutionHistoryRequest,
  ListExecutionsRequest,
  MapRunDescription,
  PageRequest,
  StartExecutionRequest,
  StateMachineDescription,
  StateMachineSummary,
  SyncExecutionResult,
  TestStateRequest,
  TestStateResult,
  ValidateStateMachineDefinitionRequest,
  ValidateStateMachineDefinitionResult,
} from './api';
import { ApiError } from './api-errors';
import type { Clock } from './clock';
import { checkDefinition } from './definition-check';
import {
  describeExecution,
  describeStateMachine,
  describeStatusChange,
  notRedrivableReason,
  summarizeExecution,
} from './describe';
import type { MapIteration, MapPlan } from './effects';
import { Execution } from './execution';
import { ExecutionStore, type Retention } from './execution-store';
import type { Frame } from './frame';
import { type HistoryEvent, renderHistoryEvent } from './history';
import { type Completion, Interpreter } from './interpreter';
import { MapRun, type MapRunPorts } from './map-runs';
import { Arns, checkName } from './names';
import type { ObjectStore } from './objects';
import { cutPage } from './paging';
import { isSfnIntegration, runSfnIntegration } from './sfn-integrations';
import type { StateMachine } from './state-machine';
import { compileStateMachine } from './states/table';
import { TaskCalls } from './task-calls';
import type { TaskPort, TaskRequest, TaskResult } from './tasks';
import { testState } from './test-state';

/** What a {@link StepFunctions} service needs. */
export interface StepFunctionsOptions {
  readonly clock: Clock;
  readonly tasks: TaskPort;
  /** @default 'us-east-1' */
  readonly region?: string;
  /** @default '123456789012' */
  readonly accountId?: string;
  /** Amazon S3, for `ItemReader` and `ResultWriter`. @default - Maps that use them fail */
  readonly objects?: ObjectStore;
  /** How long finished executions are kept. @default - the last 10,000, for 90 days at most */
  readonly retention?: Retention;
  /**
   * Whether a task token or an activity task that waits holds the clock ({@link Clock.hold}), because a person or a worker outside is awaited.
   * @default true
   */
  readonly holdForTokens?: boolean;
  /**
   * Who does nested executions (`states:startExecution`) and calls of the Step Functions API (`aws-sdk:sfn`): the service itself, or the task port.
   * @default 'service'
   */
  readonly nestedExecutions?: 'service' | 'port';
  /** Source of names and tokens. @default - random UUIDs */
  readonly uuid?: () => string;
  /** Source of the numbers in `[0, 1)` behind jitter and random functions. @default Math.random */
  readonly random?: () => number;
}

/**
 * AWS Step Functions in memory: the API with its own member names and errors ({@link ApiError}), time from a {@link Clock}, tasks from a
 * {@link TaskPort}. Timestamps are milliseconds since the epoch, JSON payloads are text.
 *
 * @example
 * const service = new StepFunctions({ clock: new VirtualClock(), tasks });
 * const { stateMachineArn } = service.createStateMachine({ name: 'hello', definition, roleArn });
 * const { executionArn } = service.startExecution({ stateMachineArn, input: '{}' });
 */
export class StepFunctions {
  private readonly arns: Arns;
  private readonly clock: Clock;
  private readonly sources: Sources;
  private readonly machines = new Map<string, StateMachine>();
  private readonly executions: ExecutionStore;
  private readonly mapRuns = new Map<string, MapRun>();
  private readonly runsByExecution = new Map<string, MapRun[]>();
  private readonly activities: Activities;
  private readonly calls: TaskCalls;
  private readonly interpreter: Interpreter;
  private readonly eventListeners = new Set<(executionArn: string, event: HistoryEvent) => void>();
  private readonly statusListeners = new Set<(change: ExecutionStatusChange) => void>();

  constructor(readonly options: StepFunctionsOptions) {
    const { clock, region = 'us-east-1', accountId = '123456789012' } = options;
    this.clock = clock;
    this.arns = new Arns(region, accountId);
    this.sources = { now: () => clock.now(), random: options.random ?? Math.random, uuid: options.uuid ?? randomUUID };
    this.executions = new ExecutionStore(
      options.retention ?? {},
      () => clock.now(),
      (execution) => this.forgetMapRuns(execution),
    );
    this.activities = new Activities(clock);
    const guarded = (execution: Execution, action: () => void) => this.interpreter.guarded(execution, action);
    this.calls = new TaskCalls({
      clock,
      tasks: options.tasks,
      activities: this.activities,
      region,
      holdForTokens: options.holdForTokens ?? true,
      guarded,
      internal: (request, call) =>
        options.nestedExecutions !== 'port' && isSfnIntegration(request)
          ? this.callItself(request, (output) => call.submit(output))
          : undefined,
    });
    this.interpreter = new Interpreter({
      clock,
      call: (frame, call, done) => this.calls.start(frame, call, done),
      runMap: (frame, plan, done) => this.startMapRun(frame, plan, done, guarded),
      ended: (execution) => this.ended(execution),
    });
  }

  private callItself(request: TaskRequest, onSubmitted: (output: Json) => void): Promise<TaskResult> {
    const denial = this.options.tasks.denial?.(request);
    return denial === undefined ? runSfnIntegration(this, request, onSubmitted) : Promise.resolve(denial);
  }

  /** Creates a state machine; the same request again gives the same one. Throws `InvalidDefinition`, `InvalidName`, `StateMachineAlreadyExists`. */
  createStateMachine(request: CreateStateMachineRequest): {
    readonly stateMachineArn: string;
    readonly creationDate: number;
  } {
    const { name, definition, roleArn, type = 'STANDARD' } = request;
    checkName(name);
    const arn = request.arn ?? this.arns.stateMachine(name);
    const existing = this.machines.get(arn);
    if (existing !== undefined) {
      const same = existing.definition === definition && existing.roleArn === roleArn && existing.type === type;
      if (!same) throw new ApiError('StateMachineAlreadyExists', `State Machine Already Exists: '${arn}'`);
      return { stateMachineArn: arn, creationDate: existing.creationDate };
    }
    const parsed = checkDefinition(definition, type, this.options.tasks);
    this.machines.set(arn, this.buildMachine(request, arn, parsed));
    return { stateMachineArn: arn, creationDate: this.clock.now() };
  }

  /** Replaces definition or role; running executions keep what they began with. */
  updateStateMachine(request: {
    readonly stateMachineArn: string;
    readonly definition?: string;
    readonly roleArn?: string;
  }): { readonly updateDate: number; readonly revisionId: string } {
    const machine = this.machine(request.stateMachineArn);
    const { definition = machine.definition, roleArn = machine.roleArn } = request;
    const parsed = checkDefinition(definition, machine.type, this.options.tasks);
    const updated = this.buildMachine({ ...machine, definition, roleArn }, machine.arn, parsed);
    this.machines.set(machine.arn, { ...updated, creationDate: machine.creationDate });
    return { updateDate: this.clock.now(), revisionId: updated.revisionId };
  }

  listStateMachines(request: PageRequest = {}): {
    readonly stateMachines: readonly StateMachineSummary[];
    readonly nextToken?: string;
  } {
    const all = [...this.machines.values()].map(({ arn, name, type, creationDate }) => ({
      stateMachineArn: arn,
      name,
      type,
      creationDate,
    }));
    const { items, ...rest } = cutPage(all, request, 1000);
    return { stateMachines: items, ...rest };
  }

  describeStateMachine({ stateMachineArn }: { readonly stateMachineArn: string }): StateMachineDescription {
    return describeStateMachine(this.machine(stateMachineArn));
  }

  deleteStateMachine({ stateMachineArn }: { readonly stateMachineArn: string }): Record<string, never> {
    this.machines.delete(stateMachineArn);
    return {};
  }

  /**
   * Starts an execution. Without a name it gets a random one. The same name and input again, while the first one runs, gives that one; otherwise a name in
   * use throws `ExecutionAlreadyExists`.
   */
  startExecution(request: StartExecutionRequest): { readonly executionArn: string; readonly startDate: number } {
    const { arn, startDate } = this.start(request);
    return { executionArn: arn, startDate };
  }

  /** Starts an execution of an Express state machine and waits for its end. */
  async startSyncExecution(request: StartExecutionRequest): Promise<SyncExecutionResult> {
    const machine = this.machine(request.stateMachineArn);
    if (machine.type !== 'EXPRESS') {
      throw new ApiError(
        'StateMachineTypeNotSupported',
        'This operation is not supported by this type of state machine',
      );
    }
    const execution = this.start(request);
    await new Promise((resolve) => {
      if (execution.running) execution.watchers.push(resolve);
      else resolve(execution);
    });
    const {
      executionArn,
      redriveCount: _count,
      redriveStatus: _status,
      redriveStatusReason: _reason,
      ...description
    } = describeExecution(execution);
    const { stopDate = this.clock.now(), status } = description;
    return {
      ...description,
      executionArn,
      stopDate,
      status: status === 'SUCCEEDED' || status === 'TIMED_OUT' ? status : 'FAILED',
      billingDetails: {
        billedMemoryUsedInMB: 64,
        billedDurationInMilliseconds: Math.ceil((stopDate - execution.startDate) / 100) * 100,
      },
    };
  }

  describeExecution({ executionArn }: { readonly executionArn: string }): ExecutionDescription {
    return describeExecution(this.executions.find(executionArn));
  }

  describeStateMachineForExecution({
    executionArn,
  }: {
    readonly executionArn: string;
  }): Omit<StateMachineDescription, 'creationDate' | 'status' | 'type'> & { readonly updateDate: number } {
    const { machine } = this.executions.find(executionArn);
    const { creationDate, status: _status, type: _type, ...description } = describeStateMachine(machine);
    return { ...description, updateDate: creationDate };
  }

  /** Executions of a state machine or of a Map run, newest first. */
  listExecutions(request: ListExecutionsRequest): {
    readonly executions: readonly ExecutionSummary[];
    readonly nextToken?: string;
  } {
    const { mapRunArn, stateMachineArn, statusFilter, redriveFilter } = request;
    const all =
      mapRunArn === undefined ? this.ofMachine(stateMachineArn) : [...this.mapRun(mapRunArn).children].reverse();
    const chosen = all.filter(
      ({ status, redriveCount }) =>
        (statusFilter === undefined || status === statusFilter) &&
        (redriveFilter === undefined || redriveCount > 0 === (redriveFilter === 'REDRIVEN')),
    );
    const { items, ...rest } = cutPage(chosen, request, 1000);
    return { executions: items.map(summarizeExecution), ...rest };
  }

  getExecutionHistory(request: GetExecutionHistoryRequest): ExecutionHistoryPage {
    const { events, machine } = this.executions.find(request.executionArn);
    if (machine.type === 'EXPRESS') {
      throw new ApiError(
        'StateMachineTypeNotSupported',
        'This operation is not supported by this type of state machine',
      );
    }
    const ordered = request.reverseOrder === true ? events.toReversed() : events;
    const { items, ...rest } = cutPage(ordered, request, 1000);
    return { events: items.map((event) => renderHistoryEvent(event, request.includeExecutionData)), ...rest };
  }

  /** The events of an execution in the engine's own form, also of an Express one. The list grows while the execution runs. */
  historyOf(executionArn: string): readonly HistoryEvent[] {
    return this.executions.find(executionArn).events;
  }

  /** Stops an execution, and the nested and child executions that it waits for. Stopping a finished one changes nothing. */
  stopExecution(request: { readonly executionArn: string; readonly error?: string; readonly cause?: string }): {
    readonly stopDate: number;
  } {
    const execution = this.executions.find(request.executionArn);
    if (execution.machine.type === 'EXPRESS') {
      throw new ApiError(
        'StateMachineTypeNotSupported',
        'This operation is not supported by this type of state machine',
      );
    }
    this.interpreter.stop(execution, request.error, request.cause);
    return { stopDate: execution.stopDate ?? this.clock.now() };
  }

  /** Runs a failed, stopped or timed out execution on from where it failed. Throws `ExecutionNotRedrivable`. */
  redriveExecution({ executionArn }: { readonly executionArn: string; readonly clientToken?: string }): {
    readonly redriveDate: number;
  } {
    const execution = this.executions.find(executionArn);
    const reason = notRedrivableReason(execution);
    if (reason !== undefined) throw new ApiError('ExecutionNotRedrivable', reason);
    this.executions.noteRedriven(execution);
    this.interpreter.redrive(execution);
    this.tellStatus(execution);
    return { redriveDate: execution.redriveDate ?? this.clock.now() };
  }

  /** Throws `InvalidToken`, `TaskTimedOut` (expired or already closed), `InvalidOutput`. */
  sendTaskSuccess({
    taskToken,
    output,
  }: {
    readonly taskToken: string;
    readonly output: string;
  }): Record<string, never> {
    const value = tryParseJson(output);
    const call = this.calls.find(taskToken);
    if (value === undefined) throw new ApiError('InvalidOutput', `Invalid Output: '${output}'`);
    if (exceedsJsonSize(value)) throw new ApiError('InvalidOutput', 'Invalid Output: the output exceeds 262144 bytes');
    call.answer({ output: value });
    return {};
  }

  sendTaskFailure(request: {
    readonly taskToken: string;
    readonly error?: string;
    readonly cause?: string;
  }): Record<string, never> {
    const { taskToken, ...failure } = request;
    this.calls.find(taskToken).answer(failure);
    return {};
  }

  sendTaskHeartbeat({ taskToken }: { readonly taskToken: string }): Record<string, never> {
    this.calls.find(taskToken).beat();
    return {};
  }

  createActivity({ name }: { readonly name: string }): { readonly activityArn: string; readonly creationDate: number } {
    checkName(name);
    const { activityArn, creationDate } = this.activities.create(this.arns.activity(name), name);
    return { activityArn, creationDate };
  }

  describeActivity({ activityArn }: { readonly activityArn: string }): ActivitySummary {
    return this.activities.describe(activityArn);
  }

  deleteActivity({ activityArn }: { readonly activityArn: string }): Record<string, never> {
    this.activities.delete(activityArn);
    return {};
  }

  listActivities(request: PageRequest = {}): {
    readonly activities: readonly ActivitySummary[];
    readonly nextToken?: string;
  } {
    const { items, ...rest } = cutPage(this.activities.list(), request, 1000);
    return { activities: items, ...rest };
  }

  /** Waits up to 60 s of the clock for work; the answer is empty when none came. Don't track it as a call in flight: it may wait for time to pass. */
  async getActivityTask(request: {
    readonly activityArn: string;
    readonly workerName?: string;
  }): Promise<{ readonly taskToken?: string; readonly input?: string }> {
    const call = await this.activities.poll(request.activityArn);
    if (call?.token === undefined) return {};
    call.takenBy(request.workerName);
    return { taskToken: call.token, input: JSON.stringify(call.input) };
  }

  /** Runs one state by itself. Throws `InvalidDefinition` and `ValidationException`. */
  testState(request: TestStateRequest): Promise<TestStateResult> {
    const { region = 'us-east-1', accountId = '123456789012', tasks } = this.options;
    return testState(request, { tasks, sources: this.sources, region, accountId });
  }

  /** Checks a definition as it would be checked when a state machine is created. */
  validateStateMachineDefinition(request: ValidateStateMachineDefinitionRequest): ValidateStateMachineDefinitionResult {
    const all = validateDefinition(tryParseJson(request.definition), request.type ?? 'STANDARD');
    const { maxResults = 100 } = request;
    const limit = maxResults === 0 ? 100 : maxResults;
    return {
      result: all.some(({ severity }) => severity === 'ERROR') ? 'FAIL' : 'OK',
      diagnostics: all.slice(0, limit),
      truncated: all.length > limit,
    };
  }

  describeMapRun({ mapRunArn }: { readonly mapRunArn: string }): MapRunDescription {
    return this.mapRun(mapRunArn).describe();
  }

  listMapRuns(request: PageRequest & { readonly executionArn: string }): {
    readonly mapRuns: readonly Pick<MapRunDescription, 'executionArn' | 'mapRunArn' | 'startDate' | 'stopDate'>[];
    readonly nextToken?: string;
  } {
    const runs = this.runsByExecution.get(this.executions.find(request.executionArn).arn) ?? [];
    const { items, ...rest } = cutPage(runs.toReversed(), request, 1000);
    return { mapRuns: items.map((run) => run.describe()), ...rest };
  }

  /** Every history event as it happens. Returns a function that ends the listening. A listener must not throw. */
  onEvent(listener: (executionArn: string, event: HistoryEvent) => void): () => void {
    this.eventListeners.add(listener);
    return () => this.eventListeners.delete(listener);
  }

  /** Every change of an execution's status. Returns a function that ends the listening. A listener must not throw. */
  onStatusChange(listener: (change: ExecutionStatusChange) => void): () => void {
    this.statusListeners.add(listener);
    return () => this.statusListeners.delete(listener);
  }

  /** The execution with this ARN; throws `ExecutionDoesNotExist`. */
  findExecution(executionArn: string): Execution {
    return this.executions.find(executionArn);
  }

  private buildMachine(
    request: Omit<CreateStateMachineRequest, 'arn'>,
    arn: string,
    definition: StateMachineDefinition,
  ): StateMachine {
    return {
      arn,
      name: request.name,
      type: request.type ?? 'STANDARD',
      roleArn: request.roleArn,
      definition: request.definition,
      program: compileStateMachine(definition),
      timeoutSeconds: definition.TimeoutSeconds,
      creationDate: this.clock.now(),
      loggingConfiguration: request.loggingConfiguration,
      tracingConfiguration: request.tracingConfiguration,
      revisionId: this.sources.uuid(),
    };
  }

  private machine(arn: string): StateMachine {
    const machine = this.machines.get(arn);
    if (machine !== undefined) return machine;
    if (!/^arn:[\w-]+:states:[\w-]*:\d*:stateMachine:/.test(arn))
      throw new ApiError('InvalidArn', `Invalid Arn: '${arn}'`);
    throw new ApiError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);
  }

  private ofMachine(arn: string | undefined): readonly Execution[] {
    if (arn === undefined) throw new ApiError('ValidationException', 'Either stateMachineArn or mapRunArn is required');
    return this.executions.ofMachine(this.machine(arn).arn);
  }

  private mapRun(arn: string): MapRun {
    const run = this.mapRuns.get(arn);
    if (run === undefined) throw new ApiError('ResourceNotFound', `Map Run Does Not Exist: '${arn}'`);
    return run;
  }

  private start(request: StartExecutionRequest): Execution {
    const machine = this.machine(request.stateMachineArn);
    const { name = this.sources.uuid(), input: inputText = '{}' } = request;
    checkName(name);
    const input = readInput(inputText);
    const express = machine.type === 'EXPRESS';
    const arn = this.arns.execution(machine.arn, name, express ? { part: this.sources.uuid() } : undefined);
    const existing = this.executions.get(arn);
    if (existing !== undefined) {
      if (existing.running && existing.inputText === inputText) return existing;
      throw new ApiError('ExecutionAlreadyExists', `Execution Already Exists: '${arn}'`);
    }
    return this.run({ arn, name, machine, inputText, input, traceHeader: request.traceHeader });
  }

  private run(
    parts: Pick<Execution, 'arn' | 'name' | 'machine' | 'inputText' | 'input'> & Partial<Execution>,
  ): Execution {
    const execution = new Execution({
      arn: parts.arn,
      name: parts.name,
      machine: parts.machine,
      inputText: parts.inputText,
      input: parts.input,
      startDate: this.clock.now(),
      sources: this.sources,
      traceHeader: parts.traceHeader,
      ...(parts.mapRun !== undefined && { mapRun: parts.mapRun }),
      onEvent: this.tellEvent,
    });
    this.executions.add(execution);
    this.interpreter.start(execution);
    this.tellStatus(execution);
    return execution;
  }

  private readonly tellEvent = (source: Execution, event: HistoryEvent): void => {
    for (const listener of this.eventListeners) listener(source.arn, event);
  };

  private ended(execution: Execution): void {
    this.executions.noteFinished(execution);
    this.tellStatus(execution);
  }

  private tellStatus(execution: Execution): void {
    if (this.statusListeners.size === 0) return;
    const change = describeStatusChange(execution);
    for (const listener of this.statusListeners) listener(change);
  }

  private startMapRun(
    frame: Frame,
    plan: MapPlan,
    done: (completion: Completion) => void,
    guarded: MapRunPorts['guarded'],
  ): () => void {
    const { execution } = frame;
    const { label = '', executionType = 'STANDARD' } = plan.distributed ?? {};
    const arn = this.arns.mapRun(execution.machine.arn, label, this.sources.uuid());
    // The children's state machine is the Map's processor, named after the machine and the Map's label.
    const machine: StateMachine = {
      ...execution.machine,
      arn: `${execution.machine.arn}/${label}`,
      name: `${execution.machine.name}/${label}`,
      type: executionType,
      program: plan.processor,
      timeoutSeconds: undefined,
    };
    const run = new MapRun(arn, frame, plan, this.mapRunPorts(machine, guarded), done);
    this.mapRuns.set(arn, run);
    this.runsByExecution.set(execution.arn, [...(this.runsByExecution.get(execution.arn) ?? []), run]);
    run.begin();
    return () => run.stop();
  }

  private mapRunPorts(machine: StateMachine, guarded: MapRunPorts['guarded']): MapRunPorts {
    return {
      clock: this.clock,
      objects: this.options.objects,
      guarded,
      stopChild: (child) => this.interpreter.stop(child, undefined, undefined),
      startChild: (run, iteration) => this.startChild(run, iteration, machine),
    };
  }

  private startChild(run: MapRun, { input, item, count }: MapIteration, machine: StateMachine): Execution {
    const name = this.sources.uuid();
    const express = machine.type === 'EXPRESS' ? { part: this.sources.uuid() } : undefined;
    const arn = this.arns.execution(machine.arn, name, express);
    const mapRun = { arn: run.arn, itemCount: count, parent: run.frame.execution, ...(item !== undefined && { item }) };
    return this.run({ arn, name, machine, input, inputText: JSON.stringify(input), mapRun });
  }

  /** The Map runs of an execution, and their children, go with it. */
  private forgetMapRuns(execution: Execution): void {
    for (const run of this.runsByExecution.get(execution.arn) ?? []) {
      this.mapRuns.delete(run.arn);
      for (const child of run.children) {
        this.executions.forgetChild(child);
        this.forgetMapRuns(child);
      }
    }
    this.runsByExecution.delete(execution.arn);
  }
}

function readInput(text: string): Json {
  const input = tryParseJson(text);
  if (input === undefined)
    throw new ApiError('InvalidExecutionInput', `Invalid State Machine Execution Input: '${text}'`);
  if (Buffer.byteLength(text) > 262_144) {
    throw new ApiError(
      'InvalidExecutionInput',
      'Invalid State Machine Execution Input: the input exceeds 262144 bytes',
    );
  }
  return input;
}
