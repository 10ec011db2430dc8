import { compileMachine, type Definition } from '../../../lib/flow/compiler/machine.js';
import { expr, fanOutFanIn, flow, humanApproval, monitor } from '../../../lib/flow/index.js';
import { compileSubOrchestration } from '../../../lib/flow/steps/sub-orchestration.js';
import { activity, compile, seconds } from '../kit.js';
import { run, type Stub } from '../run.js';

const work = activity<unknown, string>('Work');
const report = activity<{ message: string | null; stack: string | null; cause: string | null }, unknown>('Report');
const lambda = (message: string, trace: readonly string[] = []) =>
  JSON.stringify({ errorType: 'Error', errorMessage: message, trace });
const long = lambda('boom', Array(2000).fill('at somewhere (file.js:1:1)')).slice(0, 32_768);

/** A cause, with the message and the stack that a handler of errors is to see. */
const causes: readonly (readonly [string, string | undefined, string | null, string | null])[] = [
  ['what a function threw', lambda('boom "x"\n{y}', ['Error: boom', 'at a']), 'boom "x"\n{y}', 'Error: boom\nat a'],
  ['no trace', lambda('boom'), 'boom', null],
  ['no cause', undefined, null, null],
  ['an empty text', '', '', null],
  ['plain text', 'offline', 'offline', null],
  ['null as JSON', 'null', 'null', null],
  ['JSON in a message', lambda('{"errorMessage":"inner"}'), '{"errorMessage":"inner"}', null],
  ['a nested message', '{"a":{"errorMessage":"x","trace":["y"]}}', '{"a":{"errorMessage":"x","trace":["y"]}}', null],
  ['a message that is no text', '{"errorMessage":{"a":1},"trace":7}', '{"errorMessage":{"a":1},"trace":7}', null],
  ['a message of null', '{"errorMessage":null}', '{"errorMessage":null}', null],
  ['a trace that holds no texts', '{"errorMessage":"x","trace":[{"a":1}]}', 'x', null],
  ['JSON cut off in its message', '{"errorType":"E","errorMessage":"bo', '{"errorType":"E","errorMessage":"bo', null],
  ['JSON cut off in an escape', '{"errorMessage":"bo\\u00', '{"errorMessage":"bo\\u00', null],
  ['looks like JSON', '{"errorMessage": boom, "trace": }', '{"errorMessage": boom, "trace": }', null],
  ['a wrong escape', '{"errorMessage":"\\x"}', '{"errorMessage":"\\x"}', null],
  ['a message of several lines', '{"errorMessage":"a\nb"}', '{"errorMessage":"a\nb"}', null],
  ['a brace only', '{', '{', null],
];

const failing =
  (cause: string | undefined): Stub =>
  () => {
    throw { error: 'Broken', cause };
  };
const stubs = (cause: string | undefined) => ({ Work: failing(cause), Report: (seen: unknown) => seen });

