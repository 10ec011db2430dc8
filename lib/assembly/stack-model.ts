import { DurableStepsError } from '../errors.js';
import { evaluateCondition, type Place, type ResolutionContext, refusal, tryResolve } from './functions.js';
import { type Identity, tryIdentify } from './identity.js';
import type { Environment, Resource, Stack, Value, ValueObject } from './model.js';
import { type CloudFormationTemplate, isObject, type RawResource } from './template.js';

/** What a stack asks of the assembly around it. */
export interface StackSurroundings {
  /** Where the local cloud answers. @default - AWS's own host names */
  readonly endpoint?: string;
  rewrite(text: string): string;
  /** The construct path of a logical id of this stack. */
  pathOf(stack: StackModel, logicalId: string): string | undefined;
  exported(stack: StackModel, name: string, place: Place): Value;
  output(stack: StackModel, stackName: string, output: string, place: Place): Value;
  /** The stack which a `AWS::CloudFormation::Stack` resource makes. */
  nested(stack: StackModel, logicalId: string): StackModel | undefined;
}

/** What defines a stack. */
export interface StackDefinition {
  readonly name: string;
  readonly path: string;
  readonly environment: Environment;
  readonly template: CloudFormationTemplate;
  /** Values for parameters; a nested stack gets them from its parent, resolved when they are needed. */
  parameter(name: string): Value | undefined;
}

/** A stack whose values are resolved when they are read, each once. */
export class StackModel implements Stack, ResolutionContext {
  readonly name: string;
  readonly path: string;
  readonly environment: Environment;
  private readonly all: readonly ResourceModel[];
  private active: readonly ResourceModel[] | undefined;
  private readonly conditions = new Map<string, boolean>();

  constructor(
    private readonly definition: StackDefinition,
    private readonly surroundings: StackSurroundings,
  ) {
    this.name = definition.name;
    this.path = definition.path;
    this.environment = definition.environment;
    this.all = Object.entries(definition.template.Resources).map(
      ([logicalId, raw]) => new ResourceModel(this, logicalId, raw, surroundings),
    );
  }

  get resources(): readonly ResourceModel[] {
    this.active ??= this.all.filter(({ raw, logicalId }) =>
      this.holds(raw.Condition, { where: `${this.path}/${logicalId}` }),
    );
    return this.active;
  }

  get outputs(): Readonly<Record<string, Value>> {
    const entries = Object.keys(this.definition.template.Outputs).flatMap((name) => {
      try {
        const value = this.tryOutput(name);
        return value === undefined ? [] : [[name, value] as const];
      } catch {
        // An output that needs AWS is nobody's problem until someone reads it by name.
        return [];
      }
    });
    return Object.fromEntries(entries);
  }

  /** The value of one output; undefined when there is none, or its condition doesn't hold. */
  tryOutput(name: string): Value | undefined {
    const output = this.definition.template.Outputs[name];
    const place = { where: `${this.path}/${name}.Value` };
    if (output?.Value === undefined || !this.holds(output.Condition, place)) return undefined;
    return tryResolve(output.Value, this, place);
  }

  /** The value of the output exported under a name. */
  tryExport(exportName: string): Value | undefined {
    for (const [name, output] of Object.entries(this.definition.template.Outputs)) {
      if (output.Export === undefined) continue;
      const exported = tryResolve(output.Export.Name, this, { where: `${this.path}/${name}.Export.Name` });
      if (exported === exportName) return this.tryOutput(name);
    }
    return undefined;
  }

  rewrite(text: string): string {
    return this.surroundings.rewrite(text);
  }

  ref(name: string, place: Place): Value {
    if (name === 'AWS::StackName') return this.name;
    if (name === 'AWS::StackId') return stackArn(this);
    if (name === 'AWS::NotificationARNs') return [];
    if (this.definition.template.Parameters[name] !== undefined) return this.parameter(name, place);
    return this.resource(name, place).ref;
  }

  attribute(logicalId: string, name: string, place: Place): Value {
    const resource = this.resource(logicalId, place);
    const nested = this.surroundings.nested(this, logicalId);
    if (nested === undefined || !name.startsWith('Outputs.')) return resource.attribute(name);
    const value = nested.tryOutput(name.slice('Outputs.'.length));
    if (value === undefined) throw refusal(place, `an output of nested stack ${nested.path}`, `\`${name}\``);
    return value;
  }

  condition(name: string, place: Place): boolean {
    const known = this.conditions.get(name);
    if (known !== undefined) return known;
    const condition = this.definition.template.Conditions[name];
    if (condition === undefined) throw refusal(place, "a condition of the template's `Conditions`", `\`${name}\``);
    const value = evaluateCondition(condition, this, { where: `${this.path}/${name}` });
    this.conditions.set(name, value);
    return value;
  }

