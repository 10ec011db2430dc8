import { Harness, NEVER, task } from './kit.js';

/**
 * What history shows of a failure inside a Parallel or an inline Map, as it was measured on AWS in September 2026.
 *
 * @see https://github.com/floci-io/floci/issues/2868
 */
describe('a failure in a branch or an iteration', () => {
  const branch = (...states: readonly (readonly [string, object])[]) => ({
    StartAt: states[0]![0],
    States: Object.fromEntries(states),
  });
  const parallel = (branches: readonly object[], more: object = {}) =>
    branch(['P', { Type: 'Parallel', Branches: branches, End: true, ...more }]);
  const map = (processor: object, more: object = {}) =>
    branch(['M', { Type: 'Map', ItemsPath: '$.items', ItemProcessor: processor, End: true, ...more }]);
  const missing = { Type: 'Pass', Parameters: { 'm.$': '$.nope' }, End: true };
  const boom = { Type: 'Fail', Error: 'Boom' };

  const linksOf = async (definition: object, input: object, harness = new Harness(), from = 4) =>
    harness.links(await harness.start(definition, input as never), from);

  it('of a path ends the execution at once: neither the branch nor the Parallel is noted as failed', async () => {
    expect(await linksOf(parallel([branch(['Fast', missing])]), { x: 'a' })).toEqual([
      '4<3 PassStateEntered',
      '5<4 ExecutionFailed',
    ]);
    const send = branch(['Send', { ...task({ Parameters: { 'm.$': '$.nope' } }), End: true }]);
    expect(await linksOf(parallel([send]), { x: 'a' })).toEqual(['4<3 TaskStateEntered', '5<4 ExecutionFailed']);
  });

  it('of a path ends the execution at once in a Map too', async () => {
    expect(await linksOf(map(branch(['Fast', missing]), { MaxConcurrency: 1 }), { items: [1, 2] })).toEqual([
      '4<3 MapIterationStarted',
      '5<4 PassStateEntered',
      '6<5 ExecutionFailed',
    ]);
  });

  it('cuts the other iterations first: each, and the state it was in, is linked to the last event of the one that failed', async () => {
    const processor = branch(
      [
        'Route',
        { Type: 'Choice', Choices: [{ Variable: '$.fails', IsPresent: true, Next: 'Pause' }], Default: 'Long' },
      ],
      ['Long', { Type: 'Wait', Seconds: 15, End: true }],
      ['Pause', { Type: 'Wait', Seconds: 1, Next: 'Boom' }],
      ['Boom', boom],
    );
    expect(await linksOf(map(processor), { items: [{}, { fails: true }] }, new Harness(), 13)).toEqual([
      '13<12 FailStateEntered',
      '14<13 MapIterationAborted',
      '15<13 WaitStateAborted',
      '16<13 MapIterationFailed',
      '17<13 MapStateFailed',
      '18<17 ExecutionFailed',
    ]);
  });

  it('by a time-out cuts the iterations whose time would be up at the same moment', async () => {
    const processor = branch(['T', { ...task({ TimeoutSeconds: 5 }), End: true }]);
    const harness = new Harness(() => NEVER);
    expect(await linksOf(map(processor), { items: [1, 2, 3] }, harness, 16)).toEqual([
      '16<7 LambdaFunctionTimedOut',
      '17<16 MapIterationAborted',
      '18<16 TaskStateAborted',
      '19<16 MapIterationAborted',
      '20<16 TaskStateAborted',
      '21<16 MapIterationFailed',
      '22<16 MapStateFailed',
      '23<22 ExecutionFailed',
    ]);
  });

  it('cuts the other branches of a Parallel before the Parallel fails', async () => {
    const branches = [
      branch(['Long', { Type: 'Wait', Seconds: 15, End: true }]),
      branch(['Pause', { Type: 'Wait', Seconds: 1, Next: 'Boom' }], ['Boom', boom]),
    ];
    expect(await linksOf(parallel(branches), {}, new Harness(), 7)).toEqual([
      '7<6 FailStateEntered',
      '8<7 WaitStateAborted',
      '9<7 ParallelStateFailed',
      '10<9 ExecutionFailed',
    ]);
  });

  it('whose catcher fails itself fails the Parallel twice', async () => {
    const definition = {
      QueryLanguage: 'JSONata',
      ...parallel([branch(['Boom', boom])], {
        Catch: [{ ErrorEquals: ['States.ALL'], Output: '{% $states.input.missing %}', Next: 'P' }],
      }),
    };
    expect(await linksOf(definition, {})).toEqual([
      '4<3 FailStateEntered',
      '5<4 ParallelStateFailed',
      '6<4 EvaluationFailed',
      '7<6 ParallelStateFailed',
      '8<7 ExecutionFailed',
    ]);
  });
});
