import { resolve } from 'node:path';
import { tryReadCases } from './cases.js';
import { scoreAll } from './score-all.js';

/**
 * `npm run conformance [-- --cases DIR] [--json]`: runs every recorded case in the engine and says how it compares with AWS. Lists each deviation with its
 * reason, and a history that AWS recorded before November 2024 with its date; the last line is one JSON object. `--json` prints that line alone. Exit code 2 when there are no cases.
 */
async function main(args: readonly string[]): Promise<number> {
  const at = args.indexOf('--cases');
  const folder = resolve(__dirname, '../..', at >= 0 ? (args[at + 1] ?? '') : '../shared/conformance');
  const quiet = args.includes('--json');
  const cases = tryReadCases(folder);
  if (cases === undefined) {
    console.error(
      `conformance: expected recorded cases (executions.*.json, …) in ${folder}, found none; say where they are with --cases DIR`,
    );
    return 2;
  }
  console.log(JSON.stringify(await scoreAll(cases, quiet ? () => {} : console.log)));
  return 0;
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  },
);
