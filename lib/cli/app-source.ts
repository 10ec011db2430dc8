import { spawn } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isJsonObject, type JsonObject, tryParseJson } from '../asl/language/json.js';
import { type Annotation, readManifest } from '../assembly/manifest.js';
import { REUSE_VARIABLE } from '../bundling/bundle-record.js';
import { DurableStepsError } from '../errors.js';
import type { Terminal } from './terminal.js';

/** Which app a command runs. */
export interface AppOptions {
  /** The command that synthesizes the app, as in `cdk.json`. @default - cdk.json's `app` */
  readonly app?: string;
  /** A directory that `cdk synth` wrote, served as it is. @default - the app is synthesized */
  readonly assembly?: string;
  /** @default - the working directory */
  readonly directory?: string;
}

/** How much of a failed synthesis is shown. */
const SHOWN_LINES = 30;

/** Where an app comes from, found by {@link locateApp}. */
export interface AppSource {
  /** Where `cdk.json` lies, and commands run. */
  readonly directory: string;
  /** The directory of the synthesized app. */
  readonly output: string;
  /** The command that synthesizes. @default - the output is served as it is */
  readonly command?: string;
}

/** How an app is synthesized. */
export interface SynthesisOptions {
  /** Whether functions whose sources are as they were needn't be bundled again. @default false */
  readonly reuseBundles?: boolean;
}

/** The directory of the synthesized app, which is synthesized for it; see {@link locateApp}. */
export async function prepareAssembly(options: AppOptions, terminal: Terminal): Promise<string> {
  const source = locateApp(options);
  await synthesize(source, terminal);
  return source.output;
}

/**
 * Finds an app. With `--assembly` it is that directory, as it is. Otherwise it is synthesized, by `--app` or `cdk.json`'s `app`; without a `cdk.json` an
 * existing `cdk.out` is served.
 *
 * Throws a `DurableStepsError` when there is no app.
 */
export function locateApp(options: AppOptions): AppSource {
  const directory = resolve(options.directory ?? process.cwd());
  if (options.assembly !== undefined) return { directory, output: resolve(directory, options.assembly) };
  const config = readConfig(join(directory, 'cdk.json'));
  const command = options.app ?? textOf(config?.['app']);
  const output = resolve(directory, textOf(config?.['output']) ?? 'cdk.out');
  if (command === undefined) {
    if (config === undefined && existsSync(join(output, 'manifest.json'))) return { directory, output };
    throw noApp(directory, config);
  }
  // As for the CDK's command line, an app may be given as the directory of its output.
  if (isAssembly(resolve(directory, command))) return { directory, output: resolve(directory, command) };
  return { directory, output, command };
}

/**
 * Synthesizes an app anew, as `cdk synth` does it but without the CDK's command line: its command runs with `CDK_OUTDIR` and the context of `cdk.json` and
 * `cdk.context.json`. An app without a command stays as it is.
 *
 * Throws a `DurableStepsError` when it doesn't synthesize.
 */
export async function synthesize(
  source: AppSource,
  terminal: Pick<Terminal, 'err'>,
  options: SynthesisOptions = {},
): Promise<void> {
  const { directory, output, command } = source;
  if (command === undefined) return;
  const config = readConfig(join(directory, 'cdk.json')) ?? {};
  const before = tryWrittenAt(output);
  const { code, text } = await runShell(command, directory, {
    // The CDK's own linting of templates takes longer than all else; `cdk synth` and `cdk deploy` do it.
    CDK_VALIDATION: 'false',
    ...process.env,
    ...(options.reuseBundles === true && { [REUSE_VARIABLE]: '1' }),
    CDK_OUTDIR: output,
    CDK_CONTEXT_JSON: JSON.stringify(readContext(directory, config)),
  });
  if (code !== 0) {
    throw new DurableStepsError('SynthesisFailed', {
      where: command,
      expected: 'an app that synthesizes',
      got: `exit status ${code}\n\n${tellingPart(text)}`,
    });
  }
  const isThere = isAssembly(output);
  // What an app wrote before, or another app, would pass for what this one is.
  if (!isThere || tryWrittenAt(output) === before) {
    throw new DurableStepsError('SynthesisFailed', {
      where: command,
      expected: `a CDK app that writes its output to CDK_OUTDIR`,
      got: isThere
        ? `${join(output, 'manifest.json')} as it was before, perhaps of another app`
        : `no ${join(output, 'manifest.json')}`,
      fix: 'the command must run an app that ends with `app.synth()` or uses `new App()` of aws-cdk-lib',
    });
  }
  if (text.trim() !== '') terminal.err(text.trimEnd());
  tellAnnotations(source, text, terminal);
  for (const key of missingContext(output)) {
    terminal.err(
      `The app looks up \`${key}\`, which cdk.context.json doesn't hold: it was synthesized with a dummy value. Run \`cdk synth\` once to look it up.`,
    );
  }
}

