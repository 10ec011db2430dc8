import { compileMachine } from '../../../lib/flow/compiler/machine.js';
import {
  type AnyStep,
  callAws,
  deadlineIn,
  fanOutFanIn,
  flow,
  type Span,
  shape,
  waitForEvent,
} from '../../../lib/flow/index.js';
import { eternalStep } from '../../../lib/flow/steps/monitor/eternal.js';
import { monitor } from '../../../lib/flow/steps/monitor/monitor.js';
import { activity, compile, seconds } from '../kit.js';
import { run } from '../run.js';

const DAY = 86_400;
const check = activity<unknown, boolean>('Check');
const start = () => flow<readonly number[]>();

/** Every place that takes a span, in an orchestration of seven days. */
const places: readonly (readonly [string, (span: Span) => unknown])[] = [
  ['Test.delay', (span) => start().delay(span)],
  ['Test.all.Flow.delay', (span) => start().step('all', fanOutFanIn({ each: flow<number>().delay(span) }))],
  ['Test.paid.timeout', (span) => start().step('paid', waitForEvent('Payment', { timeout: span }))],
  ['Test.until', (span) => start().step('until', deadlineIn(span))],
  [
    'Test.head.timeout',
    (span) =>
      start().step(
        'head',
        callAws({
          service: 's3',
          action: 'headObject',
          resources: ['*'],
          parameters: () => ({}),
          returns: shape<unknown>(),
          timeout: span,
        }),
      ),
  ],
  [
    'Test.done.deadline',
    (span) =>
      start().step('done', monitor({ poll: check, until: (done) => done, interval: seconds(DAY), deadline: span })),
  ],
  ['Test.interval', (span) => eternalStep('Test', { poll: check, interval: span } as never)],
];

const wholeMachine = (step: AnyStep): AnyStep => ({
  stepName: step.stepName,
  compile: (site) => step.compile({ ...site, name: '' }),
});

const compileFor = (step: unknown, timeoutSeconds?: number) =>
  compileMachine('Test', wholeMachine(step as AnyStep), {
    partition: 'aws',
    hubFunctions: { awaitEvent: 'arn:aws:lambda:us-east-1:123456789012:function:Await' },
    ...(timeoutSeconds !== undefined && { timeoutSeconds }),
  });

describe.each(places)('%s', (where, step) => {
  test('is shorter than the time-out of the orchestration', () => {
    expect(() => compileFor(step(seconds(7 * DAY - 1)), 7 * DAY)).not.toThrow();
    expect(() => compileFor(step(seconds(7 * DAY)), 7 * DAY)).toThrow(
      `\`${where}\`: expected less than the orchestration's own timeout of 604800 s, which ends everything and can't be caught, got 604800 s; give the orchestration a longer \`timeout\``,
    );
  });

  test('is no longer than an execution lives, a year', () => {
    expect(() => compileFor(step(seconds(400 * DAY)))).toThrow(
      `\`${where}\`: expected whole seconds, from ${where.endsWith('delay') ? 0 : 1} to 31536000 (a year, the longest that an execution lives), got 34560000 s`,
    );
  });
});

test('a delay of 400 days that only the running workflow knows does not complete', async () => {
  const steps = flow<number>().delay({ seconds: ({ input }) => input });
  const { status, seconds } = await run(compile(steps), {}, 400 * DAY);
  expect([status, seconds]).toEqual(['TIMED_OUT', 365 * DAY]);
});
