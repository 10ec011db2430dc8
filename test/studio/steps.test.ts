import { rowsOf, summarize, timeScale } from '../../lib/studio/model/steps.js';
import { Trace } from '../../lib/studio/model/trace.js';
import { executionTools } from './run-machine.js';

const { run, task, machine } = executionTools();

async function traceOf(states: Parameters<typeof machine>[0]): Promise<Trace> {
  const trace = new Trace();
  for (const event of await run(machine(states))) trace.add(event);
  return trace;
}

const MAP = {
  all: {
    Type: 'Map',
    Items: '{% ["ok", "fail", "ok"] %}',
    ToleratedFailurePercentage: 50,
    ItemProcessor: {
      StartAt: 'which',
      States: {
        which: {
          Type: 'Choice',
          Choices: [{ Condition: '{% $states.input = "fail" %}', Next: 'charge' }],
          Default: 'fine',
        },
        charge: task('fail', { Catch: [{ ErrorEquals: ['States.ALL'], Next: 'fine' }], End: true }),
        fine: { Type: 'Pass', End: true },
      },
    },
    End: true,
  },
};

test('a state in a Map counts its visits, each with its status', async () => {
  const states = summarize(await traceOf(MAP), 0);
  expect(states.get('fine')).toMatchObject({ status: 'done', counts: { done: 3 } });
  expect(states.get('charge')).toMatchObject({ status: 'caught', counts: { caught: 1 }, attempts: 1 });
  expect(states.has('unknown')).toBe(false);
});

test('rows follow the nesting; what is closed is one row', async () => {
  const { roots } = await traceOf(MAP);
  const open = rowsOf(roots, () => false).map(({ span, depth }) => `${depth} ${span.name}`);
  expect(open.slice(0, 4)).toEqual(['0 all', '1 [0]', '2 which', '2 fine']);
  expect(rowsOf(roots, ({ kind }) => kind === 'item').map(({ span }) => span.name)).toEqual([
    'all',
    '[0]',
    '[1]',
    '[2]',
  ]);
});

describe('a time scale', () => {
  const week = 7 * 86_400_000;
  const times = [0, 10, 20, 30, 30 + week, 40 + week];

  test('keeps proportions where nothing is folded', () => {
    const { at, folds } = timeScale([0, 100], 400, false);
    expect([at(0), at(100), at(400), at(-5), at(900)]).toEqual([0, 0.25, 1, 0, 1]);
    expect(folds).toEqual([]);
  });

  test('folds a wait of a week, so that work of 10 ms beside it can be seen, and says which', () => {
    const { at, folds } = timeScale(times, 40 + week, true);
    expect(folds).toEqual([{ from: 30, to: 30 + week }]);
    expect(at(10)).toBeGreaterThan(0.02);
    expect(at(30 + week / 2)).toBeCloseTo((at(30) + at(30 + week)) / 2);
    expect(times.map(at)).toEqual([...times.map(at)].sort((one, other) => one - other));
  });

  test('of a single moment is no division by nothing', () => {
    expect(timeScale([5], 5, true).at(5)).toBe(0);
    expect(timeScale([], 0, true).at(3)).toBe(0);
  });
});