/**
 * The CDK's command line shows an app's warnings, and deploys nothing of an app with errors; without it both would go unseen. Apps with the feature flag for it print them by themselves.
 *
 * @param printed by the app
 */
function tellAnnotations({ output, command = '' }: AppSource, printed: string, terminal: Pick<Terminal, 'err'>): void {
  const { annotations } = readManifest(output);
  const render = ({ path, text }: Annotation): string => `${path}: ${text}`;
  const errors = annotations.filter(({ level }) => level === 'error');
  if (errors.length > 0) {
    throw new DurableStepsError('SynthesisFailed', {
      where: command,
      expected: 'an app without errors in its annotations, with which the CDK deploys nothing',
      got: `${errors.length}\n\n${errors.map(render).join('\n')}`,
    });
  }
  for (const warning of annotations)
    if (!printed.includes(warning.text.replace(/ \[ack: [^\]]*\]$/, ''))) terminal.err(`Warning: ${render(warning)}`);
}

function runShell(
  command: string,
  cwd: string,
  env: NodeJS.ProcessEnv,
): Promise<{ readonly code: number; readonly text: string }> {
  return new Promise((resolveRun) => {
    const child = spawn(command, { cwd, env, shell: true, stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    const add = (chunk: Buffer): void => {
      text += chunk.toString('utf8');
    };
    child.stdout.on('data', add);
    child.stderr.on('data', add);
    child.on('error', (error) => resolveRun({ code: 127, text: error.message }));
    child.on('close', (code) => resolveRun({ code: code ?? 1, text }));
  });
}

function readConfig(file: string): JsonObject | undefined {
  if (!existsSync(file)) return undefined;
  const config = tryParseJson(readFileSync(file, 'utf8'));
  if (isJsonObject(config)) return config;
  throw new DurableStepsError('InvalidConfig', { where: file, expected: 'a JSON object', got: 'something else' });
}

/** By this an app learns that it is synthesized to be run on the local cloud, and may leave out what only AWS has: `app.node.tryGetContext('durable-steps:local')`. */
const LOCAL_CONTEXT = 'durable-steps:local';

/** `cdk.context.json` holds looked-up values, `cdk.json` the app's own. The CDK's command line asks for construct paths in the template, and so do we. */
function readContext(directory: string, config: JsonObject): JsonObject {
  const lookedUp = readConfig(join(directory, 'cdk.context.json')) ?? {};
  const own = isJsonObject(config['context']) ? config['context'] : {};
  return { ...lookedUp, ...own, [LOCAL_CONTEXT]: true, 'aws:cdk:enable-path-metadata': true };
}

/** What the app wanted to look up on AWS. */
function missingContext(output: string): readonly string[] {
  const manifest = readConfig(join(output, 'manifest.json'));
  const missing = manifest?.['missing'];
  return Array.isArray(missing)
    ? missing.flatMap((entry) => textOf(isJsonObject(entry) ? entry['key'] : undefined) ?? [])
    : [];
}

function noApp(directory: string, config: JsonObject | undefined): DurableStepsError {
  return new DurableStepsError('NoApp', {
    where: join(directory, 'cdk.json'),
    expected: 'a CDK app (`"app": "<command>"`)',
    got: config === undefined ? 'no such file' : 'a file without `app`',
    fix: 'run in the directory of a CDK app, or give --app <command> or --assembly <directory>',
  });
}

/** When an app's output was written, to tell it from what is written anew; undefined where there is none. */
function tryWrittenAt(output: string): string | undefined {
  const stats = statSync(join(output, 'manifest.json'), { bigint: true, throwIfNoEntry: false });
  return stats === undefined ? undefined : `${stats.ino} ${stats.ctimeNs}`;
}

function isAssembly(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory() && existsSync(join(path, 'manifest.json'));
}

/** What a failed program's output says: the message of the error that ended it, without its stack; else the last lines. */
function tellingPart(text: string): string {
  const lines = text.trimEnd().split('\n');
  const isFrame = (line: string): boolean => /^\s+at .+/.test(line);
  const start = lines.findLastIndex(
    (line, index) => /^(Uncaught )?\w*Error\b.*:/.test(line) && lines.slice(index).some(isFrame),
  );
  if (start < 0)
    return lines
      .filter((line) => !isFrame(line))
      .slice(-SHOWN_LINES)
      .join('\n');
  const length = lines.slice(start).findIndex(isFrame);
  return lines
    .slice(start, start + length)
    .join('\n')
    .trimEnd();
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
