import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { RealClock } from '../clock.js';
import { addFiles, type Bundle, type BundleRequest, type BundlingOptions, bundleAll, bundleAside } from './bundle.js';

/** A file beside the templates that says from which source each function's code was bundled; nothing deploys it. */
const RECORD_FILE = 'durable-steps.json';

/** Set to anything, a synthesis takes bundles of the one before whose sources are older, as `durable-steps dev` does between two saves. */
export const REUSE_VARIABLE = 'DURABLE_STEPS_REUSE_BUNDLES';

/** How far a file's time may lie behind the clock's. */
const FILE_TIME_SLACK_MS = 20;

interface RecordedFunction {
  /** The source file, relative to the record. */
  readonly entry: string;
  readonly handler: string;
  readonly options: BundlingOptions;
  /** The bundle's hash; its directory is named after it. */
  readonly hash: string;
  /** When bundling began. */
  readonly at: number;
  /** Numbers of the files that it depends on. */
  readonly sources: readonly number[];
}

interface BundleRecord {
  readonly version: 1;
  /** Relative to the record. Hundreds of files are in every function that uses an AWS client: each is named once. */
  readonly files: readonly string[];
  /** By construct path. */
  readonly functions: Readonly<Record<string, RecordedFunction>>;
}

/** A bundle, and when bundling it began. */
export interface DatedBundle extends Bundle {
  readonly at: number;
}

/**
 * Bundles functions, as `bundleAll` does. Where the environment asks for it, a bundle of the last synthesis is taken for the same request, if no file in it
 * is newer.
 */
export function bundleChanged(
  requests: readonly BundleRequest[],
  outdir: string,
  environment: NodeJS.ProcessEnv = process.env,
): readonly DatedBundle[] {
  const at = new RealClock().now();
  const former = environment[REUSE_VARIABLE] === undefined ? [] : [...readBundleRecord(outdir).values()];
  const reused = requests.map((request) => tryReuse(request, former));
  const missing = requests.filter((_request, index) => reused[index] === undefined);
  const made = bundleAll(missing, outdir);
  return requests.map((request, index) => reused[index] ?? { ...made[missing.indexOf(request)]!, at });
}

function tryReuse(
  { entry, handler, options }: BundleRequest,
  former: readonly BundledFunction[],
): DatedBundle | undefined {
  const found = former.find(({ request }) =>
    isDeepStrictEqual([request.entry, request.handler, request.options], [entry, handler, options]),
  );
  if (found === undefined) return undefined;
  const { directory, sources, at } = found.bundle;
  const isThere = existsSync(path.join(directory, 'index.mjs')) && sources.length > 0;
  return isThere && sources.every((source) => changedAt(source) < at - FILE_TIME_SLACK_MS) ? found.bundle : undefined;
}

/** When a file was written, or put where it is; never for one that is gone. */
function changedAt(file: string): number {
  const { mtimeMs, ctimeMs } = statSync(file, { throwIfNoEntry: false }) ?? { mtimeMs: Infinity, ctimeMs: Infinity };
  return Math.max(mtimeMs, ctimeMs);
}

/** One function's source and its bundle. */
export interface BundledFunction {
  readonly request: BundleRequest;
  readonly bundle: DatedBundle;
}

/** Writes from what the functions of an app are bundled. @param functions construct path of the Lambda function → its source and bundle */
export function writeBundleRecord(outdir: string, functions: ReadonlyMap<string, BundledFunction>): void {
  const numbers = new Map<string, number>();
  const numberOf = (file: string): number => {
    const number = numbers.get(file) ?? numbers.size;
    numbers.set(file, number);
    return number;
  };
  const recorded = [...functions].map(([name, { request, bundle }]): [string, RecordedFunction] => {
    const { entry, handler, options } = request;
    const { hash, at, sources } = bundle;
    return [name, { entry: path.relative(outdir, entry), handler, options, hash, at, sources: sources.map(numberOf) }];
  });
  const files = [...numbers.keys()].map((file) => path.relative(outdir, file));
  const record: BundleRecord = { version: 1, files, functions: Object.fromEntries(recorded) };
  writeFileSync(path.join(outdir, RECORD_FILE), `${JSON.stringify(record)}\n`);
}

/** From what each function of a synthesized app was bundled, by construct path; empty when nothing tells. */
export function readBundleRecord(outdir: string): ReadonlyMap<string, BundledFunction> {
  const file = path.join(outdir, RECORD_FILE);
  if (!existsSync(file)) return new Map();
  const { files, functions } = JSON.parse(readFileSync(file, 'utf8')) as BundleRecord;
  const absolute = files.map((one) => path.resolve(outdir, one));
  return new Map(
    Object.entries(functions).map(
      ([owner, { entry, handler, options, hash, at, sources }]): [string, BundledFunction] => [
        owner,
        {
          request: { owner, entry: path.resolve(outdir, entry), handler, options },
          bundle: {
            directory: path.join(outdir, `asset.${hash}`),
            hash,
            at,
            sources: sources.flatMap((number) => absolute[number] ?? []),
          },
        },
      ],
    ),
  );
}

/** One function to bundle anew, and the directory of its code so far. */
export interface Rebundling {
  readonly request: BundleRequest;
  readonly directory: string;
}

/**
 * Bundles functions anew; files that lay beside the code come along. What the next synthesis makes of the same sources is the same directory.
 *
 * Throws a `DurableStepsError` as `bundleAll` does.
 */
export async function rebundle(all: readonly Rebundling[], outdir: string): Promise<readonly Bundle[]> {
  const requests = all.map(({ request }) => request);
  const bundles = await bundleAside(requests, outdir);
  return bundles.map((bundle, index) => addFiles(bundle, filesBeside(all[index]!.directory), outdir));
}

function filesBeside(directory: string): ReadonlyMap<string, string> {
  const names = readdirSync(directory).filter((name) => name !== 'index.mjs' && name !== 'index.mjs.map');
  return new Map(names.map((name) => [name, readFileSync(path.join(directory, name), 'utf8')]));
}
