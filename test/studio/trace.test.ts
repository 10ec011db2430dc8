import type { TraceEvent } from '../../lib/contract/studio.js';
import { decodeEvents, encodeEvents } from '../../lib/studio/model/events-page.js';
import { rootCause, Trace, type TraceSpan } from '../../lib/studio/model/trace.js';
import { executionTools } from './run-machine.js';

const { run, task, machine } = executionTools();

/** Each step as `name status`, those inside it behind it. */
function outline(spans: readonly TraceSpan[]): readonly unknown[] {
  return spans.map((span) => {
    const text = `${span.name} ${span.status}`;
    return span.children.length === 0 ? text : [text, ...outline(span.children)];
  });
}

function fold(events: readonly TraceEvent[]): Trace {
  const trace = new Trace();
  for (const event of events) trace.add(event);
  return trace;
}

describe('a history as steps', () => {
  test('a task that failed and was caught is caught, and its handler done', async () => {
    const trace = fold(
      await run(
        machine({
          charge: task('fail', { Catch: [{ ErrorEquals: ['States.ALL'], Next: 'apologise' }], End: true }),
          apologise: { Type: 'Pass', End: true },
        }),
      ),
    );
    expect(outline(trace.roots)).toEqual(['charge caught', 'apologise done']);
    expect(trace.roots[0]).toMatchObject({ error: 'Refused', attempts: [{ status: 'failed', error: 'Refused' }] });
    expect(trace.status).toBe('done');
  });

  test('a task that succeeds at its third attempt is done, with three attempts', async () => {
    const retry = [{ ErrorEquals: ['States.ALL'], MaxAttempts: 3, IntervalSeconds: 5 }];
    const trace = fold(await run(machine({ charge: task('third', { Retry: retry, End: true }) })));
    expect(outline(trace.roots)).toEqual(['charge done']);
    expect(trace.roots[0]?.attempts.map(({ number, status }) => `${number} ${status}`)).toEqual([
      '1 failed',
      '2 failed',
      '3 done',
    ]);
    expect(trace.roots[0]?.error).toBeUndefined();
  });

  test('a failure inside a Map is its root cause; what ran beside it is stopped', async () => {
    const trace = fold(
      await run(
        machine({
          all: {
            Type: 'Map',
            Items: '{% ["wait", "fail"] %}',
            ItemProcessor: {
              StartAt: 'one',
              States: {
                one: {
                  Type: 'Choice',
                  Choices: [{ Condition: '{% $states.input = "fail" %}', Next: 'work' }],
                  Default: 'rest',
                },
                work: task('fail', { End: true }),
                rest: { Type: 'Wait', Seconds: 60, End: true },
              },
            },
            End: true,
          },
        }),
      ),
    );
    expect(outline(trace.roots)).toEqual([
      ['all failed', ['[0] stopped', 'one done', 'rest stopped'], ['[1] failed', 'one done', 'work failed']],
    ]);
    expect(rootCause(trace)).toMatchObject({ name: 'work', error: 'Refused' });
    expect(trace.status).toBe('failed');
  });

  test('an expression that fails as a state is entered fails that state, whether it is caught or not', async () => {
    const choke = task('ok', { Arguments: '{% $missing %}' });
    const caught = fold(
      await run(
        machine({
          begin: { Type: 'Pass', Next: 'charge' },
          charge: { ...choke, Catch: [{ ErrorEquals: ['States.ALL'], Next: 'apologise' }], End: true },
          apologise: { Type: 'Pass', End: true },
        }),
      ),
    );
    expect(outline(caught.roots)).toEqual(['begin done', 'charge caught', 'apologise done']);
    const items = {
      Type: 'Map',
      Items: '{% 1 %}',
      ItemProcessor: { StartAt: 'one', States: { one: { Type: 'Pass', End: true } } },
      End: true,
    };
    const failed = fold(await run(machine({ begin: { Type: 'Pass', Next: 'all' }, all: items })));
    expect(outline(failed.roots)).toEqual(['begin done', 'all failed']);
    expect(rootCause(failed)).toMatchObject({ name: 'all', error: 'States.QueryEvaluationError' });
  });

  test('a Fail state is where it failed', async () => {
    const trace = fold(await run(machine({ no: { Type: 'Fail', Error: 'TooLarge', Cause: 'more than 100' } })));
    expect(rootCause(trace)).toMatchObject({ name: 'no', status: 'failed', error: 'TooLarge', cause: 'more than 100' });
  });

  test('an event of an unknown type changes nothing, and what follows finds its place', async () => {
    const events = await run(machine({ charge: task('ok', { End: true }) }));
    const entered = events.findIndex(({ type }) => type === 'TaskStateEntered');
    const strange = { id: 900, prev: events[entered]!.id, time: events[entered]!.time, type: 'TaskReconsidered' };
    const rest = events.slice(entered + 1).map((event, index) => (index === 0 ? { ...event, prev: 900 } : event));
    expect(outline(fold([...events.slice(0, entered + 1), strange, ...rest]).roots)).toEqual(['charge done']);
  });

  test('events as columns are the same events', async () => {
    const events = await run(machine({ charge: task('fail', { End: true }) }));
    const page = encodeEvents(events, { next: null, running: false });
    expect(decodeEvents(JSON.parse(JSON.stringify(page)))).toEqual(events);
  });
});
