import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { bundleAll } from '../../lib/bundling/bundle.js';
import { type Bench, cost } from './bench.js';

const root = path.resolve(__dirname, '../..');
const repeats = 7;

/**
 * How long a function that uses the DynamoDB client takes to load in a fresh process: bundled with the SDK inside, as an `Activity` is by default; its peer leaves the SDK to `node_modules`, as
 * Lambda's runtime would bring it. A laptop's figures, not Lambda's: the ratio is what counts.
 */
export const benches: readonly Bench[] = [
  {
    name: 'cold-start-sdk',
    run: async () => {
      mkdirSync(path.join(root, 'cdk.out'), { recursive: true });
      const work = mkdtempSync(path.join(root, 'cdk.out', 'bench-'));
      try {
        const bundled = bundle(work, []);
        const external = bundle(work, ['@aws-sdk/*']);
        return [
          cost('cold-start-sdk', loadTime(bundled), 'ms', loadTime(external)),
          cost('cold-start-sdk-size', statSync(bundled).size / 1000, 'kB'),
        ];
      } finally {
        rmSync(work, { recursive: true, force: true });
      }
    },
  },
];

function bundle(work: string, external: readonly string[]): string {
  const entry = path.join(work, 'handler.ts');
  writeFileSync(
    entry,
    `import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
const client = new DynamoDBClient({ region: 'us-east-1' });
export const handler = async (id: string) => client.send(new GetItemCommand({ TableName: 'T', Key: { id: { S: id } } }));
`,
  );
  const [built] = bundleAll([{ owner: 'Bench', entry, handler: 'handler', options: { external } }], work);
  return path.join(built!.directory, 'index.mjs');
}

/** Milliseconds to load the module, in a fresh process that has done nothing else: the best of several. */
function loadTime(file: string): number {
  const script = `const start = performance.now(); await import(${JSON.stringify(file)}); console.log(performance.now() - start);`;
  const times = Array.from({ length: repeats }, () =>
    Number(
      execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      }),
    ),
  );
  return Math.min(...times);
}
