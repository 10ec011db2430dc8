import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { type BuildFailure, type BuildOptions, type BuildResult, build, buildSync, type Message } from 'esbuild';
import { DurableStepsError } from '../errors.js';
import type { Checks } from '../options/check-options.js';
import { ANY_TEXT, FLAG, listOf, named, recordOf, text } from '../options/kinds.js';

/** How a function is bundled. The defaults suit nearly all. */
export interface BundlingOptions {
  /**
   * Packages that are left out, because the runtime or a layer has them; `@aws-sdk/*` leaves the AWS SDK to Lambda's runtime.
   * @default - nothing: also the AWS SDK is bundled, of which only what is used remains, and which loads faster than the runtime's own
   */
  readonly external?: readonly string[];
  /** Shortens the code. @default true */
  readonly minify?: boolean;
  /** Keeps the names of functions and classes in shortened code, for code that asks for `constructor.name`. They are about a twentieth of a bundle. @default true */
  readonly keepNames?: boolean;
  /** Replaces global identifiers by constants, as JavaScript text. @default - none */
  readonly define?: Readonly<Record<string, string>>;
  /** Loaders by file ending, for example `{ '.sql': 'text' }`. @default - esbuild's own */
  readonly loader?: BuildOptions['loader'];
  /** The tsconfig file to obey. @default - the nearest one of each source file */
  readonly tsconfig?: string;
}

/** What the options of bundling take. */
export const BUNDLING: Checks<BundlingOptions> = {
  external: listOf(text('the name of a package')),
  minify: FLAG,
  keepNames: FLAG,
  define: recordOf(named('JavaScript as text', ANY_TEXT)),
  loader: recordOf(text('the name of a loader of esbuild')),
  tsconfig: text('the path of a tsconfig file'),
};

/** One function to bundle. */
export interface BundleRequest {
  /** The construct path, for messages. */
  readonly owner: string;
  /** The absolute path of the TypeScript or JavaScript file that exports the handler. */
  readonly entry: string;
  /** The name of the exported handler. */
  readonly handler: string;
  readonly options: BundlingOptions;
}

/** A bundle on disk. */
export interface Bundle {
  /** The directory with `index.mjs` and its source map. The handler is `index.handler`. */
  readonly directory: string;
  /** The content's SHA-256, the same on every machine. */
  readonly hash: string;
  /** Every file that it depends on, also one of which nothing is left in the code, such as that of an inlined constant. */
  readonly sources: readonly string[];
}

/**
 * What esbuild's ES modules lack for packages written as CommonJS. Globals rather than declarations, so that bundled code may declare its own.
 */
const banner = [
  "import{createRequire as __dsRequire}from'node:module';",
  "import{fileURLToPath as __dsPath}from'node:url';",
  'globalThis.require??=__dsRequire(import.meta.url);',
  'globalThis.__filename??=__dsPath(import.meta.url);',
  "globalThis.__dirname??=__dsPath(new URL('.',import.meta.url));",
].join('');

/**
 * Bundles functions in one esbuild run (one per distinct set of options) into `outdir/asset.<hash>`.
 *
 * @returns a bundle for each request, in their order
 * @throws DurableStepsError `BundlingFailed` with the file and line, `NoHandler` where an entry doesn't export its handler
 */
export function bundleAll(requests: readonly BundleRequest[], outdir: string): readonly Bundle[] {
  const bundles = new Map<BundleRequest, Bundle>();
  for (const group of groupsOf(requests)) {
    withShims(group, (entryPoints) => {
      try {
        const built = buildSync(optionsOf(group, entryPoints, outdir));
        for (const [index, bundle] of stageAll(group, built, outdir).entries()) bundles.set(group[index]!, bundle);
      } catch (error) {
        throw explain(error, group);
      }
    });
  }
  return requests.map((request) => bundles.get(request)!);
}

/** As {@link bundleAll}, without holding up whatever else this process does. */
export async function bundleAside(requests: readonly BundleRequest[], outdir: string): Promise<readonly Bundle[]> {
  const bundles = new Map<BundleRequest, Bundle>();
  for (const group of groupsOf(requests)) {
    await withShims(group, async (entryPoints) => {
      try {
        const built = await build(optionsOf(group, entryPoints, outdir));
        for (const [index, bundle] of stageAll(group, built, outdir).entries()) bundles.set(group[index]!, bundle);
      } catch (error) {
        throw explain(error, group);
      }
    });
  }
  return requests.map((request) => bundles.get(request)!);
}

/** Requests with the same options share a run. */
function groupsOf(requests: readonly BundleRequest[]): readonly (readonly BundleRequest[])[] {
  const groups = new Map<string, BundleRequest[]>();
  for (const request of requests) {
    const key = JSON.stringify(request.options);
    groups.set(key, [...(groups.get(key) ?? []), request]);
  }
  return [...groups.values()];
}

type Built = BuildResult<{ readonly write: false; readonly metafile: true }>;

function stageAll(requests: readonly BundleRequest[], built: Built, outdir: string): readonly Bundle[] {
  const contents = new Map(built.outputFiles.map((file) => [path.basename(file.path), file.contents]));
  const entries = new Map(Object.entries(built.metafile.outputs).map(([file, one]) => [path.basename(file), one]));
  return requests.map((_request, index) => {
    const name = `${index}.mjs`;
    const staged = stage(outdir, contents.get(name)!, contents.get(`${name}.map`)!);
    return { ...staged, sources: filesBehind(entries.get(name)?.entryPoint ?? '', built.metafile) };
  });
}

