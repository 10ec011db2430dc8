import { type Flow, fanOutFanIn, flow } from '../../../lib/flow/index.js';
import { monitor } from '../../../lib/flow/steps/monitor/monitor.js';
import { activity, compile, seconds } from '../kit.js';
import { Bench } from '../run.js';

const table = { name: 'HubTable', arn: 'arn:aws:dynamodb:us-east-1:123456789012:table/HubTable' };
const work = activity<number, number>('Work');
const item = flow<number>()
  .customStatus(({ input }) => ({ item: input }))
  .step('work', work)
  .customStatus('worked');
const numbers = () => flow<readonly number[]>();

/** Every place from which a status can be written. */
const places: readonly (readonly [string, unknown, unknown?])[] = [
  ['the flow itself', flow<unknown>().customStatus('busy')],
  [
    'a parallel branch',
    flow<unknown>().parallel('both', { one: (f) => f.customStatus('busy').step('work', work, () => 1) }),
  ],
  ['an inline fan-out', numbers().step('all', fanOutFanIn({ each: item }))],
  ['a distributed fan-out', numbers().step('all', fanOutFanIn({ each: item, mode: 'distributed' }))],
  ['batches', numbers().step('all', fanOutFanIn({ each: item, batch: { maxItems: 2 } }))],
  [
    'a fan-out in a distributed fan-out',
    flow<readonly (readonly number[])[]>().step(
      'all',
      fanOutFanIn({ each: numbers().step('each', fanOutFanIn({ each: item })), mode: 'distributed' }),
    ),
    [[1], [2, 3]],
  ],
  [
    'the polls of a windowed monitor',
    numbers().step(
      'watch',
      monitor({
        poll: item,
        input: () => 1,
        until: (result) => result as never,
        interval: seconds(1),
        deadline: seconds(3000),
      }),
    ),
  ],
];

test.each(places)(
  '%s shows it on the record of the instance, in any generation',
  async (_, steps, input = [1, 2, 3]) => {
    for (const name of ['run-1', 'run-1..7']) {
      const keys = new Set<unknown>();
      const update = ({ Key }: { readonly Key: unknown }) => keys.add(JSON.stringify(Key)) && {};
      const bench = new Bench({ Work: () => true, 'dynamodb:updateItem': update as never });
      const arn = bench.deploy('Test', compile(steps as Flow<unknown>, table));
      expect(await bench.start(arn, input, name)).toMatchObject({ status: 'SUCCEEDED' });
      expect([...keys]).toEqual([JSON.stringify({ pk: { S: 'instance#run-1' }, sk: { S: 'record' } })]);
    }
  },
);
