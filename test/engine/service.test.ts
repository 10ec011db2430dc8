import type { ExecutionStatusChange } from '../../lib/engine/model/api.js';
import { renderHistoryEvent } from '../../lib/engine/model/history.js';
import { FUNCTION, Harness, INVOKE_WITH_TOKEN, single, task } from './kit.js';

const PASS = single({ Type: 'Pass' });
const named = (name: string) => expect.objectContaining({ name });

describe('starting an execution', () => {
  it('with the same name and input gives the same one while it runs, and is refused afterwards', async () => {
    const harness = new Harness();
    const { service } = harness;
    const stateMachineArn = harness.create(single({ Type: 'Wait', Seconds: 5 }));
    const first = service.startExecution({ stateMachineArn, name: 'n', input: '{"a":1}' });
    expect(service.startExecution({ stateMachineArn, name: 'n', input: '{"a":1}' })).toEqual(first);
    expect(() => service.startExecution({ stateMachineArn, name: 'n', input: '{"a":2}' })).toThrow(
      named('ExecutionAlreadyExists'),
    );
    await harness.clock.settled();
    expect(() => service.startExecution({ stateMachineArn, name: 'n', input: '{"a":1}' })).toThrow(
      named('ExecutionAlreadyExists'),
    );
  });

  it.each(['', 'a b', 'a/b', 'a*', 'x'.repeat(81), 'a#b', 'a\u0001'])('is refused for the name %j', (name) => {
    const harness = new Harness();
    const stateMachineArn = harness.create(PASS);
    expect(() => harness.service.startExecution({ stateMachineArn, name })).toThrow(named('InvalidName'));
  });

  it.each(['a', 'A-1_b.c@d=e+f!(g)', 'x'.repeat(80), 'ünïcode'])('takes the name %j', (name) => {
    const harness = new Harness();
    const stateMachineArn = harness.create(PASS);
    expect(harness.service.startExecution({ stateMachineArn, name }).executionArn).toBe(
      `arn:aws:states:us-east-1:123456789012:execution:machine:${name}`,
    );
  });

  it('is refused for wrong input, machine or ARN', () => {
    const harness = new Harness();
    const stateMachineArn = harness.create(PASS);
    expect(() => harness.service.startExecution({ stateMachineArn, input: '{' })).toThrow(
      named('InvalidExecutionInput'),
    );
    expect(() => harness.service.startExecution({ stateMachineArn: `${stateMachineArn}x` })).toThrow(
      named('StateMachineDoesNotExist'),
    );
    expect(() => harness.service.startExecution({ stateMachineArn: 'x' })).toThrow(named('InvalidArn'));
    expect(() => harness.service.describeExecution({ executionArn: 'x' })).toThrow(named('InvalidArn'));
  });
});

describe('a state machine', () => {
  it('is created again only as it was', () => {
    const harness = new Harness();
    const arn = harness.create(PASS);
    expect(harness.create(PASS)).toBe(arn);
    expect(() => harness.create({ StartAt: 'S', States: { S: { Type: 'Succeed' } } })).toThrow(
      named('StateMachineAlreadyExists'),
    );
  });

  it('keeps its definition for executions that run, when it is updated', async () => {
    const harness = new Harness();
    const stateMachineArn = harness.create({
      StartAt: 'W',
      States: { W: { Type: 'Wait', Seconds: 5, Next: 'A' }, A: { Type: 'Pass', Result: 'old', End: true } },
    });
    const { executionArn: before } = harness.service.startExecution({ stateMachineArn });
    harness.service.updateStateMachine({
      stateMachineArn,
      definition: JSON.stringify(single({ Type: 'Pass', Result: 'new' })),
    });
    const { executionArn: after } = harness.service.startExecution({ stateMachineArn });
    await harness.clock.settled();
    expect([harness.outcome(before), harness.outcome(after)]).toMatchObject([{ output: 'old' }, { output: 'new' }]);
  });

  it('is refused when its tasks can not be done here, by name and reason', () => {
    const harness = new Harness(undefined, {
      tasks: {
        supports: ({ kind }) => (kind === 'service' ? 'there is no such service' : undefined),
        run: async () => ({ output: null }),
      },
    });
    expect(() =>
      harness.create(single({ Type: 'Task', Resource: 'arn:aws:states:::athena:startQueryExecution' })),
    ).toThrow(
      "UNSUPPORTED_RESOURCE: The resource 'arn:aws:states:::athena:startQueryExecution' is not supported here: there is no such service at /States/S/Resource",
    );
    expect(() => harness.create(single(task()), 'ok')).not.toThrow();
  });
});

