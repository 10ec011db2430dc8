import type { TestStateRequest } from '../../lib/engine/model/api.js';
import { Harness, task } from './kit.js';

const test = (definition: object, more: Partial<TestStateRequest> & { readonly harness?: Harness } = {}) => {
  const { harness = new Harness(), ...request } = more;
  return harness.service.testState({ definition: JSON.stringify(definition), ...request });
};

describe('TestState', () => {
  it('gives output and next state', async () => {
    const pass = { Type: 'Pass', Parameters: { 'b.$': '$.a' }, Next: 'T' };
    expect(await test(pass, { input: '{"a":1}' })).toEqual({ status: 'SUCCEEDED', output: '{"b":1}', nextState: 'T' });
  });

  it('tells every step of the data flow to who wants to debug', async () => {
    const state = task({
      InputPath: '$.in',
      Parameters: { 'n.$': '$.n' },
      ResultSelector: { 'r.$': '$.x' },
      ResultPath: '$.out',
      End: true,
    });
    const { inspectionData, output } = await test(state, {
      input: '{"in":{"n":1}}',
      mock: { result: '{"x":2}' },
      inspectionLevel: 'DEBUG',
    });
    expect(inspectionData).toEqual({
      input: '{"in":{"n":1}}',
      afterInputPath: '{"n":1}',
      afterParameters: '{"n":1}',
      result: '{"x":2}',
      afterResultSelector: '{"r":2}',
      afterResultPath: '{"in":{"n":1},"out":{"r":2}}',
    });
    expect(output).toBe('{"in":{"n":1},"out":{"r":2}}');
  });

  it('calls the task when nothing is mocked', async () => {
    const harness = new Harness(({ parameters }) => ({ output: [parameters] }));
    expect(
      await test(task({ End: true }), { harness, input: '1', roleArn: 'arn:aws:iam::123456789012:role/r' }),
    ).toMatchObject({ output: '[1]' });
  });

  it('tells that a failure would be retried, and when', async () => {
    const state = task({ Retry: [{ ErrorEquals: ['X'], IntervalSeconds: 2, MaxAttempts: 3 }], End: true });
    const failing = { mock: { errorOutput: { error: 'X', cause: 'c' } }, inspectionLevel: 'TRACE' } as const;
    expect(await test(state, { ...failing, stateConfiguration: { retrierRetryCount: 2 } })).toMatchObject({
      status: 'RETRIABLE',
      error: 'X',
      inspectionData: { errorDetails: { retryIndex: 0, retryBackoffIntervalSeconds: 8 } },
    });
    expect(await test(state, { ...failing, stateConfiguration: { retrierRetryCount: 3 } })).toMatchObject({
      status: 'FAILED',
    });
  });

  it('tells that a failure would be caught, and with what', async () => {
    const state = task({
      Catch: [
        { ErrorEquals: ['Y'], Next: 'A' },
        { ErrorEquals: ['States.ALL'], ResultPath: '$.e', Next: 'B' },
      ],
      End: true,
    });
    expect(
      await test(state, {
        input: '{"a":1}',
        mock: { errorOutput: { error: 'X', cause: 'c' } },
        inspectionLevel: 'DEBUG',
      }),
    ).toMatchObject({
      status: 'CAUGHT_ERROR',
      nextState: 'B',
      output: '{"a":1,"e":{"Error":"X","Cause":"c"}}',
      inspectionData: { errorDetails: { catchIndex: 1 } },
    });
  });

  it('finds a state inside of a machine, and reads variables and a context object', async () => {
    const machine = {
      QueryLanguage: 'JSONata',
      StartAt: 'M',
      States: {
        M: {
          Type: 'Map',
          ItemProcessor: {
            StartAt: 'I',
            States: { I: { Type: 'Pass', Output: '{% $v & $states.context.Execution.Name %}', End: true } },
          },
          End: true,
        },
      },
    };
    const request = { stateName: 'I', variables: '{"v":"x-"}', context: '{"Execution":{"Name":"n"}}' };
    expect(await test(machine, request)).toMatchObject({ status: 'SUCCEEDED', output: '"x-n"' });
    await expect(test(machine, { stateName: 'Nope' })).rejects.toMatchObject({ name: 'ValidationException' });
  });

  it('refuses a wrong state, and a Map without a mock', async () => {
    await expect(test({ Type: 'Pass' })).rejects.toMatchObject({ name: 'InvalidDefinition' });
    const map = { Type: 'Map', ItemProcessor: { StartAt: 'I', States: { I: { Type: 'Pass', End: true } } }, End: true };
    await expect(test(map, { input: '[]' })).rejects.toMatchObject({
      name: 'ValidationException',
      message: 'A Map state can only be tested with a mock',
    });
  });
});

describe('ValidateStateMachineDefinition', () => {
  it('lists what is wrong, as far as it is asked to', () => {
    const { service } = new Harness();
    const definition = JSON.stringify({ StartAt: 'S', States: { S: { Type: 'Pass', Foo: 1, Bar: 2 } } });
    expect(service.validateStateMachineDefinition({ definition })).toMatchObject({
      result: 'FAIL',
      diagnostics: { length: 4 },
      truncated: false,
    });
    expect(service.validateStateMachineDefinition({ definition, maxResults: 1 })).toEqual({
      result: 'FAIL',
      truncated: true,
      diagnostics: [
        {
          severity: 'ERROR',
          code: 'SCHEMA_VALIDATION_FAILED',
          location: '/States/S',
          message: "Field 'Foo' is not supported",
        },
      ],
    });
  });
});
