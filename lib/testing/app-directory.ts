import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DurableStepsError } from '../errors.js';

/** An app or stage of aws-cdk-lib. */
export interface SynthesizableApp {
  synth(): { readonly directory: string };
}

/** A stack, or any construct inside an app. */
export interface ConstructOfApp {
  readonly node: { readonly root: unknown };
}

/** What a test environment runs: an `App`, any construct of it (usually the `Stack`), or the directory that `cdk synth` wrote. */
export type TestedApp = SynthesizableApp | ConstructOfApp | string;

/**
 * The directory of the synthesized app. The CDK synthesizes an app once: several environments of one `App` object share its output, by default in a
 * temporary directory.
 */
export function appDirectory(app: TestedApp): string {
  if (typeof app === 'string') return checkDirectory(resolve(app));
  if ('synth' in app && typeof app.synth === 'function') return synthesize(app as SynthesizableApp);
  const root: unknown = 'node' in app ? app.node.root : undefined;
  if (isSynthesizable(root)) return synthesize(root);
  throw new DurableStepsError('NoApp', {
    where: 'TestEnvironment.create',
    expected: 'an App, a Stack inside an App, or the directory of a synthesized app',
    got: root === undefined ? `\`${String(app)}\`` : 'a construct that is not inside an App',
    fix: 'make the stack with `new MyStack(new App(), …)`',
  });
}

/** Without the CDK's own linting of templates, which takes longer than all else here; `cdk synth` and `cdk deploy` do it. */
function synthesize(app: SynthesizableApp): string {
  const { CDK_VALIDATION: before } = process.env;
  process.env['CDK_VALIDATION'] = before ?? 'false';
  try {
    return app.synth().directory;
  } finally {
    if (before === undefined) delete process.env['CDK_VALIDATION'];
  }
}

function checkDirectory(directory: string): string {
  if (existsSync(join(directory, 'manifest.json'))) return directory;
  throw new DurableStepsError('NoApp', {
    where: 'TestEnvironment.create',
    expected: 'the directory of a synthesized app',
    got: `\`${directory}\`, which has no manifest.json`,
    fix: 'run `npx cdk synth --quiet` first, or give the App object',
  });
}

function isSynthesizable(value: unknown): value is SynthesizableApp {
  return typeof value === 'object' && value !== null && 'synth' in value && typeof value.synth === 'function';
}
