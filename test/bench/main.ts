import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Bench } from './bench.js';

/** `npm run bench [-- name…]`: measures, and prints each figure as one JSON line `{"bench","value","unit","peer","ratio"}`. */
async function main(names: readonly string[]): Promise<number> {
  const benches = await loadBenches();
  const unknown = names.filter((name) => !benches.some((bench) => bench.name === name));
  if (unknown.length > 0) {
    console.error(
      `bench: expected names out of ${benches.map(({ name }) => name).join(', ')}; got ${unknown.join(', ')}`,
    );
    return 2;
  }
  for (const bench of benches) {
    if (names.length > 0 && !names.includes(bench.name)) continue;
    for (const figure of await bench.run()) console.log(JSON.stringify(figure));
  }
  return 0;
}

async function loadBenches(): Promise<readonly Bench[]> {
  const files = readdirSync(__dirname)
    .filter((name) => name.endsWith('.bench.ts'))
    .sort();
  const loaded: Bench[] = [];
  for (const file of files) {
    const topic = (await import(join(__dirname, file))) as { readonly benches: readonly Bench[] };
    loaded.push(...topic.benches);
  }
  return loaded;
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
