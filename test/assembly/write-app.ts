import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A stack as a test writes it. */
export interface StackFixture {
  readonly resources?: Readonly<Record<string, unknown>>;
  readonly parameters?: Readonly<Record<string, unknown>>;
  readonly conditions?: Readonly<Record<string, unknown>>;
  readonly mappings?: Readonly<Record<string, unknown>>;
  readonly outputs?: Readonly<Record<string, unknown>>;
  /** @default aws://unknown-account/unknown-region */
  readonly environment?: string;
  /** Construct paths by logical id, below the stack. */
  readonly paths?: Readonly<Record<string, string>>;
}

/** An app as a test writes it. */
export interface AppFixture {
  readonly stacks: Readonly<Record<string, StackFixture>>;
  /** Directories by asset hash: file name → text. */
  readonly assets?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Template files by asset hash, for nested stacks. */
  readonly templates?: Readonly<Record<string, unknown>>;
}

const BUCKET = 'cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}';

/** The `Code` of a Lambda function whose asset has this hash, as the CDK writes it. */
export function assetCode(hash: string): unknown {
  return { S3Bucket: { 'Fn::Sub': BUCKET }, S3Key: `${hash}.zip` };
}

/** Writes what `cdk synth` would write, in a new directory, and returns it. */
export function writeApp(
  app: AppFixture,
  directory: string = mkdtempSync(join(tmpdir(), 'durable-steps-test-')),
): string {
  const artifacts: Record<string, unknown> = {};
  for (const [name, stack] of Object.entries(app.stacks)) {
    writeJson(join(directory, `${name}.template.json`), renderTemplate(stack));
    writeJson(join(directory, `${name}.assets.json`), { version: '36.0.0', files: renderAssets(app) });
    artifacts[`${name}.assets`] = { type: 'cdk:asset-manifest', properties: { file: `${name}.assets.json` } };
    artifacts[name] = {
      type: 'aws:cloudformation:stack',
      environment: stack.environment ?? 'aws://unknown-account/unknown-region',
      properties: { templateFile: `${name}.template.json` },
      displayName: name,
      metadata: Object.fromEntries(
        Object.entries(stack.paths ?? {}).map(([logicalId, path]) => [
          `/${name}/${path}`,
          [{ type: 'aws:cdk:logicalId', data: logicalId }],
        ]),
      ),
    };
  }
  for (const [hash, files] of Object.entries(app.assets ?? {})) {
    for (const [file, text] of Object.entries(files)) writeText(join(directory, `asset.${hash}`, file), text);
  }
  for (const [hash, template] of Object.entries(app.templates ?? {}))
    writeJson(join(directory, `${hash}.json`), template);
  writeJson(join(directory, 'manifest.json'), { version: '36.0.0', artifacts });
  return directory;
}

function renderTemplate({ resources, parameters, conditions, mappings, outputs }: StackFixture): unknown {
  return { Resources: resources, Parameters: parameters, Conditions: conditions, Mappings: mappings, Outputs: outputs };
}

function renderAssets(app: AppFixture): unknown {
  const entry = (path: string, objectKey: string, packaging: string): unknown => ({
    source: { path, packaging },
    destinations: { here: { bucketName: BUCKET, objectKey } },
  });
  return {
    ...Object.fromEntries(
      Object.keys(app.assets ?? {}).map((hash) => [hash, entry(`asset.${hash}`, `${hash}.zip`, 'zip')]),
    ),
    ...Object.fromEntries(
      Object.keys(app.templates ?? {}).map((hash) => [hash, entry(`${hash}.json`, `${hash}.json`, 'file')]),
    ),
  };
}

function writeJson(file: string, value: unknown): void {
  writeText(file, JSON.stringify(value));
}

function writeText(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
