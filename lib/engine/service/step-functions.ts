import { randomUUID } from 'node:crypto';
import { exactJsonText, tryParseExactJson } from '../../asl/language/exact-json.js';
import type { Json } from '../../asl/language/json.js';
import { exceedsJsonSize } from '../../asl/language/json-size.js';
import type { Sources } from '../../asl/language/scope.js';
import type { Clock } from '../../clock.js';
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
  UpdateStateMachineRequest,
  ValidateStateMachineDefinitionRequest,
  ValidateStateMachineDefinitionResult,
} from '../model/api.js';
import { ApiError } from '../model/api-errors.js';
import type { Execution } from '../model/execution.js';
import { type HistoryEvent, renderHistoryEvent } from '../model/history.js';
import type { TaskPort, TaskRequest, TaskResult } from '../model/tasks.js';
import { ActivityWorkers } from '../work/activities.js';
import { validationResult } from './definition-check.js';
import {
  describeExecution,
  describeStateMachine,
  describeSyncExecution,
  notRedrivableReason,
  summarizeExecution,
} from './describe.js';
import { readExecutionInput } from './execution-input.js';
import { Arns, checkName } from './names.js';
import type { StepFunctionsOptions } from './options.js';
import { cutPage } from './paging.js';
import { Runner } from './runner.js';
import { isSfnIntegration, runSfnIntegration } from './sfn-integrations.js';
import { StateMachines } from './state-machines.js';
import { testState } from './test-state.js';

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
  private readonly machines: StateMachines;
  private readonly activities: ActivityWorkers;
  private readonly runner: Runner;

  constructor(readonly options: StepFunctionsOptions) {
    const { clock, tasks, region = 'us-east-1', accountId = '123456789012' } = options;
    this.clock = clock;
    this.arns = new Arns(region, accountId);
    this.sources = { now: () => clock.now(), random: options.random ?? Math.random, uuid: options.uuid ?? randomUUID };
    this.machines = new StateMachines(this.arns, tasks, this.sources.now, this.sources.uuid);
    this.activities = new ActivityWorkers(clock, options.implicitActivities ?? false);
    this.runner = new Runner({
      clock,
      tasks,
      region,
      arns: this.arns,
      sources: this.sources,
      activities: this.activities,
      objects: options.objects,
      retention: options.retention ?? {},
      holdForTokens: options.holdForTokens ?? true,
      internal: (request, call) => this.tryRunHere(request, (output) => call.submit(output)),
    });
  }

  private tryRunHere(request: TaskRequest, onSubmitted: (output: Json) => void): Promise<TaskResult> | undefined {
    if (this.options.nestedExecutions === 'port' || !isSfnIntegration(request)) return undefined;
    const denial = this.options.tasks.denial?.(request);
    return denial === undefined ? runSfnIntegration(this, request, onSubmitted) : Promise.resolve(denial);
  }

  /** Creates a state machine; the same request again gives the same one. Throws `InvalidDefinition`, `InvalidName`, `StateMachineAlreadyExists`. */
  createStateMachine(request: CreateStateMachineRequest): {
    readonly stateMachineArn: string;
    readonly creationDate: number;
  } {
    const { arn, creationDate } = this.machines.create(request);
    return { stateMachineArn: arn, creationDate };
  }

  /** Replaces definition, role or configurations; running executions keep what they began with. */
  updateStateMachine(request: UpdateStateMachineRequest): { readonly updateDate: number; readonly revisionId: string } {
    const { revisionId } = this.machines.update(request.stateMachineArn, request);
    return { updateDate: this.clock.now(), revisionId };
  }

  listStateMachines(request: PageRequest = {}): {
    readonly stateMachines: readonly StateMachineSummary[];
    readonly nextToken?: string;
  } {
    const { items, ...rest } = cutPage(this.machines.list(), request, 1000);
    return { stateMachines: items, ...rest };
  }

  describeStateMachine({ stateMachineArn }: { readonly stateMachineArn: string }): StateMachineDescription {
    return describeStateMachine(this.machines.find(stateMachineArn));
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
    const machine = this.machines.find(request.stateMachineArn);
    if (machine.type !== 'EXPRESS') throw typeNotSupported();
    const execution = this.start(request);
    await new Promise((resolve) => {
      if (execution.running) execution.watchers.push(resolve);
      else resolve(execution);
    });
    return describeSyncExecution(execution, this.clock.now());
  }

  describeExecution({ executionArn }: { readonly executionArn: string }): ExecutionDescription {
    return describeExecution(this.runner.executions.find(executionArn));
  }

  describeStateMachineForExecution({
    executionArn,
  }: {
    readonly executionArn: string;
  }): Omit<StateMachineDescription, 'creationDate' | 'status' | 'type'> & { readonly updateDate: number } {
    const { machine } = this.runner.executions.find(executionArn);
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
      mapRunArn === undefined
        ? this.ofMachine(stateMachineArn)
        : [...this.runner.findMapRun(mapRunArn).children].reverse();
    const chosen = all.filter(
      ({ status, redriveCount }) =>
        (statusFilter === undefined || status === statusFilter) &&
        (redriveFilter === undefined || redriveCount > 0 === (redriveFilter === 'REDRIVEN')),
    );
    const { items, ...rest } = cutPage(chosen, request, 1000);
    return { executions: items.map(summarizeExecution), ...rest };
  }

  getExecutionHistory(request: GetExecutionHistoryRequest): ExecutionHistoryPage {
    const { events, machine } = this.runner.executions.find(request.executionArn);
    if (machine.type === 'EXPRESS') throw typeNotSupported();
    const ordered = request.reverseOrder === true ? events.toReversed() : events;
    const { items, ...rest } = cutPage(ordered, request, 1000);
    return { events: items.map((event) => renderHistoryEvent(event, request.includeExecutionData)), ...rest };
  }

  /** The events of an execution in the engine's own form, also of an Express one. The list grows while the execution runs. */
  historyOf(executionArn: string): readonly HistoryEvent[] {
    return this.runner.executions.find(executionArn).events;
  }

  /** Stops an execution, and the nested and child executions that it waits for. Stopping a finished one changes nothing. */
  stopExecution(request: { readonly executionArn: string; readonly error?: string; readonly cause?: string }): {
    readonly stopDate: number;
  } {
    const execution = this.runner.executions.find(request.executionArn);
    if (execution.machine.type === 'EXPRESS') throw typeNotSupported();
    this.runner.stop(execution, request.error, request.cause);
    return { stopDate: execution.stopDate ?? this.clock.now() };
  }

  /** Runs a failed, stopped or timed out execution on from where it failed. Throws `ExecutionNotRedrivable`. */
  redriveExecution({ executionArn }: { readonly executionArn: string; readonly clientToken?: string }): {
    readonly redriveDate: number;
  } {
    const execution = this.runner.executions.find(executionArn);
    const reason = notRedrivableReason(execution);
    if (reason !== undefined) throw new ApiError('ExecutionNotRedrivable', reason);
    this.runner.redrive(execution);
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
    const value = tryParseExactJson(output);
    const call = this.runner.calls.find(taskToken);
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
    this.runner.calls.find(taskToken).answer(failure);
    return {};
  }

  sendTaskHeartbeat({ taskToken }: { readonly taskToken: string }): Record<string, never> {
    this.runner.calls.find(taskToken).beat();
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
    return { taskToken: call.token, input: exactJsonText(call.input) };
  }

  /** Runs one state by itself. Throws `InvalidDefinition` and `ValidationException`. */
  testState(request: TestStateRequest): Promise<TestStateResult> {
    const { region = 'us-east-1', accountId = '123456789012', tasks } = this.options;
    return testState(request, { tasks, sources: this.sources, region, accountId });
  }

  /** Checks a definition as it would be checked when a state machine is created. */
  validateStateMachineDefinition(request: ValidateStateMachineDefinitionRequest): ValidateStateMachineDefinitionResult {
    return validationResult(request);
  }

  describeMapRun({ mapRunArn }: { readonly mapRunArn: string }): MapRunDescription {
    return this.runner.findMapRun(mapRunArn).describe();
  }

  listMapRuns(request: PageRequest & { readonly executionArn: string }): {
    readonly mapRuns: readonly Pick<MapRunDescription, 'executionArn' | 'mapRunArn' | 'startDate' | 'stopDate'>[];
    readonly nextToken?: string;
  } {
    const runs = this.runner.mapRunsOf(this.runner.executions.find(request.executionArn).arn);
    const { items, ...rest } = cutPage(runs.toReversed(), request, 1000);
    return { mapRuns: items.map((run) => run.describe()), ...rest };
  }

  /** Every history event as it happens. Returns a function that ends the listening. A listener must not throw. */
  onEvent(listener: (executionArn: string, event: HistoryEvent) => void): () => void {
    this.runner.eventListeners.add(listener);
    return () => this.runner.eventListeners.delete(listener);
  }

  /** Every change of an execution's status. Returns a function that ends the listening. A listener must not throw. */
  onStatusChange(listener: (change: ExecutionStatusChange) => void): () => void {
    this.runner.statusListeners.add(listener);
    return () => this.runner.statusListeners.delete(listener);
  }

  /** The execution with this ARN; throws `ExecutionDoesNotExist`. */
  findExecution(executionArn: string): Execution {
    return this.runner.executions.find(executionArn);
  }

  private ofMachine(arn: string | undefined): readonly Execution[] {
    if (arn === undefined) throw new ApiError('ValidationException', 'Either stateMachineArn or mapRunArn is required');
    return this.runner.executions.ofMachine(this.machines.find(arn).arn);
  }

  private start(request: StartExecutionRequest): Execution {
    const machine = this.machines.find(request.stateMachineArn);
    const { name = this.sources.uuid(), input: inputText = '{}' } = request;
    checkName(name);
    const input = readExecutionInput(inputText);
    const express = machine.type === 'EXPRESS';
    const arn = this.arns.execution(machine.arn, name, express ? { part: this.sources.uuid() } : undefined);
    const existing = this.runner.executions.get(arn);
    if (existing !== undefined) {
      if (existing.running && existing.inputText === inputText) return existing;
      throw new ApiError('ExecutionAlreadyExists', `Execution Already Exists: '${arn}'`);
    }
    return this.runner.start({ arn, name, machine, inputText, input, traceHeader: request.traceHeader });
  }
}

function typeNotSupported(): ApiError {
  return new ApiError('StateMachineTypeNotSupported', 'This operation is not supported by this type of state machine');
}
