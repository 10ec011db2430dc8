import { isDeepStrictEqual } from 'node:util';
import type { Checks } from '../checks.js';
import { Consumer } from './consumer.js';

const order = { id: 'A-1', items: [{ name: 'desk', quantity: 2, price: 150 }] };

/** A project as `cdk init` makes it: TypeScript 5.9, CommonJS, jest, the newest CDK. */
export async function checkCommonjsConsumer(checks: Checks, tarball: string): Promise<void> {
  const consumer = await checks.check('a CommonJS project installs it', () =>
    Consumer.create('commonjs-consumer', tarball),
  );
  if (consumer === undefined) return;
  try {
    await checks.check('its stack type-checks, strict and without skipLibCheck, and its mistakes do not', () =>
      consumer.typeCheck(),
    );
    await checks.check("the module resolution of yesterday's projects finds every entry point", () =>
      consumer.typeCheck('--module', 'commonjs', '--moduleResolution', 'node10', '--skipLibCheck'),
    );
    await checks.check('npx durable-steps run gives the output, a day passing at once', async () => {
      const text = await consumer.bin(
        'durable-steps',
        'run',
        'Fulfil',
        '--input',
        JSON.stringify(order),
        '--virtual',
        '--json',
      );
      expectEqual(outputOf(text), { total: 300, shipping: 'shipped 1 of A-1' });
    });
    await checks.check("a failing activity fails the run with its error's name and exit status 1", async () => {
      const input = JSON.stringify({ id: 'A-2', items: [] });
      const { status, stdout } = await consumer.tryBin(
        'durable-steps',
        'run',
        'Fulfil',
        '--input',
        input,
        '--virtual',
        '--json',
      );
      expectEqual([status, JSON.parse(stdout).error], [1, 'EmptyOrderError']);
    });
    await checks.check('its jest runs the orchestration in virtual time', () => consumer.bin('jest', '--ci'));
  } finally {
    consumer.remove();
  }
}

/** The output in the JSON that `durable-steps run --json` prints. */
export function outputOf(text: string): unknown {
  return (JSON.parse(text) as { readonly output?: unknown }).output;
}

/** @throws when the two differ */
export function expectEqual(got: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(got, expected))
    throw new Error(`expected ${JSON.stringify(expected)}, got ${JSON.stringify(got)}`);
}