describe('the history', () => {
  it('is told in the form of the API, page by page, in either order', async () => {
    const harness = new Harness(() => ({ output: { b: 2 } }));
    const executionArn = await harness.start(single(task({ TimeoutSeconds: 5 })), { a: 1 });
    const { service } = harness;
    const { events, nextToken } = service.getExecutionHistory({ executionArn, maxResults: 3 });
    expect(events[0]).toMatchObject({
      id: 1,
      previousEventId: 0,
      type: 'ExecutionStarted',
      executionStartedEventDetails: {
        input: '{"a":1}',
        inputDetails: { truncated: false },
        roleArn: 'arn:aws:iam::123456789012:role/r',
      },
    });
    expect(events[2]).toMatchObject({
      lambdaFunctionScheduledEventDetails: { resource: FUNCTION, input: '{"a":1}', timeoutInSeconds: 5 },
    });
    const rest = service.getExecutionHistory({ executionArn, nextToken: nextToken ?? '' });
    expect(rest.events.map(({ id }) => id)).toEqual([4, 5, 6, 7]);
    expect(rest.events[2]).toMatchObject({ stateExitedEventDetails: { name: 'S', output: '{"b":2}' } });
    expect(service.getExecutionHistory({ executionArn, reverseOrder: true }).events[0]).toMatchObject({
      type: 'ExecutionSucceeded',
    });
    const bare = service.getExecutionHistory({ executionArn, includeExecutionData: false }).events[0];
    expect(bare?.['executionStartedEventDetails']).toEqual({
      inputDetails: { truncated: false },
      roleArn: 'arn:aws:iam::123456789012:role/r',
    });
  });

  it('keeps the input as it was written', async () => {
    const harness = new Harness();
    const stateMachineArn = harness.create(PASS);
    const input = '{ "a" : 1.0 }';
    const { executionArn } = harness.service.startExecution({ stateMachineArn, input });
    expect(harness.service.describeExecution({ executionArn }).input).toBe(input);
    expect(harness.service.getExecutionHistory({ executionArn }).events[0]).toMatchObject({
      executionStartedEventDetails: { input },
    });
  });

  it('is told as it happens', async () => {
    const harness = new Harness();
    const told: string[] = [];
    const stop = harness.service.onEvent((arn, { id, type }) => told.push(`${arn.split(':').at(-1)} ${id} ${type}`));
    const stateMachineArn = harness.create(PASS);
    harness.service.startExecution({ stateMachineArn, name: 'e' });
    await harness.clock.settled();
    stop();
    harness.service.startExecution({ stateMachineArn, name: 'f' });
    await harness.clock.settled();
    expect(told).toEqual([
      'e 1 ExecutionStarted',
      'e 2 PassStateEntered',
      'e 3 PassStateExited',
      'e 4 ExecutionSucceeded',
    ]);
  });

  it('shows assigned variables as text', async () => {
    const harness = new Harness();
    const executionArn = await harness.start(single({ Type: 'Pass', Assign: { v: { a: 1 } } }));
    const exited = harness.service.historyOf(executionArn)[2];
    expect(renderHistoryEvent(exited!)).toMatchObject({
      stateExitedEventDetails: { assignedVariables: { v: '{"a":1}' }, assignedVariablesDetails: { truncated: false } },
    });
  });
});

describe('a status change', () => {
  it('is told at the start and at the end', async () => {
    const harness = new Harness(() => ({ error: 'E', cause: 'c' }));
    const changes: ExecutionStatusChange[] = [];
    harness.service.onStatusChange((change) => changes.push(change));
    await harness.start(single(task()), 1);
    expect(changes).toMatchObject([
      { status: 'RUNNING', input: '1' },
      { status: 'FAILED', error: 'E', cause: 'c', stopDate: expect.any(Number) },
    ]);
  });
});

