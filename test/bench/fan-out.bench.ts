import { strict as assert } from 'node:assert';
import { S3Client } from '@aws-sdk/client-s3';
import { App, Stack } from 'aws-cdk-lib';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { type PartialResult, readResults, type StoredResults } from '../../lib/client/index.js';
import { Activity, FanOutFanIn } from '../../lib/index.js';
import { TestEnvironment } from '../../lib/testing/index.js';
import { type Bench, cost, type Figure, secondsOf } from './bench.js';

interface Measured {
  readonly item: number;
  readonly text: string;
}

/**
 * A distributed fan-out on the local cloud, its results in Amazon S3: 10,000 items with a stubbed activity (results over 256 KiB, 1 % of the items fail), and 200 items
 * through the real bundle. The partial result is checked item by item.
 */
export const benches: readonly Bench[] = [
  { name: 'fan-out-10000', run: () => measure('fan-out-10000', 10_000, true) },
  { name: 'fan-out-200-real', run: () => measure('fan-out-200-real', 200, false) },
];

async function measure(name: string, count: number, stubbed: boolean): Promise<readonly Figure[]> {
  const stack = new Stack(new App(), 'FanOut');
  const bucket = new s3.Bucket(stack, 'Results');
  const each = new Activity<typeof import('./activities/measure.js').handler>(stack, 'Measure', {
    entry: 'test/bench/activities/measure.ts',
  });
  const fanOut = new FanOutFanIn(stack, 'FanOut', {
    each,
    resultsTo: { bucket },
    toleratedFailures: { percentage: 5 },
  });
  const env = await TestEnvironment.create(stack);
  try {
    if (stubbed) env.stub(each, answer);
    const items = Array.from({ length: count }, (_, index) => index);
    let stored: StoredResults<Measured> | undefined;
    const seconds = await secondsOf(async () => {
      const instance = await env.start(fanOut, items);
      stored = await instance.completed();
    });
    check(items, await readResults(stored!, new S3Client({ ...env.aws, forcePathStyle: true })));
    return [cost(name, seconds, 's')];
  } finally {
    await env.close();
  }
}

function answer(item: number): Measured {
  if (isUnlucky(item)) throw Object.assign(new Error(`${item} is unlucky`), { name: 'Unlucky' });
  return { item, text: 'x'.repeat(100) };
}

const isUnlucky = (item: number): boolean => item % 100 === 77;

function check(items: readonly number[], { succeeded, failed }: PartialResult<Measured>): void {
  assert.deepEqual(
    succeeded.map(({ index, output }) => [index, output.item]),
    items.filter((item) => !isUnlucky(item)).map((item) => [item, item]),
  );
  assert.deepEqual(
    failed.map(({ index, error }) => [index, error.name, error.message]),
    items.filter(isUnlucky).map((item) => [item, 'Unlucky', `${item} is unlucky`]),
  );
}
