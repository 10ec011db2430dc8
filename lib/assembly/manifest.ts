import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { DurableStepsError } from '../errors.js';
import type { Value } from './model.js';
import { isObject, readJsonObject, readManifestFile } from './template.js';

/** A stack as a manifest lists it. */
export interface StackArtifact {
  readonly name: string;
  readonly path: string;
  readonly templateFile: string;
  /** `aws://account/region`, either of which may be unknown. */
  readonly environment: string;
  /** Values that the app gives to the template's parameters. */
  readonly parameters: Readonly<Record<string, Value>>;
}

/** A file or directory that would be uploaded. */
export interface FileAsset {
  readonly path: string;
  /** May contain `${AWS::…}` placeholders. */
  readonly bucket: string;
  readonly key: string;
}

/** Which construct made a logical id. The same id may appear in several stacks. */
export interface ConstructPath {
  readonly logicalId: string;
  readonly path: string;
}

/** What the app says of one of its constructs: a warning, or an error, with which the CDK deploys nothing. */
export interface Annotation {
  readonly level: 'warning' | 'error';
  readonly path: string;
  readonly text: string;
}

/** Everything that the manifests of an assembly, nested ones included, say. */
export interface Manifest {
  readonly stacks: readonly StackArtifact[];
  readonly assets: readonly FileAsset[];
  readonly constructPaths: readonly ConstructPath[];
  readonly annotations: readonly Annotation[];
}

/** Reads `manifest.json` and what it leads to. Throws a `DurableStepsError` when the directory is no synthesized app. */
export function readManifest(directory: string): Manifest {
  const file = join(directory, 'manifest.json');
  if (!existsSync(file)) {
    throw new DurableStepsError('NoAssembly', {
      where: directory,
      expected: 'the output of a CDK app (a directory with manifest.json)',
      got: existsSync(directory) ? 'a directory without manifest.json' : 'no such directory',
      fix: 'synthesize the app first (`cdk synth`)',
    });
  }
  const manifest = readManifestFile(file, 'the manifest of a CDK app');
  const artifacts = isObject(manifest['artifacts']) ? Object.entries(manifest['artifacts']) : [];
  const parts = artifacts.map(([id, artifact]) => readArtifact(directory, id, artifact));
  return {
    stacks: parts.flatMap((part) => part.stacks ?? []),
    assets: parts.flatMap((part) => part.assets ?? []),
    constructPaths: parts.flatMap((part) => part.constructPaths ?? []),
    annotations: parts.flatMap((part) => part.annotations ?? []),
  };
}

function readArtifact(directory: string, id: string, artifact: Value): Partial<Manifest> {
  if (!isObject(artifact)) return {};
  const properties = isObject(artifact['properties']) ? artifact['properties'] : {};
  switch (artifact['type']) {
    case 'aws:cloudformation:stack':
      return {
        stacks: [
          {
            name: text(properties['stackName']) ?? id,
            path: text(artifact['displayName']) ?? id,
            templateFile: join(directory, text(properties['templateFile']) ?? `${id}.template.json`),
            environment: text(artifact['environment']) ?? '',
            parameters: isObject(properties['parameters']) ? properties['parameters'] : {},
          },
        ],
        ...readStackMetadata(directory, artifact),
      };
    case 'cdk:asset-manifest':
      return { assets: readAssets(join(directory, text(properties['file']) ?? `${id}.json`)) };
    case 'cdk:cloud-assembly':
      return readManifest(join(directory, text(properties['directoryName']) ?? id));
    case 'cdk:tree':
      return { constructPaths: readTree(join(directory, text(properties['file']) ?? 'tree.json')) };
    default:
      return {};
  }
}

/** Metadata stands in the manifest, or (since CDK 2.2xx) in a file of its own. */
function readStackMetadata(
  directory: string,
  artifact: { readonly [key: string]: Value },
): Pick<Manifest, 'constructPaths' | 'annotations'> {
  const extra = text(artifact['additionalMetadataFile']);
  const sources = [
    artifact['metadata'],
    extra === undefined ? undefined : readJsonObject(join(directory, extra), 'the metadata of a stack'),
  ];
  const entries = sources.flatMap((source) => (isObject(source) ? Object.entries(source).flatMap(readMetadata) : []));
  return {
    constructPaths: entries.flatMap(({ type, path, data }) =>
      type === 'aws:cdk:logicalId' ? [{ logicalId: data, path }] : [],
    ),
    annotations: entries.flatMap(({ type, path, data }) => {
      const level = LEVELS.get(type);
      return level === undefined ? [] : [{ level, path, text: data }];
    }),
  };
}

const LEVELS: ReadonlyMap<string, Annotation['level']> = new Map([
  ['aws:cdk:warning', 'warning'],
  ['aws:cdk:error', 'error'],
]);

interface MetadataEntry {
  readonly path: string;
  readonly type: string;
  readonly data: string;
}

function readMetadata([path, entries]: readonly [string, Value]): readonly MetadataEntry[] {
  if (!Array.isArray(entries)) return [];
  return entries.flatMap((entry: Value) => {
    const type = isObject(entry) ? text(entry['type']) : undefined;
    const data = isObject(entry) ? text(entry['data']) : undefined;
    return type === undefined || data === undefined ? [] : [{ path: path.replace(/^\//, ''), type, data }];
  });
}

function readTree(file: string): readonly ConstructPath[] {
  if (!existsSync(file)) return [];
  const tree = readJsonObject(file, 'the construct tree');
  const found: ConstructPath[] = [];
  const visit = (node: unknown): void => {
    if (!isObject(node)) return;
    const attributes = isObject(node['attributes']) ? node['attributes'] : {};
    const logicalId = text(attributes['aws:cdk:cloudformation:logicalId']);
    const path = text(node['path']);
    if (logicalId !== undefined && path !== undefined) found.push({ logicalId, path });
    for (const child of Object.values(isObject(node['children']) ? node['children'] : {})) visit(child);
  };
  visit(tree['tree']);
  return found;
}

function readAssets(file: string): readonly FileAsset[] {
  const manifest = readManifestFile(file, 'the manifest of a stack’s assets');
  const files = isObject(manifest['files']) ? Object.values(manifest['files']) : [];
  return files.flatMap((asset) => {
    const path = isObject(asset) && isObject(asset['source']) ? text(asset['source']['path']) : undefined;
    if (path === undefined || !isObject(asset) || !isObject(asset['destinations'])) return [];
    return Object.values(asset['destinations']).flatMap((destination) => {
      const bucket = isObject(destination) ? text(destination['bucketName']) : undefined;
      const key = isObject(destination) ? text(destination['objectKey']) : undefined;
      return bucket === undefined || key === undefined ? [] : [{ path: resolve(dirname(file), path), bucket, key }];
    });
  });
}

function text(value: Value | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
