import {
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  GetExecutionHistoryCommand,
  type GetExecutionHistoryCommandInput,
  type HistoryEvent,
  RedriveExecutionCommand,
  SendTaskSuccessCommand,
  type SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { parseExecutionName } from '../../lib/contract/instance-id.js';
import type { StepFunctionsStatus } from '../../lib/contract/runtime-status.js';
import type { StatusChange } from '../../lib/hub/lifecycle/status-change.js';

interface Execution {
  arn: string;
  name: string;
  stateMachineArn: string;
  input: string;
  status: StepFunctionsStatus;
  startDate: number;
  stopDate?: number;
  redriveDate?: number;
  redriveCount: number;
  output?: string;
  error?: string;
  cause?: string;
  history: HistoryEvent[];
}

/** An event as `includeExecutionData: false` shows it. */
function withoutData(event: HistoryEvent): HistoryEvent {
  return JSON.parse(JSON.stringify(event), (key, value) =>
    key === 'timestamp' ? new Date(value) : key === 'input' || key === 'output' ? undefined : value,
  );
}

/** An AWS error as the SDK throws it. */
export function awsError(name: string, message = name): Error {
  return Object.assign(new Error(message), { name, $metadata: { httpStatusCode: 400 } });
}

/** Step Functions at the SDK's edge: executions that go nowhere by themselves, with AWS's rules for names, stops, redrives and tokens. */
export class FakeStepFunctions {
  readonly executions = new Map<string, Execution>();
  /** Every status event so far, as EventBridge would carry it. */
  readonly events: StatusChange[] = [];
  readonly calls: string[] = [];
  /** Token → `open`, `closed`, or what it was answered with. */
  readonly tokens = new Map<string, { state: 'open' | 'closed'; output?: string }>();

  /** Errors that the next calls of a name fail with, in order. */
  readonly refusals: { readonly call: string; readonly error: Error }[] = [];

  private readonly removed = new Set<string>();

  constructor(private readonly now: () => number) {}

  get client(): SFNClient {
    return { send: (command: object) => this.send(command) } as unknown as SFNClient;
  }

  execution(name: string): Execution {
    const found = [...this.executions.values()].find((execution) => execution.name === name);
    if (found === undefined) throw new Error(`no execution ${name}`);
    return found;
  }

  finish(
    name: string,
    status: StepFunctionsStatus,
    result: { output?: string; error?: string; cause?: string } = {},
  ): StatusChange {
    return this.change(this.execution(name), { status, stopDate: this.now(), ...result });
  }

  /** An execution started by a workflow, or by hand. */
  startDirectly(stateMachineArn: string, name: string, input: string): StatusChange {
    this.start({ stateMachineArn, name, input });
    return this.events.at(-1) as StatusChange;
  }

  /** A state machine goes, and its executions with it. */
  removeMachine(stateMachineArn: string): void {
    this.removed.add(stateMachineArn);
    for (const [arn, execution] of this.executions)
      if (execution.stateMachineArn === stateMachineArn) this.executions.delete(arn);
  }

  openToken(token: string): void {
    this.tokens.set(token, { state: 'open' });
  }

  private async send(command: object): Promise<unknown> {
    const call = command.constructor.name.replace('Command', '');
    this.calls.push(call);
    const refused = this.refusals.findIndex((refusal) => refusal.call === call);
    if (refused >= 0) throw this.refusals.splice(refused, 1)[0]?.error;
    if (command instanceof StartExecutionCommand) return this.start(command.input);
    if (command instanceof DescribeExecutionCommand) return this.describe(this.find(command.input.executionArn));
    if (command instanceof DescribeStateMachineCommand) return this.describeMachine(command.input.stateMachineArn);
    if (command instanceof StopExecutionCommand) return this.stop(command.input);
    if (command instanceof RedriveExecutionCommand) return this.redrive(this.find(command.input.executionArn));
    if (command instanceof GetExecutionHistoryCommand) return this.readHistory(command.input);
    if (command instanceof SendTaskSuccessCommand)
      return this.answerToken(command.input.taskToken ?? '', command.input.output ?? '');
    throw new Error(`the fake has no ${command.constructor.name}`);
  }

  private readHistory(input: GetExecutionHistoryCommandInput) {
    const { executionArn, maxResults = 100, nextToken = '0', includeExecutionData = true, reverseOrder } = input;
    const found = this.find(executionArn).history;
    const history = reverseOrder === true ? found.toReversed() : found;
    const end = Number(nextToken) + maxResults;
    const events = history.slice(Number(nextToken), end);
    return {
      events: includeExecutionData ? events : events.map(withoutData),
      ...(end < history.length && { nextToken: String(end) }),
    };
  }

  private start({
    stateMachineArn = '',
    name = '',
    input = '{}',
  }: {
    stateMachineArn?: string;
    name?: string;
    input?: string;
  }) {
    const arn = `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;
    this.describeMachine(stateMachineArn);
    if (!/^[^\s<>{}[\]?*"#%\\^|~`$&,;:/\p{Cc}]{1,80}$/u.test(name)) throw awsError('InvalidName');
    const existing = this.executions.get(arn);
    if (existing !== undefined) {
      if (existing.status === 'RUNNING' && existing.input === input)
        return { executionArn: arn, startDate: new Date(existing.startDate) };
      throw awsError('ExecutionAlreadyExists');
    }
    const execution: Execution = {
      arn,
      name,
      stateMachineArn,
      input,
      status: 'RUNNING',
      startDate: this.now(),
      redriveCount: 0,
      history: [],
    };
    this.executions.set(arn, execution);
    this.events.push(this.toChange(execution));
    return { executionArn: arn, startDate: new Date(execution.startDate) };
  }

  private describeMachine(stateMachineArn = '') {
    if (this.removed.has(stateMachineArn)) throw awsError('StateMachineDoesNotExist');
    return { stateMachineArn, status: 'ACTIVE' };
  }

  private describe(execution: Execution) {
    const { arn, stopDate, redriveDate, startDate, ...rest } = execution;
    return {
      ...rest,
      executionArn: arn,
      startDate: new Date(startDate),
      ...(stopDate === undefined ? {} : { stopDate: new Date(stopDate) }),
      ...(redriveDate === undefined ? {} : { redriveDate: new Date(redriveDate) }),
    };
  }

  private stop({ executionArn, error, cause }: { executionArn?: string; error?: string; cause?: string }) {
    const execution = this.find(executionArn);
    if (execution.status === 'RUNNING')
      this.change(execution, { status: 'ABORTED', stopDate: this.now(), error, cause });
    return { stopDate: new Date(execution.stopDate ?? 0) };
  }

  private redrive(execution: Execution) {
    if (execution.status === 'RUNNING' || execution.status === 'SUCCEEDED') throw awsError('ExecutionNotRedrivable');
    const { output: _output, error: _error, cause: _cause, stopDate: _stopDate, ...rest } = execution;
    const redriven = { ...rest, redriveCount: execution.redriveCount + 1, redriveDate: this.now() };
    this.executions.set(execution.arn, redriven);
    this.change(redriven, { status: 'RUNNING' });
    return { redriveDate: new Date(this.now()) };
  }

  private answerToken(token: string, output: string) {
    const found = this.tokens.get(token);
    if (found === undefined) throw awsError('InvalidToken');
    if (found.state === 'closed') throw awsError('TaskTimedOut');
    this.tokens.set(token, { state: 'closed', output });
    return {};
  }

  private find(arn = ''): Execution {
    const found = this.executions.get(arn);
    if (found === undefined) throw awsError('ExecutionDoesNotExist');
    return found;
  }

  private change(execution: Execution, changes: Partial<Execution>): StatusChange {
    Object.assign(execution, changes);
    const change = this.toChange(execution);
    this.events.push(change);
    return change;
  }

  private toChange(execution: Execution): StatusChange {
    const { arn, history: _history, stateMachineArn: _machine, ...rest } = execution;
    return { ...rest, executionArn: arn };
  }

  /** How many executions an instance has had. */
  generationsOf(key: string): number {
    return [...this.executions.values()].filter(({ name }) => parseExecutionName(name).key === key).length;
  }
}