describe('an Express state machine', () => {
  it('answers with the end of the execution', async () => {
    const harness = new Harness();
    const stateMachineArn = harness.create(single({ Type: 'Wait', Seconds: 3 }), 'x', 'EXPRESS');
    expect(await harness.service.startSyncExecution({ stateMachineArn, input: '{"a":1}' })).toMatchObject({
      status: 'SUCCEEDED',
      output: '{"a":1}',
      billingDetails: { billedDurationInMilliseconds: 3_000 },
    });
  });

  it('has no history, no stop, and may use a name twice', async () => {
    const harness = new Harness();
    const stateMachineArn = harness.create(PASS, 'x', 'EXPRESS');
    const { executionArn } = harness.service.startExecution({ stateMachineArn, name: 'n' });
    expect(executionArn).toMatch(/:express:x:n:/);
    expect(harness.service.startExecution({ stateMachineArn, name: 'n' }).executionArn).not.toBe(executionArn);
    expect(() => harness.service.getExecutionHistory({ executionArn })).toThrow(named('StateMachineTypeNotSupported'));
    expect(() => harness.service.stopExecution({ executionArn })).toThrow(named('StateMachineTypeNotSupported'));
  });

  it('is started by a state machine, which can not wait for its end', async () => {
    const harness = new Harness();
    const StateMachineArn = harness.create(PASS, 'x', 'EXPRESS');
    const task = (Resource: string) => single({ Type: 'Task', Resource, Parameters: { StateMachineArn } });
    expect(await harness.run(task('arn:aws:states:::states:startExecution'))).toMatchObject({ status: 'SUCCEEDED' });
    for (const pattern of ['sync', 'sync:2']) {
      expect(await harness.run(task(`arn:aws:states:::states:startExecution.${pattern}`))).toMatchObject({
        status: 'FAILED',
        error: 'StepFunctions.StateMachineTypeNotSupportedException',
      });
    }
  });

  it('is the only kind that can be started synchronously', async () => {
    const harness = new Harness();
    const stateMachineArn = harness.create(PASS);
    await expect(harness.service.startSyncExecution({ stateMachineArn })).rejects.toMatchObject({
      name: 'StateMachineTypeNotSupported',
    });
  });
});

