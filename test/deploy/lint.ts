import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { readAssembly } from '../../lib/assembly/read-assembly.js';
import type { Checks } from '../checks.js';
import { run } from '../processes.js';

/**
 * cfn-lint's rules that don't fit, each with its reason.
 */
const ignored = [
  // The CDK writes a DependsOn for each role of a function beside the GetAtt that implies it.
  'W3005',
];

/** Lints every template with cfn-lint: no error and no warning. */
export async function lintTemplates(checks: Checks, bin: string, assembly: string): Promise<void> {
  const templates = readdirSync(assembly).filter((file) => file.endsWith('.template.json'));
  await checks.check(`cfn-lint accepts ${templates.length} templates`, async () => {
    const args = ['--ignore-checks', ...ignored, '--', ...templates];
    const { status, stdout, stderr } = await run(path.join(bin, 'cfn-lint'), args, { cwd: assembly });
    if (templates.length === 0 || status !== 0) throw new Error(`cfn-lint ended with ${status}\n${stdout}\n${stderr}`);
  });
}

/**
 * Lints every state machine's definition, as it is deployed, with statelint. It knows the fields of JSONata states; of the expressions inside it checks nothing.
 * `FLOAT` is ignored: it wants a BackoffRate of 2 written as 2.0, which JSON can't tell apart.
 */
export async function lintDefinitions(checks: Checks, bin: string, assembly: string): Promise<void> {
  const directory = mkdtempSync(path.join(tmpdir(), 'durable-steps-statelint-'));
  try {
    const files = readAssembly(assembly)
      .ofType('AWS::StepFunctions::StateMachine')
      .map((resource) => {
        const file = path.join(directory, `${resource.path.replaceAll('/', '-')}.json`);
        writeFileSync(file, withPlainTimeouts(String(resource.properties['DefinitionString'])));
        return file;
      });
    await checks.check(`statelint accepts ${files.length} definitions`, () => mustPass(bin, directory, files));
    await checks.check('statelint refuses a misspelled field', async () => {
      const broken = path.join(directory, 'broken.json');
      writeFileSync(broken, readFileSync(files[0]!, 'utf8').replace('"Type":', '"Tipe":'));
      await expectRejection(mustPass(bin, directory, [broken]));
    });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/**
 * statelint 3.1.0 takes no JSONata for `TimeoutSeconds`, which Step Functions does:
 * https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
 */
function withPlainTimeouts(definition: string): string {
  return definition.replace(/"TimeoutSeconds":\s*"\{%(?:[^"\\]|\\.)*%\}"/g, '"TimeoutSeconds":1');
}

async function mustPass(bin: string, cwd: string, files: readonly string[]): Promise<void> {
  const { status, stdout, stderr } = await run(path.join(bin, 'statelint'), ['--ignore', 'FLOAT', ...files], { cwd });
  if (status === 0) return;
  const problems = `${stdout}\n${stderr}`
    .split('\n')
    .filter((line) => line.startsWith(' ') && !isExpressionAsNumber(line));
  if (problems.length > 0 || stdout.trim() === '')
    throw new Error(`statelint ended with ${status}\n${stdout}\n${stderr}`);
}

/** A number may be given by an expression (a Wait's `Seconds`, a Task's `TimeoutSeconds`): https://docs.aws.amazon.com/step-functions/latest/dg/state-wait.html. statelint doesn't know. */
function isExpressionAsNumber(problem: string): boolean {
  return /is "\{%.*%\}" but should be an? (Integer|Float|number)$/i.test(problem);
}

async function expectRejection(promise: Promise<unknown>): Promise<void> {
  const outcome = await promise.then(
    () => 'accepted',
    () => 'refused',
  );
  if (outcome === 'accepted') throw new Error('it was accepted');
}
