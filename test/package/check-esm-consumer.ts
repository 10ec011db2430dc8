import type { Checks } from '../checks.js';
import { expectEqual, outputOf } from './check-commonjs-consumer.js';
import { Consumer } from './consumer.js';

/** A project of ES modules without a transform: the newest TypeScript compiles it, Node.js runs it, with the oldest CDK of the peer range. */
export async function checkEsmConsumer(checks: Checks, tarball: string): Promise<void> {
  const consumer = await checks.check('an ES module project with the oldest CDK installs it', () =>
    Consumer.create('esm-consumer', tarball),
  );
  if (consumer === undefined) return;
  try {
    await checkTypes(checks, consumer);
    await checks.check('named imports work, and npx durable-steps run gives the output', async () => {
      const text = await consumer.bin('durable-steps', 'run', 'Greet', '--input', '{"name":"Ada"}', '--json');
      expectEqual(outputOf(text), { greeting: 'Hello Ada!' });
    });
  } finally {
    consumer.remove();
  }
}

async function checkTypes(checks: Checks, consumer: Consumer): Promise<void> {
  await checks.check('its app compiles with the newest TypeScript, without skipLibCheck', () => consumer.typeCheck());
  await checks.check('it type-checks with the module resolution of bundlers', () =>
    consumer.typeCheck('--module', 'esnext', '--moduleResolution', 'bundler', '--noEmit'),
  );
  await checks.check('it type-checks where undefined must be declared', () =>
    // aws-cdk-lib's own declarations don't hold under this option; whoever uses it skips them.
    consumer.typeCheck('--exactOptionalPropertyTypes', '--noUncheckedIndexedAccess', '--skipLibCheck', '--noEmit'),
  );
}
