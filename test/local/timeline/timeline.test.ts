import { VirtualClock } from '../../../lib/clock.js';
import { renderDuration } from '../../../lib/local/timeline/terminal-text.js';
import { Timeline, type TimelineEntry } from '../../../lib/local/timeline/timeline.js';
import { renderEntry } from '../../../lib/local/timeline/timeline-lines.js';
import { closeAll, inlineFunction, invoke, startApp, stateMachine } from '../local-app.js';

afterEach(closeAll);

/** Runs a machine in virtual time and gives the timeline's lines; the user code's own time is cut off. */
async function timelineOf(
  states: Record<string, unknown>,
  code = 'exports.handler = async (e) => e',
): Promise<readonly string[]> {
  const clock = new VirtualClock({ start: 0 });
  const definition = { QueryLanguage: 'JSONata', StartAt: Object.keys(states)[0], States: states };
  const cloud = await startApp({ Fn: inlineFunction(code), Machine: stateMachine(definition) }, { clock });
  const timeline = new Timeline();
  const entries: TimelineEntry[] = [];
  cloud.stepFunctions.onEvent((_arn, event) => {
    const entry = timeline.add(event);
    if (entry !== undefined) entries.push(entry);
  });
  cloud.stepFunctions.startExecution({ stateMachineArn: cloud.orchestration('Machine').stateMachineArn });
  await clock.settled();
  return entries.map((entry) => renderEntry(entry, { colour: false }).trimStart());
}

describe('the timeline', () => {
  test('indents what runs inside a fan-out and numbers its items; the fan-out comes last, with its whole duration', async () => {
    const each = {
      StartAt: 'wait',
      States: { wait: { Type: 'Wait', Seconds: '{% $states.input %}', Next: 'call' }, call: invoke('Fn') },
    };
    const lines = await timelineOf({
      all: { Type: 'Map', Items: [2, 1], ItemProcessor: each, End: true },
    });
    expect(lines).toEqual([
      '1 s    ✔ wait [1]  1 s',
      '1 s    ✔ call [1]  0 ms',
      '2 s    ✔ wait [0]  2 s',
      '2 s    ✔ call [0]  0 ms',
      '2 s  ✔ all  2 s',
    ]);
  });

  test('indents the branches of a Parallel, and leaves states out that only route', async () => {
    const branch = (name: string, seconds: number) => ({
      StartAt: name,
      States: { [name]: { Type: 'Wait', Seconds: seconds, End: true } },
    });
    const lines = await timelineOf({
      start: { Type: 'Pass', Next: 'both' },
      both: { Type: 'Parallel', Branches: [branch('a', 2), branch('b', 1)], Next: 'which' },
      which: { Type: 'Choice', Choices: [{ Condition: '{% false %}', Next: 'end' }], Default: 'end' },
      end: { Type: 'Succeed' },
    });
    expect(lines).toEqual(['1 s    ✔ b  1 s', '2 s    ✔ a  2 s', '2 s  ✔ both  2 s']);
  });

  test('tells each failed attempt with the function’s message', async () => {
    const lines = await timelineOf(
      {
        call: invoke('Fn', { Retry: [{ ErrorEquals: ['States.ALL'], MaxAttempts: 1, IntervalSeconds: 3 }], End: true }),
      },
      'exports.handler = async () => { throw new RangeError("too far") }',
    );
    expect(lines).toEqual([
      '0 ms  ✘ call  attempt 1: RangeError: too far',
      '3 s  ✘ call  attempt 2: RangeError: too far',
    ]);
  });

  test('tells that a callback is awaited', async () => {
    const lines = await timelineOf({
      ask: {
        Type: 'Task',
        Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
        Arguments: { FunctionName: '${Fn.Arn}', Payload: '{% $states.context.Task.Token %}' },
        End: true,
      },
    });
    expect(lines).toEqual(['0 ms  … ask  waits for an answer']);
  });
});

test.each([
  [0, '0 ms'],
  [999, '999 ms'],
  [1_500, '1.5 s'],
  [61_000, '1 min 1 s'],
  [3_600_000, '1 h'],
  [90_061_000, '1 d 1 h'],
])('%d ms is %s', (milliseconds, text) => expect(renderDuration(milliseconds)).toBe(text));
