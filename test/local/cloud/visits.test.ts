import { RealClock } from '../../../lib/clock.js';
import { Visits } from '../../../lib/local/cloud/visits.js';

/** Milliseconds that something takes. */
async function duration(action: () => Promise<void>): Promise<number> {
  const clock = new RealClock();
  const start = clock.now();
  await action();
  return clock.now() - start;
}

test('nobody is waited for when nobody came', async () => {
  expect(await duration(() => new Visits().ended())).toBeLessThan(100);
});

test('a visitor is waited for until the answer is there, and a redirect could have been followed', async () => {
  const visits = new Visits();
  let answer: (text: string) => void = () => {};
  const visit = visits.during(new Promise<string>((resolve) => (answer = resolve)));
  const ended = visits.ended();
  answer('thank you');
  expect(await visit).toBe('thank you');
  expect(await duration(() => ended)).toBeGreaterThanOrEqual(400);
});
