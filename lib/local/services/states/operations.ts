import type { JsonObject } from '../../../asl/language/json.js';
import type { StepFunctions } from '../../../engine/service/step-functions.js';
import type { Shape } from './wire.js';

/** One operation of the Step Functions API. */
export interface Operation {
  readonly shape: Shape;
  /** What IAM checks it against. @default - `*` */
  resource?(body: JsonObject): string;
  run(service: StepFunctions, body: never): unknown;
}

const PAGE: Shape = { maxResults: 'number', nextToken: 'string' };
const TOKEN: Shape = { taskToken: 'string!' };

const text = (body: JsonObject, name: string): string => String(body[name] ?? '*');

/** Every operation that the local cloud answers. A body that passed its shape is what the engine's method takes. */
export const OPERATIONS: Readonly<Record<string, Operation>> = {
  CreateStateMachine: {
    shape: {
      name: 'string!',
      definition: 'string!',
      roleArn: 'string!',
      type: 'string',
      loggingConfiguration: 'object',
    },
    run: (service, body: Parameters<StepFunctions['createStateMachine']>[0]) => service.createStateMachine(body),
  },
  UpdateStateMachine: {
    shape: { stateMachineArn: 'string!', definition: 'string', roleArn: 'string', loggingConfiguration: 'object' },
    resource: (body) => text(body, 'stateMachineArn'),
    run: (service, body: Parameters<StepFunctions['updateStateMachine']>[0]) => service.updateStateMachine(body),
  },
  DeleteStateMachine: {
    shape: { stateMachineArn: 'string!' },
    resource: (body) => text(body, 'stateMachineArn'),
    run: (service, body: Parameters<StepFunctions['deleteStateMachine']>[0]) => service.deleteStateMachine(body),
  },
  ListStateMachines: {
    shape: PAGE,
    run: (service, body: Parameters<StepFunctions['listStateMachines']>[0]) => service.listStateMachines(body),
  },
  DescribeStateMachine: {
    shape: { stateMachineArn: 'string!' },
    resource: (body) => text(body, 'stateMachineArn'),
    run: (service, body: Parameters<StepFunctions['describeStateMachine']>[0]) => service.describeStateMachine(body),
  },
  DescribeStateMachineForExecution: {
    shape: { executionArn: 'string!' },
    resource: (body) => text(body, 'executionArn'),
    run: (service, body: Parameters<StepFunctions['describeStateMachineForExecution']>[0]) =>
      service.describeStateMachineForExecution(body),
  },
  StartExecution: {
    shape: { stateMachineArn: 'string!', name: 'string', input: 'string', traceHeader: 'string' },
    resource: (body) => text(body, 'stateMachineArn'),
    run: (service, body: Parameters<StepFunctions['startExecution']>[0]) => service.startExecution(body),
  },
  StartSyncExecution: {
    shape: { stateMachineArn: 'string!', name: 'string', input: 'string', traceHeader: 'string' },
    resource: (body) => text(body, 'stateMachineArn'),
    run: (service, body: Parameters<StepFunctions['startSyncExecution']>[0]) => service.startSyncExecution(body),
  },
  DescribeExecution: {
    shape: { executionArn: 'string!' },
    resource: (body) => text(body, 'executionArn'),
    run: (service, body: Parameters<StepFunctions['describeExecution']>[0]) => service.describeExecution(body),
  },
  ListExecutions: {
    shape: { ...PAGE, stateMachineArn: 'string', mapRunArn: 'string', statusFilter: 'string', redriveFilter: 'string' },
    resource: (body) => text(body, body['stateMachineArn'] === undefined ? 'mapRunArn' : 'stateMachineArn'),
    run: (service, body: Parameters<StepFunctions['listExecutions']>[0]) => service.listExecutions(body),
  },
  GetExecutionHistory: {
    shape: { ...PAGE, executionArn: 'string!', reverseOrder: 'boolean', includeExecutionData: 'boolean' },
    resource: (body) => text(body, 'executionArn'),
    run: (service, body: Parameters<StepFunctions['getExecutionHistory']>[0]) => service.getExecutionHistory(body),
  },
  StopExecution: {
    shape: { executionArn: 'string!', error: 'string', cause: 'string' },
    resource: (body) => text(body, 'executionArn'),
    run: (service, body: Parameters<StepFunctions['stopExecution']>[0]) => service.stopExecution(body),
  },
  RedriveExecution: {
    shape: { executionArn: 'string!', clientToken: 'string' },
    resource: (body) => text(body, 'executionArn'),
    run: (service, body: Parameters<StepFunctions['redriveExecution']>[0]) => service.redriveExecution(body),
  },
  SendTaskSuccess: {
    shape: { ...TOKEN, output: 'string!' },
    run: (service, body: Parameters<StepFunctions['sendTaskSuccess']>[0]) => service.sendTaskSuccess(body),
  },
  SendTaskFailure: {
    shape: { ...TOKEN, error: 'string', cause: 'string' },
    run: (service, body: Parameters<StepFunctions['sendTaskFailure']>[0]) => service.sendTaskFailure(body),
  },
  SendTaskHeartbeat: {
    shape: TOKEN,
    run: (service, body: Parameters<StepFunctions['sendTaskHeartbeat']>[0]) => service.sendTaskHeartbeat(body),
  },
  CreateActivity: {
    shape: { name: 'string!' },
    run: (service, body: Parameters<StepFunctions['createActivity']>[0]) => service.createActivity(body),
  },
  DescribeActivity: {
    shape: { activityArn: 'string!' },
    resource: (body) => text(body, 'activityArn'),
    run: (service, body: Parameters<StepFunctions['describeActivity']>[0]) => service.describeActivity(body),
  },
  DeleteActivity: {
    shape: { activityArn: 'string!' },
    resource: (body) => text(body, 'activityArn'),
    run: (service, body: Parameters<StepFunctions['deleteActivity']>[0]) => service.deleteActivity(body),
  },
  ListActivities: {
    shape: PAGE,
    run: (service, body: Parameters<StepFunctions['listActivities']>[0]) => service.listActivities(body),
  },
  GetActivityTask: {
    shape: { activityArn: 'string!', workerName: 'string' },
    resource: (body) => text(body, 'activityArn'),
    run: (service, body: Parameters<StepFunctions['getActivityTask']>[0]) => service.getActivityTask(body),
  },
  DescribeMapRun: {
    shape: { mapRunArn: 'string!' },
    resource: (body) => text(body, 'mapRunArn'),
    run: (service, body: Parameters<StepFunctions['describeMapRun']>[0]) => service.describeMapRun(body),
  },
  ListMapRuns: {
    shape: { ...PAGE, executionArn: 'string!' },
    resource: (body) => text(body, 'executionArn'),
    run: (service, body: Parameters<StepFunctions['listMapRuns']>[0]) => service.listMapRuns(body),
  },
  TestState: {
    shape: {
      definition: 'string!',
      roleArn: 'string',
      input: 'string',
      inspectionLevel: 'string',
      revealSecrets: 'boolean',
      variables: 'string',
      stateName: 'string',
      context: 'string',
      mock: 'object',
      stateConfiguration: 'object',
    },
    run: (service, body: Parameters<StepFunctions['testState']>[0]) => service.testState(body),
  },
  ValidateStateMachineDefinition: {
    shape: { definition: 'string!', type: 'string', severity: 'string', maxResults: 'number' },
    run: (service, body: Parameters<StepFunctions['validateStateMachineDefinition']>[0]) =>
      service.validateStateMachineDefinition(body),
  },
  ListTagsForResource: {
    shape: { resourceArn: 'string!' },
    resource: (body) => text(body, 'resourceArn'),
    run: () => ({ tags: [] }),
  },
};
