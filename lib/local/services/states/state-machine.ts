import { readFileSync } from 'node:fs';
import type { Assembly, Resource, Value } from '../../../assembly/model.js';
import type { CreateStateMachineRequest } from '../../../engine/model/api.js';
import { DurableStepsError, LEAVE_OUT_LOCALLY } from '../../../errors.js';

/** Properties that are read, or that change nothing on one machine. */
const KNOWN_PROPERTIES = new Set(
  `DefinitionString Definition DefinitionS3Location DefinitionSubstitutions EncryptionConfiguration LoggingConfiguration RoleArn StateMachineName
   StateMachineType Tags TracingConfiguration`.split(/\s+/),
);

/** What a state machine of the template is created with. Throws a `DurableStepsError` for what can't run here. */
export function readStateMachine(
  resource: Resource,
  assembly: Assembly,
): CreateStateMachineRequest & { readonly arn: string } {
  const { properties } = resource;
  for (const name of Object.keys(properties)) {
    if (!KNOWN_PROPERTIES.has(name))
      throw refusal(resource, name, 'a property that the local cloud knows', `\`${name}\``);
  }
  const type = properties['StateMachineType'] ?? 'STANDARD';
  if (type !== 'STANDARD' && type !== 'EXPRESS') {
    throw refusal(resource, 'StateMachineType', 'STANDARD or EXPRESS', `\`${JSON.stringify(type)}\``);
  }
  const roleArn = properties['RoleArn'];
  return {
    arn: resource.ref,
    name: resource.attribute('Name'),
    type,
    definition: substitute(readDefinition(resource, assembly), resource),
    roleArn: typeof roleArn === 'string' ? roleArn : '',
    loggingConfiguration: properties['LoggingConfiguration'],
    tracingConfiguration: properties['TracingConfiguration'],
  };
}

function readDefinition(resource: Resource, assembly: Assembly): string {
  const { DefinitionString: text, Definition: object, DefinitionS3Location: location } = resource.properties;
  if (typeof text === 'string') return text;
  if (object !== undefined) return JSON.stringify(object);
  if (isObject(location)) {
    const file = assembly.tryAsset(resource.stack, String(location['Bucket']), String(location['Key']));
    if (file !== undefined) return readFileSync(file, 'utf8');
    throw refusal(resource, 'DefinitionS3Location', 'an asset of this app', `\`${JSON.stringify(location)}\``);
  }
  throw refusal(resource, 'DefinitionString', 'a definition', 'none');
}

/** Fills `${name}` in; an unknown name stays as it is, as on AWS. */
function substitute(definition: string, resource: Resource): string {
  const values = resource.properties['DefinitionSubstitutions'];
  if (!isObject(values)) return definition;
  return definition.replace(/\$\{([A-Za-z0-9_]+)\}/g, (match, name: string) => {
    const value = values[name];
    return value === undefined ? match : String(value);
  });
}

function isObject(value: Value | undefined): value is { readonly [key: string]: Value } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function refusal(resource: Resource, property: string, expected: string, got: string): DurableStepsError {
  return new DurableStepsError('UnsupportedStateMachine', {
    where: `${resource.path}.${property}`,
    expected,
    got,
    fix: `write what is expected, or ${LEAVE_OUT_LOCALLY}`,
  });
}
