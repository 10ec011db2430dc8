import { Duration } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { ApiAuth } from '../../../lib/constructs/api/api-auth.js';
import { AsyncHttpApi } from '../../../lib/constructs/api/async-http-api.js';
import { Mail } from '../../../lib/constructs/hub/mail.js';
import { TaskHub } from '../../../lib/constructs/hub/task-hub.js';
import type { TaskHubProps } from '../../../lib/constructs/hub/task-hub-props.js';
import { Chain } from '../../../lib/constructs/patterns/chain.js';
import { flow } from '../../../lib/flow/index.js';
import { newStack } from '../kit.js';

/** What is set aside, by the beginning of the function's logical id. */
function reserved(props: TaskHubProps): Record<string, unknown> {
  const stack = newStack();
  new TaskHub(stack, 'Hub', props);
  const functions: Record<string, { Properties?: Record<string, unknown> }> =
    Template.fromStack(stack).findResources('AWS::Lambda::Function');
  return Object.fromEntries(
    Object.entries(functions).map(([id, { Properties }]) => [
      id.replace(/^Hub|[0-9A-F]{8}$/g, ''),
      Properties?.['ReservedConcurrentExecutions'],
    ]),
  );
}

test('concurrency is set aside for each function of a hub that is named, and for no other', () => {
  const reservedConcurrency = { followStatus: 20, awaitEvent: 10, askApproval: 3, decideApproval: 5 };
  expect(reserved({ mail: Mail.ses({ from: 'workflows@example.com' }), reservedConcurrency })).toEqual({
    FollowStatus: 20,
    AwaitEvent: 10,
    ApprovalsAskApproval: 3,
    ApprovalsDecideApproval: 5,
  });
  expect(reserved({ reservedConcurrency: { followStatus: 20 } })).toEqual({ FollowStatus: 20, AwaitEvent: undefined });
  expect(reserved({})).toEqual({ FollowStatus: undefined, AwaitEvent: undefined });
});

test('it is set aside for functions of an API in the same way, and Lambda holds them to it', () => {
  const stack = newStack();
  const hub = new TaskHub(stack, 'Hub');
  const orchestrations = {
    hello: new Chain(stack, 'Hello', { hub, steps: flow<unknown>().delay(Duration.minutes(1)) }),
  };
  const reservedConcurrency = {
    startInstance: 1,
    queryInstances: 2,
    raiseEvent: 3,
    manageInstance: 4,
    purgeInstances: 5,
  };
  new AsyncHttpApi(stack, 'Api', { hub, orchestrations, auth: ApiAuth.none(), reservedConcurrency });
  const functions: Record<string, { Properties?: Record<string, unknown> }> =
    Template.fromStack(stack).findResources('AWS::Lambda::Function');
  const found = Object.entries(functions).flatMap(([id, { Properties }]) =>
    id.startsWith('Api') ? [[id.replace(/^Api|[0-9A-F]{8}$/g, ''), Properties?.['ReservedConcurrentExecutions']]] : [],
  );
  expect(Object.fromEntries(found)).toEqual({
    StartInstance: 1,
    QueryInstances: 2,
    RaiseEvent: 3,
    ManageInstance: 4,
    PurgeInstances: 5,
    DescribeApi: undefined,
  });
  const wrong = { startInstances: 1 } as object;
  expect(
    () => new AsyncHttpApi(stack, 'Wrong', { hub, orchestrations, auth: ApiAuth.none(), reservedConcurrency: wrong }),
  ).toThrow(/Wrong\.reservedConcurrency.*startInstance/s);
});

test.each([0, -1, 1.5, Number.NaN])('%p executions are refused', (followStatus) => {
  expect(() => reserved({ reservedConcurrency: { followStatus } })).toThrow(
    expect.objectContaining({
      code: 'InvalidOption',
      message: expect.stringContaining('Hub.reservedConcurrency.followStatus') as unknown,
    }),
  );
});

test('concurrency for approvals is refused where the hub has none', () => {
  expect(() => reserved({ reservedConcurrency: { decideApproval: 5 } })).toThrow(
    expect.objectContaining({
      code: 'InvalidOption',
      message: expect.stringContaining('a hub with `mail`') as unknown,
    }),
  );
});