describe('a nested execution', () => {
  const nested = (pattern: string, more: object = {}) =>
    single({
      Type: 'Task',
      Resource: `arn:aws:states:::states:startExecution${pattern}`,
      Parameters: { 'StateMachineArn.$': '$.child', Input: { n: 1 }, Name: 'child' },
      ...more,
    });
  const childArn = 'arn:aws:states:us-east-1:123456789012:execution:child:child';

  it('gives its ARN at once', async () => {
    const harness = new Harness();
    const child = harness.create(single({ Type: 'Wait', Seconds: 60 }), 'child');
    expect(await harness.run(nested(''), { child })).toMatchObject({
      status: 'SUCCEEDED',
      output: { ExecutionArn: childArn },
      endedAt: 0,
    });
  });

  it('by .sync is waited for, its output is text; by .sync:2 it is JSON', async () => {
    const harness = new Harness();
    const child = harness.create(single({ Type: 'Wait', Seconds: 60 }), 'child');
    const executionArn = await harness.start(nested('.sync'), { child });
    expect(harness.outcome(executionArn)).toMatchObject({
      status: 'SUCCEEDED',
      output: { Status: 'SUCCEEDED', Input: '{"n":1}', Output: '{"n":1}' },
      endedAt: 60,
    });
    expect(harness.types(executionArn).slice(2, 6)).toEqual([
      'TaskScheduled',
      'TaskStarted',
      'TaskSubmitted',
      'TaskSucceeded',
    ]);
    const other = new Harness();
    const again = other.create(PASS, 'child');
    expect(await other.run(nested('.sync:2'), { child: again })).toMatchObject({
      output: { Input: { n: 1 }, Output: { n: 1 } },
    });
  });

  it('that fails, fails the task, with its description for a cause', async () => {
    const harness = new Harness();
    const child = harness.create({ StartAt: 'F', States: { F: { Type: 'Fail', Error: 'Bad', Cause: 'so' } } }, 'child');
    const outcome = await harness.run(nested('.sync:2'), { child });
    expect(outcome).toMatchObject({ status: 'FAILED', error: 'States.TaskFailed' });
    expect(JSON.parse(outcome.cause ?? '')).toMatchObject({
      Status: 'FAILED',
      Error: 'Bad',
      Cause: 'so',
      Input: '{"n":1}',
    });
  });

  it.each<[string, object, (harness: Harness, executionArn: string) => void]>([
    ['stopped', {}, (harness, executionArn) => harness.service.stopExecution({ executionArn })],
    ['timed out', { TimeoutSeconds: 5 }, () => {}],
  ])('is stopped with a parent that is %s', async (_how, more, act) => {
    const harness = new Harness();
    const ask = single({
      Type: 'Task',
      Resource: INVOKE_WITH_TOKEN,
      Parameters: { FunctionName: 'f', Payload: { 't.$': '$$.Task.Token' } },
    });
    const child = harness.create(ask, 'child');
    const executionArn = await harness.start(nested('.sync:2', more), { child });
    expect(harness.outcome(childArn).status).toBe('RUNNING');
    act(harness, executionArn);
    await harness.clock.advanceBy(10_000);
    expect(harness.outcome(childArn).status).toBe('ABORTED');
  });

  it("has AWS's errors", async () => {
    const harness = new Harness();
    const child = harness.create(PASS, 'child');
    harness.service.startExecution({ stateMachineArn: child, name: 'child' });
    expect(await harness.run(nested(''), { child })).toMatchObject({
      error: 'StepFunctions.ExecutionAlreadyExistsException',
    });
    expect(await harness.run(nested('', { Comment: 'x' }), { child: `${child}x` })).toMatchObject({
      error: 'StepFunctions.StateMachineDoesNotExistException',
      cause: expect.stringContaining(
        `State Machine Does Not Exist: '${child}x' (Service: AWSStepFunctions; Status Code: 400; Error Code: StateMachineDoesNotExist;`,
      ),
    });
  });

  it('of itself is how a workflow goes on for ever', async () => {
    const harness = new Harness();
    const again = {
      QueryLanguage: 'JSONata',
      StartAt: 'More',
      States: {
        More: { Type: 'Choice', Choices: [{ Condition: '{% $states.input.n < 3 %}', Next: 'Again' }], Default: 'Done' },
        Again: {
          Type: 'Task',
          Resource: 'arn:aws:states:::states:startExecution',
          Arguments: {
            StateMachineArn: '{% $states.context.StateMachine.Id %}',
            Name: "{% 'run-' & ($states.input.n + 1) %}",
            Input: { n: '{% $states.input.n + 1 %}' },
          },
          End: true,
        },
        Done: { Type: 'Succeed' },
      },
    };
    const executionArn = await harness.start(again, { n: 0 });
    const { stateMachineArn } = harness.service.describeExecution({ executionArn });
    const { executions } = harness.service.listExecutions({ stateMachineArn });
    expect(executions.map(({ name, status }) => [name.slice(0, 5), status])).toEqual([
      ['run-3', 'SUCCEEDED'],
      ['run-2', 'SUCCEEDED'],
      ['run-1', 'SUCCEEDED'],
      [expect.any(String), 'SUCCEEDED'],
    ]);
  });

  it('answers a token by the AWS SDK integration', async () => {
    const harness = new Harness();
    const ask = single({
      Type: 'Task',
      Resource: INVOKE_WITH_TOKEN,
      Parameters: { FunctionName: 'f', Payload: { 't.$': '$$.Task.Token' } },
    });
    const waiting = await harness.start(ask);
    const send = single({
      Type: 'Task',
      Resource: 'arn:aws:states:::aws-sdk:sfn:sendTaskSuccess',
      Parameters: { 'TaskToken.$': '$.token', Output: { yes: true } },
    });
    await harness.run(send, { token: harness.calls[0]?.request.taskToken ?? '' });
    expect(harness.outcome(waiting)).toMatchObject({ status: 'SUCCEEDED', output: { yes: true } });
    expect(await harness.run({ ...send, Comment: 'again' }, { token: 'x' })).toMatchObject({
      error: 'Sfn.InvalidTokenException',
    });
  });
});
