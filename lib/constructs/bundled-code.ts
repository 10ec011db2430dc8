import { existsSync, statSync } from 'node:fs';
import * as path from 'node:path';
import { FileAssetPackaging, Lazy, Stack, Stage, Token } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type { Construct, IConstruct } from 'constructs';
import { type Bundle, type BundleRequest, type BundlingOptions, bundleAll } from '../bundling/bundle.js';
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
  bundles.add(request);
  return new BundledCode(scope, () => bundles.get(request));
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
    const bundles = AppBundles.byRoot.get(root) ?? new AppBundles(root);
    AppBundles.byRoot.set(root, bundles);
    return bundles;
  }

  private readonly pending = new Map<string, BundleRequest>();
  private readonly built = new Map<string, Bundle>();

  private constructor(private readonly root: IConstruct) {}

  add(request: BundleRequest): void {
    if (!this.built.has(keyOf(request))) this.pending.set(keyOf(request), request);
  }

  get(request: BundleRequest): Bundle {
    if (this.pending.size > 0) {
      const requests = [...this.pending.values()];
      const bundles = bundleAll(requests, Stage.of(this.root)!.assetOutdir);
      for (const [index, one] of requests.entries()) this.built.set(keyOf(one), bundles[index]!);
      this.pending.clear();
    }
    return this.built.get(keyOf(request))!;
  }
}

function keyOf({ entry, handler, options }: BundleRequest): string {
  return JSON.stringify([entry, handler, options]);
}

class BundledCode extends lambda.Code {
  readonly isInline = false;

  constructor(
    private readonly scope: Construct,
    private readonly bundle: () => Bundle,
  ) {
    super();
  }

  override bind(): lambda.CodeConfig {
    const locate = () => {
      const stack = Stack.of(this.scope);
      const { directory, hash } = this.bundle();
      return stack.synthesizer.addFileAsset({
        packaging: FileAssetPackaging.ZIP_DIRECTORY,
        sourceHash: hash,
        fileName: path.relative(Stage.of(stack)!.outdir, directory),
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