  mapping(name: string, place: Place): Value {
    const mapping = this.definition.template.Mappings[name];
    if (mapping === undefined) throw refusal(place, "a mapping of the template's `Mappings`", `\`${name}\``);
    return mapping;
  }

  importValue(name: string, place: Place): Value {
    return this.surroundings.exported(this, name, place);
  }

  stackOutput(stackName: string, output: string, place: Place): Value {
    return this.surroundings.output(this, stackName, output, place);
  }

  private holds(condition: string | undefined, place: Place): boolean {
    return condition === undefined || this.condition(condition, place);
  }

  private resource(logicalId: string, place: Place): ResourceModel {
    const resource = this.all.find((candidate) => candidate.logicalId === logicalId);
    if (resource === undefined)
      throw refusal(place, `a resource or parameter of stack ${this.path}`, `\`${logicalId}\``);
    return resource;
  }

  private parameter(name: string, place: Place): Value {
    const { Type: type, Default: fallback } = this.definition.template.Parameters[name]!;
    const value = this.definition.parameter(name) ?? fallback;
    if (value === undefined) {
      throw refusal(
        place,
        `a value for parameter ${name}`,
        'none',
        'give the parameter a default, or pass the value at synthesis',
      );
    }
    if (type.startsWith('AWS::SSM::Parameter::')) {
      throw refusal(
        place,
        'a value that the template holds',
        `parameter ${name}, read from Parameter Store at deployment`,
      );
    }
    const isList = type === 'CommaDelimitedList' || type.startsWith('List<');
    return isList && typeof value === 'string' ? value.split(',').map((item) => item.trim()) : value;
  }
}

/** The ARN of a stack; the id at its end is fixed, since nothing is ever replaced locally. */
function stackArn({ name, environment }: Stack): string {
  const { partition, region, accountId } = environment;
  return `arn:${partition}:cloudformation:${region}:${accountId}:stack/${name}/00000000-0000-4000-8000-000000000000`;
}

/** A resource whose properties are resolved when they are read, each once. */
class ResourceModel implements Resource {
  readonly type: string;
  readonly path: string;
  readonly metadata: ValueObject;
  readonly properties: ValueObject;
  private readonly values = new Map<string, Value | undefined>();
  private readonly resolving = new Set<string>();
  private known?: Identity | 'unknown';

  constructor(
    readonly stack: StackModel,
    readonly logicalId: string,
    readonly raw: RawResource,
    private readonly surroundings: StackSurroundings,
  ) {
    this.type = raw.Type;
    this.metadata = raw.Metadata ?? {};
    this.path = (surroundings.pathOf(stack, logicalId) ?? metadataPath(raw) ?? `${stack.path}/${logicalId}`).replace(
      /\/Resource$/,
      '',
    );
    this.properties = this.lazyProperties(Object.keys(raw.Properties ?? {}));
  }

  get ref(): string {
    const identity = this.identity();
    return identity === 'unknown' ? this.logicalId : identity.ref;
  }

  attribute(name: string): string {
    const identity = this.identity();
    const attribute = identity === 'unknown' ? undefined : identity.attributes?.[name];
    if (attribute !== undefined) return attribute();
    const known = identity === 'unknown' ? [] : Object.keys(identity.attributes ?? {});
    throw new DurableStepsError('UnresolvableValue', {
      where: this.path,
      expected:
        known.length > 0
          ? `an attribute out of ${known.join(', ')}`
          : `a type whose attributes are known before deployment`,
      got: `\`${this.type}.${name}\``,
    });
  }

  private identity(): Identity | 'unknown' {
    this.known ??=
      tryIdentify(this.type, {
        logicalId: this.logicalId,
        stackName: this.stack.name,
        environment: this.stack.environment,
        ...(this.surroundings.endpoint === undefined ? {} : { endpoint: this.surroundings.endpoint }),
        property: (name) => this.property(name),
      }) ?? 'unknown';
    return this.known;
  }

  private lazyProperties(names: readonly string[]): ValueObject {
    const properties = {};
    for (const name of names) {
      Object.defineProperty(properties, name, { enumerable: true, get: () => this.property(name) });
    }
    return properties;
  }

  private property(name: string): Value | undefined {
    if (this.values.has(name)) return this.values.get(name);
    const place = { where: `${this.path}.${name}` };
    if (this.resolving.has(name)) throw refusal(place, 'a value', 'one that depends on itself');
    this.resolving.add(name);
    try {
      const raw = this.raw.Properties?.[name];
      const value = raw === undefined ? undefined : tryResolve(raw, this.stack, place);
      this.values.set(name, value);
      return value;
    } finally {
      this.resolving.delete(name);
    }
  }
}

function metadataPath(raw: RawResource): string | undefined {
  const path = isObject(raw.Metadata) ? raw.Metadata['aws:cdk:path'] : undefined;
  return typeof path === 'string' ? path : undefined;
}
