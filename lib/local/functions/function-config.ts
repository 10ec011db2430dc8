import { existsSync, readFileSync, statSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import type { Assembly, Resource, Value, ValueObject } from '../../assembly/model.js';
import { DurableStepsError, LEAVE_OUT_LOCALLY } from '../../errors.js';

/** A Lambda function as the runner needs it: every default applied, everything that can't run refused. */
export interface FunctionConfig {
  readonly name: string;
  readonly arn: string;
  /** The construct path, for example `Shop/Price/Function`. */
  readonly path: string;
  readonly logicalId: string;
  readonly region: string;
  readonly roleArn: string | undefined;
  readonly runtime: string;
  readonly handler: string;
  /** The asset's directory, or the text of `index.js`. */
  readonly code: { readonly directory: string } | { readonly inline: string };
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutMilliseconds: number;
  readonly memoryMegabytes: number;
  readonly reservedConcurrency: number | undefined;
  readonly description: string;
  /** Where asynchronous events go that failed for good. */
  readonly deadLetterArn: string | undefined;
}

/** The text of a file beside a function's code; nothing where the code is inline. */
export function readCodeFile(code: FunctionConfig['code'], name: string): string {
  return 'directory' in code ? readFileSync(join(code.directory, name), 'utf8') : '';
}

/** Properties of `AWS::Lambda::Function` that are read, or that change nothing when the function runs on one machine. */
const KNOWN_PROPERTIES = new Set(
  `Architectures Code CodeSigningConfigArn DeadLetterConfig Description Environment EphemeralStorage FunctionName Handler KmsKeyArn Layers
   LoggingConfig MemorySize PackageType RecursiveLoop ReservedConcurrentExecutions Role Runtime RuntimeManagementConfig SnapStart Tags TenancyConfig
   Timeout TracingConfig VpcConfig`.split(/\s+/),
);

/** Reads a function of the template. Throws a `DurableStepsError` naming the function and the property for what can't run here. */
export function readFunctionConfig(resource: Resource, assembly: Assembly): FunctionConfig {
  const { properties } = resource;
  const refuse = (property: string, expected: string, got: string, fix?: string): DurableStepsError =>
    new DurableStepsError('UnsupportedFunction', {
      where: `${resource.path}.${property}`,
      expected,
      got,
      fix: fix ?? `write what is expected, or ${LEAVE_OUT_LOCALLY}`,
    });
  const runtime = checkRunnable(properties, refuse);
  return {
    name: resource.ref,
    arn: resource.attribute('Arn'),
    path: resource.path,
    logicalId: resource.logicalId,
    region: resource.stack.environment.region,
    roleArn: textOf(properties['Role']),
    runtime,
    handler: textOf(properties['Handler']) ?? 'index.handler',
    code: readCode(resource, assembly, refuse),
    environment: readEnvironment(properties['Environment']),
    timeoutMilliseconds: numberOf(properties['Timeout'], 3) * 1000,
    memoryMegabytes: numberOf(properties['MemorySize'], 128),
    reservedConcurrency:
      properties['ReservedConcurrentExecutions'] === undefined
        ? undefined
        : numberOf(properties['ReservedConcurrentExecutions'], 0),
    description: textOf(properties['Description']) ?? '',
    deadLetterArn: textOf(objectOf(properties['DeadLetterConfig'])['TargetArn']),
  };
}

type Refuse = (property: string, expected: string, got: string, fix?: string) => DurableStepsError;

/** Refuses a function that can't run here, and gives its runtime. */
function checkRunnable(properties: Resource['properties'], refuse: Refuse): string {
  for (const name of Object.keys(properties)) {
    if (!KNOWN_PROPERTIES.has(name)) throw refuse(name, 'a property that the local cloud knows', `\`${name}\``);
  }
  if (properties['PackageType'] === 'Image') {
    throw refuse(
      'PackageType',
      'a function from a directory or inline code',
      'a container image',
      'container images run on AWS only',
    );
  }
  const runtime = textOf(properties['Runtime']) ?? '';
  if (!/^nodejs(1[89]|[2-9]\d)\.x$/.test(runtime)) {
    throw refuse(
      'Runtime',
      'a Node.js runtime (`nodejs22.x`)',
      `\`${runtime}\``,
      'the local cloud runs Node.js functions only',
    );
  }
  if (Array.isArray(properties['Layers']) && properties['Layers'].length > 0) {
    throw refuse(
      'Layers',
      'no layers',
      `${properties['Layers'].length}`,
      "bundle the layer's content with the function",
    );
  }
  return runtime;
}

function readCode(resource: Resource, assembly: Assembly, refuse: Refuse): FunctionConfig['code'] {
  const code = objectOf(resource.properties['Code']);
  const inline = textOf(code['ZipFile']);
  if (inline !== undefined) return { inline };
  const [bucket, key] = [textOf(code['S3Bucket']), textOf(code['S3Key'])];
  if (bucket === undefined || key === undefined)
    throw refuse('Code', 'S3Bucket and S3Key of an asset, or ZipFile', JSON.stringify(code));
  const directory = assembly.tryAsset(resource.stack, bucket, key) ?? metadataAsset(resource, assembly);
  if (directory === undefined || !existsSync(directory)) {
    throw refuse(
      'Code',
      'an asset of this app',
      `\`s3://${bucket}/${key}\``,
      'code that only a bucket holds runs on AWS only',
    );
  }
  if (!statSync(directory).isDirectory()) {
    throw refuse('Code', 'a directory', `the file ${directory}`, 'give the asset as a directory, not as an archive');
  }
  return { directory };
}

/** Where the CDK's metadata says the asset is; for assemblies without asset manifests. */
function metadataAsset(resource: Resource, assembly: Assembly): string | undefined {
  const path = textOf(resource.metadata['aws:asset:path']);
  if (path === undefined) return undefined;
  return isAbsolute(path) ? path : join(assembly.directory, path);
}

function readEnvironment(value: Value | undefined): Readonly<Record<string, string>> {
  const variables = objectOf(objectOf(value)['Variables']);
  return Object.fromEntries(Object.entries(variables).map(([name, text]) => [name, String(text)]));
}

function objectOf(value: Value | undefined): ValueObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as ValueObject) : {};
}

function textOf(value: Value | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function numberOf(value: Value | undefined, fallback: number): number {
  return value === undefined ? fallback : Number(value);
}
