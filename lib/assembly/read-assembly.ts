/**
 * A synthesized CDK app on disk, as a plain model.
 *
 * This room reads files and evaluates CloudFormation; it starts nothing and knows no service's behaviour. Everything that was synthesized is found: stacks
 * of the app, of its stages (nested assemblies), and nested stacks (through the template assets that their parents name).
 */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { DurableStepsError } from '../errors.js';
import { type Place, refusal } from './functions.js';
import { type ConstructPath, type Manifest, readManifest, type StackArtifact } from './manifest.js';
import type { Assembly, Environment, Resource, Stack, Value } from './model.js';
import { StackModel, type StackSurroundings } from './stack-model.js';
import { isObject, readTemplate } from './template.js';

/** How an assembly is read. */
export interface ReadAssemblyOptions {
  /**
   * Where services are reached, for example `http://127.0.0.1:4566`: queue URLs and the URLs of HTTP APIs lead there.
   * @default - AWS's own host names
   */
  readonly endpoint?: string;
  /** The region of stacks that leave it open. @default us-east-1 */
  readonly region?: string;
  /** The account of stacks that leave it open. @default '123456789012' */
  readonly accountId?: string;
}

/**
 * Reads the output directory of a CDK app.
 *
 * Throws a `DurableStepsError` for a directory without a readable manifest or template. A value that can't be resolved is refused when it is read.
 *
 * @example
 * const assembly = readAssembly('cdk.out');
 * for (const machine of assembly.ofType('AWS::StepFunctions::StateMachine')) console.log(machine.path, machine.ref);
 */
export function readAssembly(directory: string, options: ReadAssemblyOptions = {}): Assembly {
  return new AssemblyModel(resolve(directory), readManifest(resolve(directory)), options);
}

/** An address of one's own that an API answers at. */
interface ApiDomain {
  readonly address: string;
  readonly apiId: string;
}

/** Replaces an address wherever it stands whole, not as the beginning of another one. */
function replaceAddress(text: string, address: string, by: string): string {
  const parts = text.split(address);
  const [first = '', ...rest] = parts;
  return rest.reduce((done, part) => done + (/^[\w.:-]/.test(part) ? address : by) + part, first);
}

class AssemblyModel implements Assembly, StackSurroundings {
  readonly stacks: readonly Stack[];
  readonly resources: readonly Resource[];
  readonly endpoint?: string;
  private readonly models: StackModel[] = [];
  private readonly nestedStacks = new Map<string, StackModel>();
  private readonly paths: ReadonlyMap<string, readonly ConstructPath[]>;
  private readonly byArn = new Map<string, Resource>();
  private domains: readonly ApiDomain[] | undefined;
  /** Whether all stacks are there. */
  private isComplete = false;

  constructor(
    readonly directory: string,
    private readonly manifest: Manifest,
    private readonly options: ReadAssemblyOptions,
  ) {
    if (options.endpoint !== undefined) this.endpoint = options.endpoint;
    this.paths = groupByLogicalId(manifest.constructPaths);
    for (const artifact of manifest.stacks) this.addStack(artifact);
    for (const model of this.models) this.addNestedStacks(model);
    this.stacks = this.models;
    this.resources = this.models.flatMap((model) => model.resources);
    this.isComplete = true;
  }

  ofType(type: string): readonly Resource[] {
    return this.resources.filter((resource) => resource.type === type);
  }

  tryFindByArn(arn: string): Resource | undefined {
    if (this.byArn.size === 0) {
      for (const resource of this.resources) for (const name of arnsOf(resource)) this.byArn.set(name, resource);
    }
    return this.byArn.get(arn);
  }

  tryAsset(stack: Stack, bucket: string, key: string): string | undefined {
    const sameKey = this.manifest.assets.filter((asset) => fill(asset.key, stack.environment) === key);
    const exact = sameKey.find((asset) => fill(asset.bucket, stack.environment) === bucket);
    return (exact ?? sameKey[0])?.path;
  }

  rewrite(text: string): string {
    if (this.endpoint === undefined || !text.includes('https://')) return text;
    const own = text.replace(
      /https:\/\/([a-z0-9]+)\.execute-api\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?/g,
      (url, id: string) => (this.isOwnApi(id) ? `${this.endpoint}/apis/${id}` : url),
    );
    if (!this.isComplete) return own;
    this.domains ??= this.readDomains();
    return this.domains.reduce(
      (rest, { address, apiId }) => replaceAddress(rest, address, `${this.endpoint}/apis/${apiId}`),
      own,
    );
  }

  pathOf(stack: { readonly path: string }, logicalId: string): string | undefined {
    const candidates = (this.paths.get(logicalId) ?? []).filter(({ path }) => path.startsWith(`${stack.path}/`));
    // A nested stack's constructs also begin with its parent's path: the shortest path is the parent's own.
    return candidates.map(({ path }) => path).sort((a, b) => a.length - b.length)[0];
  }

  exported(stack: Stack, name: string, place: Place): Value {
    for (const candidate of this.models) {
      if (!sameEnvironment(candidate, stack)) continue;
      const value = candidate.tryExport(name);
      if (value !== undefined) return value;
    }
    throw refusal(place, 'an export of a stack of this app', `\`Fn::ImportValue\` of \`${name}\``);
  }

