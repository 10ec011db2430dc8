import type { Stack } from 'aws-cdk-lib';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { asChainable, tryAdoptChainable } from '../../lib/constructs/chainable.js';
import { compileMachine, type Definition } from '../../lib/flow/compiler/machine.js';
import { type AnyStep, type Flow, fail, fanOutFanIn, flow, monitor } from '../../lib/flow/index.js';
import { activity, seconds } from '../flow/kit.js';
import { run, type Stub } from '../flow/run.js';
import { newStack, theResource } from './kit.js';

interface Order {
  readonly kind: string;
}

const book = activity<unknown, string>('Book');
const cancel = activity<unknown, null>('Cancel');
const report = activity<unknown, unknown>('Report');
const release = activity<unknown, null>('Release');
const stubs: Readonly<Record<string, Stub>> = {
  Book: () => 'b-1',
  Cancel: () => null,
  Report: (input: unknown) => input,
  Release: () => null,
};

const compile = (step: AnyStep): Definition =>
  compileMachine(
    'Test',
    { stepName: 'Test', compile: (site) => step.compile({ ...site, name: '' }) },
    { partition: 'aws', tryAdopt: tryAdoptChainable },
  ).definition;

/** A hand-written piece that ends in every way there is, by the order's kind. */
function review(stack: Stack): sfn.IChainable {
  const kind = (name: string) => sfn.Condition.jsonata(`{% $states.input.kind = '${name}' %}`);
  const within = new sfn.Choice(stack, 'Within?').when(kind('nested'), new sfn.Pass(stack, 'Fine'));
  return new sfn.Choice(stack, 'Review')
    .when(kind('fail'), new sfn.Fail(stack, 'Rejected', { error: 'Refused', cause: 'not today' }))
    .when(
      kind('dynamic'),
      sfn.Fail.jsonata(stack, 'By kind', { error: "{% 'Bad' & $states.input.kind %}", cause: '{% 1 + 1 & "" %}' }),
    )
    .when(kind('bare'), new sfn.Fail(stack, 'Bare'))
    .when(kind('succeed'), sfn.Succeed.jsonata(stack, 'Enough', { outputs: { enough: true } }))
    .when(kind('parallel'), new sfn.Parallel(stack, 'Both').branch(new sfn.Fail(stack, 'One fails', { error: 'One' })))
    .when(kind('nested'), new sfn.Parallel(stack, 'Inner').branch(within))
    .when(
      kind('unmatched'),
      new sfn.Parallel(stack, 'Other').branch(
        new sfn.Choice(stack, 'Nothing?').when(kind('no'), new sfn.Pass(stack, 'Never')),
      ),
    )
    .when(kind('pass'), new sfn.Pass(stack, 'Go on'));
}

/** The kinds that fail, with the error's name and message. */
const failures = [
  ['fail', 'Refused', 'not today'],
  ['dynamic', 'Baddynamic', '2'],
  ['bare', 'Error', ''],
  ['parallel', 'One', null],
  ['unmatched', 'States.NoChoiceMatched', 'No rule of the Choice state "Nothing?" matched, and it has no default.'],
  ['no kind of all', 'States.NoChoiceMatched', 'No rule of the Choice state "Review" matched, and it has no default.'],
] as const;

const reviewed = () => flow<Order>().step('review', review(newStack()) as never);

describe.each(failures)('a hand-written state that fails: %s', (kind, name, message) => {
  test('is caught', async () => {
    const steps = reviewed().catch(report, ({ error }) => ({ name: error.name, message: error.message }));
    const { output } = await run(compile(steps), stubs, { kind });
    expect(output).toEqual({ name, message });
  });

  test('is compensated and finalised', async () => {
    const steps = flow<Order>()
      .step('booked', book)
      .compensate(cancel)
      .step('review', review(newStack()) as never, ({ input }: { readonly input: unknown }) => input as never)
      .finally(release, () => null);
    const { status, error, bench } = await run(compile(steps as Flow<Order>), stubs, { kind });
    expect([status, error]).toEqual(['FAILED', name]);
    expect(bench.calls.map((call) => call.name)).toEqual(['Book', 'Cancel', 'Release']);
  });

  test.each(['inline', 'distributed'] as const)('fails its item: %s', async (mode) => {
    const each = reviewed();
    const steps = flow<readonly Order[]>().step('all', fanOutFanIn({ each, mode, toleratedFailures: 'all' }));
    const { output } = await run(compile(steps), stubs, [{ kind: 'pass' }, { kind }]);
    expect(output).toMatchObject({
      succeeded: [{ index: 0, output: { kind: 'pass' } }],
      failed: [{ index: 1, error: { name, message } }],
    });
  });
});

describe('a hand-written Succeed state', () => {
  test('is the end of the step, behind which `finally` runs', async () => {
    const { output, bench } = await run(compile(reviewed().finally(release, () => null)), stubs, { kind: 'succeed' });
    expect(output).toEqual({ enough: true });
    expect(bench.calls.map(({ name }) => name)).toEqual(['Release']);
  });

  test.each(['inline', 'distributed'] as const)('gives the result of its item: %s', async (mode) => {
    const steps = flow<readonly Order[]>().step('all', fanOutFanIn({ each: reviewed(), mode }));
    const { output } = await run(compile(steps), stubs, [{ kind: 'pass' }, { kind: 'succeed' }]);
    expect(output).toEqual([{ kind: 'pass' }, { enough: true }]);
  });

  test('gives the result of a poll', async () => {
    const poll = flow<Order>().step('review', sfn.Succeed.jsonata(newStack(), 'Enough', { outputs: true }) as never);
    const options = { poll, until: (done: never) => done, interval: seconds(1), deadline: seconds(60) };
    const { output } = await run(compile(flow<Order>().step('watch', monitor(options as never))), stubs, {});
    expect(output).toMatchObject({ outcome: 'completed', polls: 1 });
  });

  test.each([
    ['a step', () => reviewed().step('booked', book)],
    ['a delay', () => reviewed().delay(seconds(1))],
    [
      'a step behind its branch',
      () =>
        flow<Order>()
          .choose({ when: () => true as never, then: (f) => f.step('r', review(newStack()) as never) })
          .step('booked', book, () => 1),
    ],
    [
      'a step behind its flow',
      () =>
        flow<Order>()
          .step('inner', reviewed())
          .step('booked', book, () => 1),
    ],
  ])('nothing follows it: not %s', (_title, steps) => {
    expect(() => compile(steps() as Flow<Order>)).toThrow(
      /: expected nothing behind `Enough`, a Succeed state, which ends the workflow, got another part; leave the Succeed state out to go on/,
    );
  });
});

test('a step that only fails is a Parallel state of a hand-written definition', () => {
  const stack = newStack();
  const reject = asChainable(stack, 'Reject', fail('Rejected', 'no'));
  new sfn.StateMachine(stack, 'Machine', { definitionBody: sfn.DefinitionBody.fromChainable(reject) });
  expect(JSON.parse(theResource(stack, 'AWS::StepFunctions::StateMachine')['DefinitionString'] as string)).toEqual({
    StartAt: 'Reject',
    States: {
      Reject: {
        Type: 'Parallel',
        Branches: [{ StartAt: 'Rejected', States: { Rejected: { Type: 'Fail', Error: 'Rejected', Cause: 'no' } } }],
        Output: '{% $states.result[0] %}',
        QueryLanguage: 'JSONata',
        End: true,
      },
    },
  });
});
