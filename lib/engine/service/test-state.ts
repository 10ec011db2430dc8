import { exactJsonText, tryParseExactJson } from '../../asl/language/exact-json.js';
import { isJsonObject, type Json, type JsonObject } from '../../asl/language/json.js';
import { exceedsJsonDepth } from '../../asl/language/json-size.js';
import { matchesError, retryDelaySeconds } from '../../asl/language/retry.js';
import type { Sources } from '../../asl/language/scope.js';
import { Variables } from '../../asl/language/scope.js';
import { errorOutput, StatesError, taskError } from '../../asl/language/states-error.js';
import type { QueryLanguage, StateDefinition } from '../../asl/language/types.js';
import { validateState } from '../../asl/validate/validate.js';
import type { InspectionData, TestStateRequest, TestStateResult } from '../model/api.js';
import { ApiError } from '../model/api-errors.js';
import type { Effect, MapPlan, TaskCall } from '../model/effects.js';
import { Execution } from '../model/execution.js';
import { Frame } from '../model/frame.js';
import type { CompiledState } from '../model/program.js';
import { isTaskSuccess, type TaskPort } from '../model/tasks.js';
import { compileState } from '../states/compile-state.js';
import { inspectEntry, inspectMap, inspectResult } from './inspection.js';

/** What TestState needs. */
export interface TestStatePorts {
  readonly tasks: TaskPort;
  readonly sources: Sources;
  readonly region: string;
  readonly accountId: string;
}

interface Subject {
  readonly definition: StateDefinition;
  readonly language: QueryLanguage;
}

/** Runs one state by itself: input to output, with retry and catch decided and told, not performed. */
export async function testState(request: TestStateRequest, ports: TestStatePorts): Promise<TestStateResult> {
  const subject = readSubject(request);
  const state = compileState('StateName', subject.definition, subject.language);
  const frame = makeFrame(request, state, ports);
  const run = new StateTest(request, subject, frame, ports);
  return run.result();
}

/** The state to test: the definition itself, or the named state inside of a machine. */
function readSubject({ definition: definitionText, stateName }: TestStateRequest): Subject {
  const definition = tryParseExactJson(definitionText);
  if (!isJsonObject(definition)) throw refusal('Definition must be a valid JSON object');
  const machineLanguage = definition['QueryLanguage'] === 'JSONata' ? 'JSONata' : 'JSONPath';
  const found = stateName === undefined ? definition : tryFindState(definition, stateName);
  if (found === undefined) throw new ApiError('ValidationException', `State not found in definition: '${stateName}'`);
  const language = found['QueryLanguage'] === 'JSONata' ? 'JSONata' : machineLanguage;
  const [first] = validateState(found, machineLanguage);
  if (first !== undefined)
    throw refusal(`${first.message}${first.location === undefined ? '' : ` at ${first.location}`}`);
  return { definition: found as unknown as StateDefinition, language };
}

function refusal(message: string): ApiError {
  return new ApiError('InvalidDefinition', `Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: ${message}'`);
}

