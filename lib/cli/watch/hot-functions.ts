import type { BundleRequest } from '../../bundling/bundle.js';
import { readBundleRecord, rebundle } from '../../bundling/bundle-record.js';
import type { LocalFunctions } from '../../local/functions/local-functions.js';

interface HotFunction {
  readonly request: BundleRequest;
  readonly sources: readonly string[];
}

/** The short way from a saved activity to its next call: its code is bundled and swapped, without a synthesis. */
export class HotFunctions {
  /** By construct path, as of the last synthesis that was brought in, and of what was swapped since. */
  private known = new Map<string, HotFunction>();

  constructor(
    private readonly functions: LocalFunctions,
    private readonly output: string,
  ) {
    this.refresh();
  }

  /** Reads what the last synthesis tells of its functions. Not to be called while another writes it. */
  refresh(): void {
    const record = [...readBundleRecord(this.output)];
    this.known = new Map(record.map(([path, { request, bundle }]) => [path, { request, sources: bundle.sources }]));
  }

  /** Every source file of the functions that run. */
  files(): ReadonlySet<string> {
    return new Set([...this.known.values()].flatMap(({ sources }) => sources));
  }

  /**
   * Gives functions that are made of these files their new code, and answers with their paths. Who runs ends with the old code.
   *
   * Throws a `DurableStepsError` for code that can't be bundled; then all functions are as they were.
   */
  async replace(files: { has(file: string): boolean }): Promise<readonly string[]> {
    const concerned = this.functions.configs.flatMap((config) => {
      const { path, code } = config;
      const known = this.known.get(path);
      if (known === undefined || !('directory' in code) || !known.sources.some((file) => files.has(file))) return [];
      return [{ config, request: known.request, directory: code.directory }];
    });
    const bundles = await rebundle(concerned, this.output);
    return concerned.flatMap(({ config, request, directory }, index) => {
      const { directory: next, sources } = bundles[index]!;
      this.known.set(config.path, { request, sources });
      if (next === directory) return [];
      this.functions.add({ ...config, code: { directory: next } });
      return [config.path];
    });
  }
}
