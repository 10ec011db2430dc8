import { strict as assert } from 'node:assert';
import { flow, monitor } from '../../lib/flow/index.js';
import { activity, compile, seconds } from '../flow/kit.js';
import { run } from '../flow/run.js';
import { type Bench, cost, type Figure, secondsOf } from './bench.js';

const month = 30 * 86_400;

/** A monitor that polls every 15 s for 30 days, in virtual time with a stubbed poll: its outcome, and the longest history that it leaves. */
export const benches: readonly Bench[] = [{ name: 'monitor-30-days', run: monitorForAMonth }];

async function monitorForAMonth(): Promise<readonly Figure[]> {
  const poll = activity<{ readonly city: string }, { readonly isClear: boolean; readonly poll: number }>('Poll');
  const definition = compile(
    flow<{ readonly city: string }>().step(
      'watch',
      monitor({ poll, until: (result) => result.isClear, interval: seconds(15), deadline: seconds(month) }),
    ),
  );
  let polls = 0;
  let longest = 0;
  const took = await secondsOf(async () => {
    const { output, bench } = await run(definition, { Poll: () => ({ isClear: false, poll: ++polls }) }, { city: 'x' });
    const result = { isClear: false, poll: 172_800 };
    assert.deepEqual(output, { outcome: 'timedOut', timedOut: true, result, polls: 172_800 });
    longest = Math.max(...bench.ended.map(({ events }) => events));
  });
  assert.equal(polls, 172_800);
  assert.ok(longest < 25_000);
  return [cost('monitor-30-days', took, 's'), cost('monitor-30-days-longest-history', longest, 'events')];
}