function tryFindState(value: Json, name: string): JsonObject | undefined {
  if (Array.isArray(value)) {
    for (const item of value as readonly Json[]) {
      const found = tryFindState(item, name);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  if (!isJsonObject(value)) return undefined;
  const states = value['States'];
  if (isJsonObject(states)) {
    const own = Object.hasOwn(states, name) ? states[name] : undefined;
    if (isJsonObject(own)) return own;
    return tryFindState(Object.values(states), name);
  }
  return tryFindState([value['ItemProcessor'] ?? null, value['Iterator'] ?? null, value['Branches'] ?? null], name);
}

function makeFrame(
  request: TestStateRequest,
  state: CompiledState,
  { sources, region, accountId }: TestStatePorts,
): Frame {
  const [machineName, name] = [sources.uuid(), sources.uuid()];
  const prefix = `arn:aws:states:${region}:${accountId}`;
  const inputText = request.input ?? '{}';
  const input = readJson(inputText, 'input');
  const program = { startAt: state.name, states: new Map([[state.name, state]]) };
  const execution = new Execution({
    arn: `${prefix}:express:${machineName}:${name}`,
    name,
    inputText,
    input,
    sources,
    startDate: sources.now(),
    onEvent: undefined,
    machine: {
      arn: `${prefix}:stateMachine:${machineName}`,
      name: machineName,
      type: 'EXPRESS',
      roleArn: request.roleArn ?? '',
      definition: request.definition,
      program,
      timeoutSeconds: undefined,
      creationDate: sources.now(),
      loggingConfiguration: undefined,
      tracingConfiguration: undefined,
      revisionId: '',
    },
  });
  const given = request.context === undefined ? undefined : readObject(request.context, 'context');
  const frame = new TestFrame(execution, program, input, given);
  frame.enteredTime = sources.now();
  if (request.variables !== undefined) frame.variables = new Variables(readObject(request.variables, 'variables'));
  frame.retryCount = request.stateConfiguration?.retrierRetryCount ?? 0;
  return frame;
}

function readJson(text: string, member: string): Json {
  const value = tryParseExactJson(text);
  if (value === undefined || exceedsJsonDepth(value))
    throw new ApiError('ValidationException', `Invalid JSON in '${member}': '${text}'`);
  return value;
}

function readObject(text: string, member: string): JsonObject {
  const value = readJson(text, member);
  if (!isJsonObject(value)) throw new ApiError('ValidationException', `'${member}' must be a JSON object`);
  return value;
}

/** A thread whose context object may be given from outside. */
class TestFrame extends Frame {
  constructor(
    execution: Execution,
    program: Frame['program'],
    input: Json,
    private readonly given: JsonObject | undefined,
  ) {
    super(execution, program, input, 0);
  }

  override context(): JsonObject {
    if (this.given !== undefined) return this.given;
    const context = super.context();
    if (this.execution.machine.roleArn !== '') return context;
    return { ...context, Execution: { ...this.execution.context(), RoleArn: null } };
  }
}

class StateTest {
  private data: InspectionData = {};

  constructor(
    private readonly request: TestStateRequest,
    private readonly subject: Subject,
    private readonly frame: Frame,
    private readonly ports: TestStatePorts,
  ) {}

  async result(): Promise<TestStateResult> {
    const { frame, subject } = this;
    this.data = inspectEntry(frame, subject.definition, subject.language);
    let outcome: TestStateResult;
    try {
      outcome = await this.follow(frame.state.enter(frame));
    } catch (error) {
      if (!(error instanceof StatesError)) throw error;
      outcome = this.failed(error);
    }
    const told = this.request.inspectionLevel === 'DEBUG' || this.request.inspectionLevel === 'TRACE';
    return told ? { ...outcome, inspectionData: this.data } : outcome;
  }

  private async follow(effect: Effect): Promise<TestStateResult> {
    switch (effect.kind) {
      case 'exit':
        this.noteResult(this.passResult());
        return {
          status: 'SUCCEEDED',
          output: exactJsonText(effect.output),
          ...(effect.next !== undefined && { nextState: effect.next }),
        };
      case 'fail':
        return failure('FAILED', new StatesError(effect.error, effect.cause));
      case 'wait':
        return this.resume(null);
      case 'call':
        return this.resume(await this.call(effect));
      case 'parallel':
        return this.resume(this.mocked());
      case 'map':
        this.note(inspectMap(effect.plan, this.subject.definition, this.subject.language));
        this.checkTolerance(effect.plan);
        return this.resume(this.mocked());
      default:
        throw new TypeError(`a state does not ask for '${effect.kind}'`);
    }
  }

  private resume(result: Json): TestStateResult {
    const { frame } = this;
    if (frame.state.type !== 'Wait') this.noteResult(result);
    const effect = frame.state.resume?.(frame, result);
    if (effect?.kind !== 'exit') throw new TypeError('a state that resumes exits');
    return {
      status: 'SUCCEEDED',
      output: exactJsonText(effect.output),
      ...(effect.next !== undefined && { nextState: effect.next }),
    };
  }

  /** What a Pass has for a result: its `Result`, or its effective input. */
  private passResult(): Json | undefined {
    const { definition, language } = this.subject;
    if (definition.Type !== 'Pass' || language === 'JSONata') return undefined;
    return definition['Result'] ?? tryParseExactJson(this.data.afterParameters ?? 'null');
  }

  private noteResult(result: Json | undefined): void {
    if (result === undefined) return;
    this.note(inspectResult(this.frame, this.subject.definition, this.subject.language, result));
  }

  private note(data: InspectionData): void {
    this.data = { ...this.data, ...data };
  }

  private mocked(): Json {
    const { mock } = this.request;
    if (mock?.errorOutput !== undefined) throw taskError(mock.errorOutput.error, mock.errorOutput.cause);
    if (mock?.result !== undefined) return readJson(mock.result, 'mock.result');
    throw new ApiError('ValidationException', `A ${this.frame.state.type} state can only be tested with a mock`);
  }

  private async call(call: TaskCall): Promise<Json> {
    if (this.request.mock !== undefined) return this.mocked();
    const { frame, ports } = this;
    const { execution } = frame;
    const result = await ports.tasks.run({
      ...call,
      state: frame.state.name,
      attempt: 1,
      execution: {
        arn: execution.arn,
        name: execution.name,
        stateMachineArn: execution.machine.arn,
        roleArn: this.request.roleArn ?? '',
        startTime: new Date(execution.startDate).toISOString(),
      },
      region: ports.region,
      signal: new AbortController().signal,
    });
    const settled = 'afterMs' in result ? result.result : result;
    if (isTaskSuccess(settled)) return settled.output;
    throw taskError(settled.error, settled.cause);
  }

  /** So many failed iterations may be too many for the Map. */
  private checkTolerance({ distributed, length }: MapPlan): void {
    const failed = this.request.stateConfiguration?.mapIterationFailureCount ?? 0;
    const { count, percentage } = distributed?.tolerance() ?? {};
    const all = this.itemCount(length);
    const byCount = count !== undefined && failed > count;
    const byPercentage = percentage !== undefined && all > 0 && failed * 100 > percentage * all;
    if (!byCount && !byPercentage) return;
    throw new StatesError(
      'States.ExceedToleratedFailureThreshold',
      'The specified tolerated failure threshold was exceeded',
    );
  }

  private itemCount(length: number): number {
    const read = this.request.stateConfiguration?.mapItemReaderData;
    const items = read === undefined ? undefined : readJson(read, 'stateConfiguration.mapItemReaderData');
    return Array.isArray(items) ? items.length : length;
  }

  /** What a failure leads to: a retry, a catcher, or the end. */
  private failed(error: StatesError): TestStateResult {
    const { state } = this.frame;
    const retryIndex = state.retry.findIndex(({ errors }) => matchesError(errors, error));
    const policy = state.retry[retryIndex];
    if (policy !== undefined) {
      const count = this.request.stateConfiguration?.retrierRetryCount ?? 0;
      if (count < policy.maxAttempts) {
        const seconds = retryDelaySeconds(policy, count, this.ports.sources.random);
        this.note({ errorDetails: { retryIndex, retryBackoffIntervalSeconds: Math.round(seconds) } });
        return failure('RETRIABLE', error);
      }
      this.note({ errorDetails: { retryIndex } });
    }
    const catchIndex = state.catchers.findIndex(({ errors }) => matchesError(errors, error));
    const catcher = state.catchers[catchIndex];
    if (catcher === undefined) return failure('FAILED', error);
    const { frame } = this;
    const visible = errorOutput(error);
    const at = (input: Json) => frame.scope(input, undefined, visible);
    const { output } = catcher.flow.outcome(at(frame.input), visible, at);
    this.note({ errorDetails: { ...this.data.errorDetails, catchIndex } });
    return { ...failure('CAUGHT_ERROR', error), output: exactJsonText(output), nextState: catcher.next };
  }
}

function failure(status: 'FAILED' | 'RETRIABLE' | 'CAUGHT_ERROR', { error, cause }: StatesError): TestStateResult {
  return { status, ...(error !== undefined && { error }), ...(cause !== undefined && { cause }) };
}
