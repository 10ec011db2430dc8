import { existsSync, statSync } from 'node:fs';
import * as path from 'node:path';
import { Aspects, FileAssetPackaging, Lazy, Stack, Stage, Token } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type { Construct, IConstruct } from 'constructs';
import { addFiles, type Bundle, type BundleRequest, type BundlingOptions } from '../bundling/bundle.js';
import { bundleChanged, type DatedBundle, writeBundleRecord } from '../bundling/bundle-record.js';
import { DurableStepsError } from '../errors.js';

/** What {@link bundledCode} bundles. */
export interface BundledCodeProps {
  /** The TypeScript or JavaScript file, absolute or relative to the working directory. */
  readonly entry: string;
  /** The name of the exported handler. @default 'handler' */
  readonly handler?: string;
  /** @default - see {@link BundlingOptions} */
  readonly bundling?: BundlingOptions;
}

/**
 * Lambda code from a TypeScript file. All bundled code of an app is built by one esbuild run, when the first template is resolved; the Lambda handler to
 * configure is `index.handler`.
 *
 * @throws DurableStepsError `NoEntry` at once, when there is no such file
 */
export function bundledCode(scope: Construct, props: BundledCodeProps): lambda.Code {
  const request: BundleRequest = {
    owner: scope.node.path,
    entry: checkEntry(scope, props.entry),
    handler: props.handler ?? 'handler',
    options: props.bundling ?? {},
  };
  const bundles = AppBundles.of(scope.node.root);
  bundles.add(request, Stage.of(scope));
  return new BundledCode(
    scope,
    (fn) => bundles.note(fn, request),
    (outdir) => bundles.get(request, outdir),
  );
}

/** Files beside the code of functions: name → what gives the content, once all constructs are there. */
const filesOf = new WeakMap<IConstruct, Map<string, () => string>>();

/**
 * Puts a file beside a function's code, where the function finds it under `LAMBDA_TASK_ROOT`. Its content is asked for when templates are resolved, so it may tell of constructs to come;
 * it holds no deploy-time values. A file of the same name is replaced.
 *
 * @returns false when the function's code isn't bundled by this kit
 */
export function tryAddFile(fn: lambda.Function, name: string, content: () => string): boolean {
  const files = filesOf.get(fn);
  files?.set(name, content);
  return files !== undefined;
}

function checkEntry(scope: Construct, entry: string): string {
  const where = `${scope.node.path}.entry`;
  if (Token.isUnresolved(entry) || typeof entry !== 'string' || entry === '') {
    throw new DurableStepsError('InvalidOption', {
      where,
      expected: 'the path of a source file',
      got: `\`${String(entry)}\``,
    });
  }
  const file = path.resolve(entry);
  if (existsSync(file) && statSync(file).isFile()) return file;
  throw new DurableStepsError('NoEntry', {
    where,
    expected: 'the path of an existing source file, relative to the directory where the app runs',
    got: `\`${entry}\`, which is not there`,
    fix: `the file would be ${file}`,
  });
}

/** All bundled functions of one app. */
class AppBundles {
  private static readonly byRoot = new WeakMap<IConstruct, AppBundles>();

  static of(root: IConstruct): AppBundles {
    const bundles = AppBundles.byRoot.get(root) ?? new AppBundles();
    AppBundles.byRoot.set(root, bundles);
    return bundles;
  }

  private readonly pending = new Map<string, BundleRequest>();
  private readonly built = new Map<string, DatedBundle>();
  private readonly functions = new Map<string, BundleRequest>();
  private readonly stages = new Set<Stage>();

  add(request: BundleRequest, stage: Stage | undefined): void {
    if (stage !== undefined && !this.stages.has(stage)) {
      this.stages.add(stage);
      // Built before templates are resolved, so that what is wrong with the code is not wrapped in resolution errors.
      Aspects.of(stage).add({
        visit: (node) => {
          if (node === stage) this.build(stage.assetOutdir);
        },
      });
    }
    if (!this.built.has(keyOf(request))) this.pending.set(keyOf(request), request);
  }

  /** Remembers from what a function is bundled. */
  note(fn: Construct, request: BundleRequest): void {
    this.functions.set(fn.node.path, request);
  }

  get(request: BundleRequest, outdir: string): Bundle {
    this.build(outdir);
    return this.built.get(keyOf(request))!;
  }

  private build(outdir: string): void {
    if (this.pending.size === 0) return;
    const requests = [...this.pending.values()];
    const bundles = bundleChanged(requests, outdir);
    for (const [index, one] of requests.entries()) this.built.set(keyOf(one), bundles[index]!);
    this.pending.clear();
    const bundled = [...this.functions].map(
      ([name, request]) => [name, { request, bundle: this.built.get(keyOf(request))! }] as const,
    );
    writeBundleRecord(outdir, new Map(bundled));
  }
}

function keyOf({ entry, handler, options }: BundleRequest): string {
  return JSON.stringify([entry, handler, options]);
}

class BundledCode extends lambda.Code {
  readonly isInline = false;

  constructor(
    private readonly scope: Construct,
    private readonly note: (fn: Construct) => void,
    private readonly bundle: (outdir: string) => Bundle,
  ) {
    super();
  }

  override bind(fn: Construct): lambda.CodeConfig {
    const files = new Map<string, () => string>();
    filesOf.set(fn, files);
    this.note(fn);
    const locate = () => {
      const stack = Stack.of(this.scope);
      const stage = Stage.of(stack)!;
      const contents = new Map([...files].map(([name, content]) => [name, content()]));
      const { directory, hash } = addFiles(this.bundle(stage.assetOutdir), contents, stage.assetOutdir);
      return stack.synthesizer.addFileAsset({
        packaging: FileAssetPackaging.ZIP_DIRECTORY,
        sourceHash: hash,
        fileName: path.relative(stage.outdir, directory),
        displayName: `${this.scope.node.path} code`,
      });
    };
    return {
      s3Location: {
        bucketName: Lazy.string({ produce: () => locate().bucketName }),
        objectKey: Lazy.string({ produce: () => locate().objectKey }),
      },
    };
  }
}
