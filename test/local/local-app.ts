import { VirtualClock } from '../../lib/clock.js';
import { LocalCloud, type LocalCloudOptions } from '../../lib/local/cloud/local-cloud.js';
import { type AppFixture, type StackFixture, writeApp } from '../assembly/write-app.js';

/** A role that may do anything. */
export const ADMIN_ROLE = {
  Type: 'AWS::IAM::Role',
  Properties: {
    AssumeRolePolicyDocument: {},
    Policies: [{ PolicyName: 'All', PolicyDocument: { Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] } }],
  },
};

/** A Lambda function with inline code; the stack needs `Role`. */
export function inlineFunction(code: string, properties: Readonly<Record<string, unknown>> = {}): unknown {
  return {
    Type: 'AWS::Lambda::Function',
    Properties: {
      Runtime: 'nodejs22.x',
      Handler: 'index.handler',
      Code: { ZipFile: code },
      Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
      ...properties,
    },
  };
}

/** A state machine whose definition may hold CloudFormation functions as `${Name.Arn}`; the stack needs `Role`. */
export function stateMachine(definition: unknown, properties: Readonly<Record<string, unknown>> = {}): unknown {
  return {
    Type: 'AWS::StepFunctions::StateMachine',
    Properties: {
      RoleArn: { 'Fn::GetAtt': ['Role', 'Arn'] },
      DefinitionString: { 'Fn::Sub': JSON.stringify(definition) },
      ...properties,
    },
  };
}

/** A JSONata Task state that invokes a function by its logical id. */
export function invoke(logicalId: string, more: Readonly<Record<string, unknown>> = { End: true }): unknown {
  return {
    Type: 'Task',
    Resource: 'arn:aws:states:::lambda:invoke',
    Arguments: { FunctionName: `\${${logicalId}.Arn}`, Payload: '{% $states.input %}' },
    Output: '{% $states.result.Payload %}',
    ...more,
  };
}

const running: LocalCloud[] = [];

/** Runs one stack named `Demo` with a role `Role` that may do anything; closed by {@link closeAll}. */
export async function startApp(
  resources: Readonly<Record<string, unknown>>,
  options: LocalCloudOptions & { readonly stack?: StackFixture; readonly app?: Partial<AppFixture> } = {},
): Promise<LocalCloud> {
  const { stack, app, ...cloudOptions } = options;
  const directory = writeApp({
    ...app,
    stacks: { Demo: { ...stack, resources: { Role: ADMIN_ROLE, ...resources } }, ...app?.stacks },
  });
  const cloud = await LocalCloud.load(directory, { clock: new VirtualClock(), ...cloudOptions });
  running.push(cloud);
  return cloud;
}

/** Closes every cloud that {@link startApp} started. */
export async function closeAll(): Promise<void> {
  await Promise.all(running.splice(0).map((cloud) => cloud.close()));
}