describe.each(causes)('%s as the cause', (_title, cause, message, stack) => {
  const expected = { message, stack, cause: cause ?? null };

  test('reaches the handler of a `catch`', async () => {
    const steps = flow<unknown>()
      .step('work', work)
      .catch(report, ({ error }) => ({ message: error.message, stack: error.stack, cause: error.cause }));
    expect((await run(compile(steps), stubs(cause))).output).toEqual(expected);
  });

  test.each(['inline', 'distributed'] as const)('reaches the results of a fan-out, %s', async (mode) => {
    const steps = flow<{ list: readonly string[] }>().step(
      'all',
      fanOutFanIn({ items: ({ input }) => input.list, each: work, mode, toleratedFailures: 'all' }),
    );
    const { output } = await run(compile(steps), stubs(cause), { list: ['a'] });
    expect(output).toMatchObject({ failed: [{ error: { ...expected, name: 'Broken' } }] });
  });

  test('reaches the handler of an approval', async () => {
    const steps = flow<unknown>()
      .step('approval', humanApproval({ approvers: ['ann@example.com'], subject: 'Go?', timeout: seconds(60) }))
      .catch(report, ({ error }) => ({ message: error.message, stack: error.stack, cause: error.cause }));
    const hub = { partition: 'aws', hubFunctions: { awaitEvent: 'Await', askApproval: 'Ask' } };
    const { definition } = compileMachine('Test', steps, hub);
    expect((await run(definition, { ...stubs(cause), Ask: failing(cause) })).output).toEqual(expected);
  });

  test('of a child’s failure reaches the handler around the child', async () => {
    const steps = flow<unknown>()
      .step('child', child)
      .catch(report, ({ error }) => ({ message: error.message, stack: error.stack, cause: error.cause }));
    const described = JSON.stringify({
      ExecutionArn: 'arn',
      Input: '{"Error":"no","Cause":"no"}',
      InputDetails: { Included: true },
      Error: 'Broken',
      ...(cause !== undefined && { Cause: cause }),
      Status: 'FAILED',
    });
    const { output } = await run(withChild(compile(steps)), childStubs(described));
    if (cause === undefined) expect(output).toEqual({ message: described, stack: null, cause: described });
    else expect(output).toEqual(expected);
  });
});

const child = {
  stepName: 'Child',
  compile: (site: Parameters<typeof compileSubOrchestration>[0]) =>
    compileSubOrchestration(site, {
      stateMachineArn: 'arn:aws:states:us-east-1:123456789012:stateMachine:Child',
      executionsArn: 'arn:aws:states:us-east-1:123456789012:execution:Child:*',
      eventRuleArn: 'arn:aws:events:us-east-1:123456789012:rule/Rule',
      path: 'Stack/Child',
    }),
};
/** The same definition with a stub in the child's place, so that the test chooses how its failure is described. */
function withChild(definition: Definition): Definition {
  Object.assign(definition.States['child']!, {
    Resource: 'arn:aws:states:::lambda:invoke',
    Arguments: { FunctionName: 'arn:aws:lambda:us-east-1:123456789012:function:Child' },
  });
  return definition;
}
const childStubs = (cause: string | undefined) => ({
  Child: () => {
    throw { error: 'States.TaskFailed', cause };
  },
  Report: (seen: unknown) => seen,
});

test.each([undefined, '', '{', 'no description', '{"ExecutionArn":"arn","Error":"Bro'])(
  'a child’s description that is `%s` does not fail the parent’s handler',
  async (cause) => {
    const steps = flow<unknown>()
      .step('child', child)
      .catch(report, ({ error }) => ({ message: error.message, stack: error.name, cause: error.cause }));
    expect((await run(withChild(compile(steps)), childStubs(cause))).output).toMatchObject({
      stack: 'States.TaskFailed',
      cause: cause ?? '',
    });
  },
);

test('an error without a name and a cause, out of a window of a monitor, is thrown again as a failure', async () => {
  const polled = monitor({
    poll: work,
    until: (result) => expr<boolean>`${result} = 1`,
    interval: seconds(15),
    deadline: seconds(30 * 86_400),
  });
  const nameless: Stub = () => {
    throw { error: undefined, cause: undefined };
  };
  const ended = await run(compile(flow<unknown>().step('polled', polled)), { Work: nameless });
  expect(ended).toMatchObject({ status: 'FAILED', error: 'Error', cause: '' });
});

test('a cause that was cut off keeps its message and the complete lines of its trace', async () => {
  const steps = flow<unknown>()
    .step('work', work)
    .catch(report, ({ error }) => ({ message: error.message, stack: error.stack, cause: error.name }));
  const { output } = await run(compile(steps), stubs(long));
  expect(output).toMatchObject({ message: 'boom' });
  expect((output as { stack: string }).stack.split('\n').length).toBeGreaterThan(1000);
});
