import { type Rebundling, readBundleRecord, rebundle, sourcesOf } from '../../bundling/bundle-record.js';
import type { FunctionConfig } from '../../local/functions/function-config.js';
import type { LocalFunctions } from '../../local/functions/local-functions.js';

/** The short way from a saved activity to its next call: its code is bundled and swapped, without a synthesis. */
export class HotFunctions {
  private readonly sources = new Map<string, ReadonlySet<string>>();

  constructor(
    private readonly functions: LocalFunctions,
    private readonly output: string,
  ) {}

  /** Every source file of the functions that run. */
  files(): ReadonlySet<string> {
    return new Set(this.functions.configs.flatMap((config) => [...this.sourcesOf(config)]));
  }

  /**
   * Gives functions that are made of these files their new code, and answers with their paths. Who runs ends with the old code.
   *
   * Throws a `DurableStepsError` for code that can't be bundled; then all functions are as they were.
   */
  async replace(files: { has(file: string): boolean }): Promise<readonly string[]> {
    const record = readBundleRecord(this.output);
    const concerned = this.functions.configs.flatMap((config) => {
      const request = record.get(config.path);
      const isConcerned = request !== undefined && [...this.sourcesOf(config)].some((file) => files.has(file));
      return isConcerned && 'directory' in config.code ? [{ config, request, directory: config.code.directory }] : [];
    });
    const bundles = await rebundle(concerned satisfies readonly Rebundling[], this.output);
    return concerned.flatMap(({ config, directory }, index) => {
      const bundle = bundles[index]!;
      if (bundle.directory === directory) return [];
      this.functions.add({ ...config, code: { directory: bundle.directory } });
      return [config.path];
    });
  }

  private sourcesOf({ code }: FunctionConfig): ReadonlySet<string> {
    if (!('directory' in code)) return new Set();
    const known = this.sources.get(code.directory) ?? sourcesOf(code.directory);
    this.sources.set(code.directory, known);
    return known;
  }
}