/** All that a shim imports, directly or not: what there is nothing left of in the code is in no source map. */
function filesBehind(shim: string, { inputs }: Built['metafile']): readonly string[] {
  const found = new Set([shim]);
  for (const file of found) {
    for (const imported of inputs[file]?.imports ?? []) if (imported.external !== true) found.add(imported.path);
  }
  found.delete(shim);
  return [...found].filter((file) => Object.hasOwn(inputs, file)).map((file) => path.resolve(file));
}

/** Runs with an entry point for each request, in a folder that is gone afterwards. */
function withShims<Result>(
  requests: readonly BundleRequest[],
  run: (entryPoints: Record<string, string>) => Result,
): Result {
  const shims = mkdtempSync(path.join(tmpdir(), 'durable-steps-'));
  const remove = (): void => rmSync(shims, { recursive: true, force: true });
  let result: Result | undefined;
  try {
    const entries = requests.map((request, index) => [`${index}`, writeShim(shims, index, request)]);
    result = run(Object.fromEntries(entries));
    return result instanceof Promise ? (result.finally(remove) as Result) : result;
  } finally {
    if (!(result instanceof Promise)) remove();
  }
}

/** A file that exports the handler alone: what nothing uses is left out, CommonJS entries work, and a missing handler is an error. */
function writeShim(directory: string, index: number, { entry, handler }: BundleRequest): string {
  const file = path.join(directory, `${index}.mjs`);
  writeFileSync(file, `export { ${handler} as handler } from ${JSON.stringify(entry)};\n`);
  return file;
}

function optionsOf(requests: readonly BundleRequest[], entryPoints: Record<string, string>, outdir: string) {
  const { external = [], minify = true, keepNames = true, define, loader, tsconfig } = requests[0]!.options;
  return {
    entryPoints,
    bundle: true,
    platform: 'node',
    target: 'node22',
    format: 'esm',
    mainFields: ['module', 'main'],
    outExtension: { '.js': '.mjs' },
    // Never written there: it only makes the source map's paths relative to where the bundle will be.
    outdir: path.join(outdir, 'asset'),
    write: false,
    metafile: true,
    minify,
    keepNames,
    sourcemap: 'linked',
    sourcesContent: false,
    external: [...external],
    banner: { js: banner },
    logLevel: 'silent',
    ...(define !== undefined && { define: { ...define } }),
    ...(loader !== undefined && { loader }),
    ...(tsconfig !== undefined && { tsconfig: path.resolve(tsconfig) }),
  } as const satisfies BuildOptions;
}

function stage(outdir: string, code: Uint8Array, map: Uint8Array): Omit<Bundle, 'sources'> {
  const text = Buffer.from(code)
    .toString('utf8')
    .replace(/\/\/# sourceMappingURL=.*\n?$/, '//# sourceMappingURL=index.mjs.map\n');
  const hash = createHash('sha256').update(text).digest('hex');
  const directory = path.join(outdir, `asset.${hash}`);
  if (!existsSync(path.join(directory, 'index.mjs'))) {
    mkdirSync(directory, { recursive: true });
    writeFileSync(path.join(directory, 'index.mjs.map'), map);
    writeFileSync(path.join(directory, 'index.mjs'), text);
  }
  return { directory, hash };
}

/**
 * A bundle with further files beside its code, in a directory of its own; the bundle itself when there are none.
 *
 * @param files name → content
 */
export function addFiles(bundle: Bundle, files: ReadonlyMap<string, string>, outdir: string): Bundle {
  if (files.size === 0) return bundle;
  const sorted = [...files].sort(([one], [other]) => (one < other ? -1 : 1));
  const hash = createHash('sha256')
    .update(JSON.stringify([bundle.hash, ...sorted]))
    .digest('hex');
  const directory = path.join(outdir, `asset.${hash}`);
  if (!existsSync(path.join(directory, 'index.mjs'))) {
    mkdirSync(directory, { recursive: true });
    for (const [name, content] of files) writeFileSync(path.join(directory, name), content);
    for (const name of ['index.mjs.map', 'index.mjs'])
      copyFileSync(path.join(bundle.directory, name), path.join(directory, name));
  }
  return { ...bundle, directory, hash };
}

function explain(error: unknown, requests: readonly BundleRequest[]): unknown {
  const messages = (error as Partial<BuildFailure>).errors ?? [];
  const [first] = messages;
  if (first === undefined) return error;
  const missing = /No matching export in .* for import "(.*)"/.exec(first.text);
  const request = requestOf(first, requests);
  if (missing !== null && request !== undefined) {
    return new DurableStepsError('NoHandler', {
      where: request.owner,
      expected: `\`${path.relative(process.cwd(), request.entry)}\` to export a function named \`${request.handler}\``,
      got: 'no such export',
      fix: `write \`export const ${request.handler} = async (event) => …\`, or name another export with \`handler\``,
    });
  }
  const unresolved = /Could not resolve "(@aws-sdk\/[^"]*)"/.exec(first.text);
  return new DurableStepsError(
    'BundlingFailed',
    {
      where: request?.owner ?? 'bundling',
      expected: 'code that esbuild can bundle',
      got: messages.map(describe).join('; '),
      ...(unresolved !== null && {
        fix: `run \`npm install ${unresolved[1]}\`, or leave it to Lambda's runtime with \`bundling: { external: ['@aws-sdk/*'] }\``,
      }),
    },
    { cause: error },
  );
}

function requestOf(message: Message, requests: readonly BundleRequest[]): BundleRequest | undefined {
  if (requests.length === 1) return requests[0];
  const shim = /(?:^|[\\/])(\d+)\.mjs$/.exec(message.location?.file ?? '');
  if (shim !== null) return requests[Number(shim[1])];
  return requests.find((request) => path.resolve(message.location?.file ?? '') === request.entry);
}

function describe({ text, location }: Message): string {
  return location === null ? text : `${text} (${location.file}:${location.line}:${location.column + 1})`;
}
