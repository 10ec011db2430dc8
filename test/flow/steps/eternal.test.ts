import { compileMachine, type Definition } from '../../../lib/flow/compiler/machine.js';
import { expr } from '../../../lib/flow/index.js';
import { type EternalScope, eternalStep } from '../../../lib/flow/steps/monitor/eternal.js';
import { activity, essence, seconds } from '../kit.js';
import { Bench, failure } from '../run.js';

const tidy = activity<{ readonly round: number; readonly folder: string }, { readonly freed: number }>('Tidy');

const definition = (interval: number): Definition =>
  compileMachine(
    'Periodic',
    eternalStep('Stack/Periodic', {
      poll: tidy,
      input: ({ input, carried }) => ({ round: carried.round, folder: input.folder }),
      interval: seconds(interval),
      carry: {
        initial: ({ input }: EternalScope<{ readonly from: number }, unknown>) => ({ round: input.from, freed: 0 }),
        next: (result, { carried }) => ({
          round: expr`${carried.round} + 1`,
          freed: expr`${carried.freed} + ${result.freed}`,
        }),
      },
    }),
    { partition: 'aws' },
  ).definition;

test('is a loop that starts the next generation of itself', () => {
  expect(essence(definition(30))).toMatchObject({
    StartAt: 'Begin',
    States: {
      Begin: {
        Type: 'Pass',
        Assign: {
          carried:
            '{% $exists($states.context.Execution.Input.durableStepsContinued) ? $states.context.Execution.Input.durableStepsContinued.carried : {"round": $states.context.Execution.Input.from, "freed": 0} %}',
          polls: 0,
        },
        Next: 'Tidy',
      },
      Tidy: {
        Type: 'Task Tidy',
        Payload: '{% {"round": $carried.round, "folder": $input.folder} %}',
        Assign: {
          polls: '{% $polls + 1 %}',
          carried: '{% {"round": ($carried.round + 1), "freed": ($carried.freed + $states.result.Payload.freed)} %}',
        },
        Next: 'Wait',
      },
      Wait: { Type: 'Wait', Seconds: 30, Next: 'History full?' },
      'History full?': { Type: 'Choice', Default: 'Tidy' },
      'Continue as new': {
        Type: 'Task',
        Resource: 'arn:aws:states:::states:startExecution',
        Arguments: {
          StateMachineArn: '{% $states.context.StateMachine.Id %}',
          Input: {
            durableStepsContinued: { input: '{% $input %}', carried: '{% $exists($carried) ? $carried : null %}' },
          },
        },
        End: true,
      },
    },
  });
});

test('goes on over generations under the same key, with carried state, until it is stopped', async () => {
  const total = 2000;
  const bench = new Bench({
    Tidy: ({ round }: { round: number }) => {
      if (round > total) throw failure('Stopped');
      return { freed: 2 };
    },
  });
  const done = new Promise<void>((resolve) =>
    bench.service.onStatusChange(({ status }) => status === 'FAILED' && resolve()),
  );
  const machine = bench.deploy('Periodic', definition(30));
  const first = await bench.start(machine, { folder: '/tmp', from: 1 }, 'nightly');
  expect(first.output).toEqual({ continuedAsNew: 2 });
  await done;
  const names = bench.ended.map(({ name }) => name);
  expect(names).toEqual(['nightly', ...names.slice(1).map((_, index) => `nightly..${index + 2}`)]);
  expect(names.length).toBeGreaterThan(2);
  expect(bench.inputs('Tidy')).toEqual(
    Array.from({ length: total + 1 }, (_, index) => ({ round: index + 1, folder: '/tmp' })),
  );
  expect(bench.calls.slice(0, 3).map(({ at }) => at)).toEqual([0, 30, 60]);
  expect(Math.max(...bench.ended.map(({ events }) => events))).toBeLessThan(25_000);
}, 60_000);

test('an execution polls for 30 days at most', () => {
  expect(definition(86_400).States['History full?']!['Choices']).toEqual([
    { Condition: '{% $polls >= 30 %}', Next: 'Continue as new' },
  ]);
});

test('a next generation that is there already counts as started, also when it has finished', async () => {
  const bench = new Bench({
    Tidy: ({ folder }: { folder: string }) => {
      if (folder === 'broken') throw failure('Stopped');
      return { freed: 2 };
    },
  });
  const machine = bench.deploy('Periodic', definition(86_400));
  expect((await bench.start(machine, { folder: 'broken', from: 1 }, 'nightly..2')).status).toBe('FAILED');
  const first = await bench.start(machine, { folder: '/tmp', from: 1 }, 'nightly');
  expect([first.status, first.output]).toEqual(['SUCCEEDED', { continuedAsNew: 2 }]);
});