  output(_stack: Stack, stackName: string, output: string, place: Place): Value {
    const value = this.models.find((candidate) => candidate.name === stackName)?.tryOutput(output);
    if (value === undefined) throw refusal(place, 'an output of a stack of this app', `\`${stackName}.${output}\``);
    return value;
  }

  nested(stack: Stack, logicalId: string): StackModel | undefined {
    return this.nestedStacks.get(`${stack.path}\n${logicalId}`);
  }

  /** Where domains of the app's own lead; those with a longer path first. */
  private readDomains(): readonly ApiDomain[] {
    const text = (resource: Resource, name: string): string => {
      const value = resource.properties[name];
      return typeof value === 'string' ? value : '';
    };
    return this.ofType('AWS::ApiGatewayV2::ApiMapping')
      .map((mapping) => {
        const key = text(mapping, 'ApiMappingKey');
        const address = `https://${text(mapping, 'DomainName')}${key === '' ? '' : `/${key}`}`;
        return { address, apiId: text(mapping, 'ApiId') };
      })
      .sort((a, b) => b.address.length - a.address.length);
  }

  private isOwnApi(id: string): boolean {
    return this.models.some((model) =>
      model.resources.some((resource) => resource.type === 'AWS::ApiGatewayV2::Api' && resource.ref === id),
    );
  }

  private addStack({ name, path, templateFile, environment, parameters }: StackArtifact): void {
    const definition = {
      name,
      path,
      environment: readEnvironment(environment, this.options),
      template: readTemplate(templateFile),
      parameter: (parameter: string) => parameters[parameter],
    };
    this.models.push(new StackModel(definition, this));
  }

  private addNestedStacks(parent: StackModel): void {
    for (const resource of parent.resources) {
      if (resource.type !== 'AWS::CloudFormation::Stack') continue;
      const stack = new StackModel(
        {
          name: `${parent.name}-${resource.logicalId}`,
          // CDK makes the resource beside the nested stack: `Parent/Nested.NestedStack/Nested.NestedStackResource`.
          path: resource.path.replace(/\.NestedStack\/[^/]*$/, ''),
          environment: parent.environment,
          template: readTemplate(this.nestedTemplate(resource)),
          parameter: (name) => {
            const given = resource.properties['Parameters'];
            return isObject(given) ? given[name] : undefined;
          },
        },
        this,
      );
      this.nestedStacks.set(`${parent.path}\n${resource.logicalId}`, stack);
      this.models.push(stack);
    }
  }

  private nestedTemplate(resource: Resource): string {
    const url = String(resource.properties['TemplateURL'] ?? '');
    const [, bucket = '', key = ''] = /^https:\/\/[^/]+\/([^/]+)\/(.+)$/.exec(url) ?? [];
    const file = this.tryAsset(resource.stack, bucket, key);
    if (file !== undefined && existsSync(file)) return file;
    throw new DurableStepsError('UnreadableAssembly', {
      where: `${resource.path}.TemplateURL`,
      expected: 'a nested stack whose template is an asset of this app',
      got: `\`${url}\``,
    });
  }
}

function readEnvironment(text: string, options: ReadAssemblyOptions): Environment {
  const [, account = '', region = ''] = /^aws:\/\/([^/]*)\/(.*)$/.exec(text) ?? [];
  const known = (value: string, fallback: string): string =>
    value === '' || value.startsWith('unknown-') ? fallback : value;
  const actual = known(region, options.region ?? 'us-east-1');
  const china = actual.startsWith('cn-');
  return {
    partition: china ? 'aws-cn' : actual.startsWith('us-gov-') ? 'aws-us-gov' : 'aws',
    region: actual,
    accountId: known(account, options.accountId ?? '123456789012'),
    urlSuffix: china ? 'amazonaws.com.cn' : 'amazonaws.com',
  };
}

function arnsOf(resource: Resource): readonly string[] {
  const candidates = ['Arn', 'TopicArn', 'AliasArn', 'FunctionArn', 'PolicyArn', 'LayerVersionArn'].map((name) => {
    try {
      return resource.attribute(name);
    } catch {
      // The type has no such attribute.
      return undefined;
    }
  });
  return candidates.filter((arn) => arn !== undefined);
}

function fill(text: string, { accountId, region, partition }: Environment): string {
  return text
    .replaceAll('${AWS::AccountId}', accountId)
    .replaceAll('${AWS::Region}', region)
    .replaceAll('${AWS::Partition}', partition);
}

function sameEnvironment(a: Stack, b: Stack): boolean {
  return a.environment.region === b.environment.region && a.environment.accountId === b.environment.accountId;
}

function groupByLogicalId(paths: readonly ConstructPath[]): ReadonlyMap<string, readonly ConstructPath[]> {
  const groups = new Map<string, ConstructPath[]>();
  for (const path of paths) groups.set(path.logicalId, [...(groups.get(path.logicalId) ?? []), path]);
  return groups;
}
