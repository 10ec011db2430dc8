import type { JsonObject } from '../../../asl/language/json.js';
import type { StepFunctions } from '../../../engine/service/step-functions.js';
import { type Members, type RequestShape, readMembers } from '../protocol/shape.js';

/** An operation of the Step Functions API, done by the engine. */
export interface EngineOperation {
  /** The members of which the first that is there names what IAM checks; a task token stands for the state machine that waits. */
  readonly resource: readonly string[];
  /** Throws a `ServiceError` for a request that isn't of the operation's shape. */
  check(body: JsonObject): void;
  /** Throws an `ApiError` for what the engine refuses. */
  run(engine: StepFunctions, body: JsonObject): unknown;
}

const PAGE = { maxResults: 'number', nextToken: 'string' } as const;
const STATUSES = ['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED', 'PENDING_REDRIVE'] as const;
const TYPES = ['STANDARD', 'EXPRESS'] as const;
const TOKEN = { taskToken: 'string!' } as const;

function operation<const S extends RequestShape>(
  members: S,
  run: (engine: StepFunctions, body: Members<S>) => unknown,
  ...resource: readonly (keyof S & string)[]
): EngineOperation {
  return {
    resource,
    check: (body) => void readMembers(body, members),
    run: (engine, body) => run(engine, readMembers(body, members)),
  };
}

/** Every operation that the local cloud answers. */
export const OPERATIONS: Readonly<Record<string, EngineOperation>> = {
  CreateStateMachine: operation(
    {
      name: 'string!',
      definition: 'string!',
      roleArn: 'string!',
      type: TYPES,
      loggingConfiguration: 'object',
    },
    (engine, body) => engine.createStateMachine(body),
  ),
  UpdateStateMachine: operation(
    {
      stateMachineArn: 'string!',
      definition: 'string',
      roleArn: 'string',
      loggingConfiguration: 'object',
      tracingConfiguration: 'object',
    },
    (engine, body) => engine.updateStateMachine(body),
    'stateMachineArn',
  ),
  DeleteStateMachine: operation(
    { stateMachineArn: 'string!' },
    (engine, body) => engine.deleteStateMachine(body),
    'stateMachineArn',
  ),
  ListStateMachines: operation(PAGE, (engine, body) => engine.listStateMachines(body)),
  DescribeStateMachine: operation(
    { stateMachineArn: 'string!' },
    (engine, body) => engine.describeStateMachine(body),
    'stateMachineArn',
  ),
  DescribeStateMachineForExecution: operation(
    { executionArn: 'string!' },
    (engine, body) => engine.describeStateMachineForExecution(body),
    'executionArn',
  ),
  StartExecution: operation(
    { stateMachineArn: 'string!', name: 'string', input: 'string', traceHeader: 'string' },
    (engine, body) => engine.startExecution(body),
    'stateMachineArn',
  ),
  StartSyncExecution: operation(
    { stateMachineArn: 'string!', name: 'string', input: 'string', traceHeader: 'string' },
    (engine, body) => engine.startSyncExecution(body),
    'stateMachineArn',
  ),
  DescribeExecution: operation(
    { executionArn: 'string!' },
    (engine, body) => engine.describeExecution(body),
    'executionArn',
  ),
  ListExecutions: operation(
    {
      ...PAGE,
      stateMachineArn: 'string',
      mapRunArn: 'string',
      statusFilter: STATUSES,
      redriveFilter: ['REDRIVEN', 'NOT_REDRIVEN'],
    },
    (engine, body) => engine.listExecutions(body),
    'stateMachineArn',
    'mapRunArn',
  ),
  GetExecutionHistory: operation(
    { ...PAGE, executionArn: 'string!', reverseOrder: 'boolean', includeExecutionData: 'boolean' },
    (engine, body) => engine.getExecutionHistory(body),
    'executionArn',
  ),
  StopExecution: operation(
    { executionArn: 'string!', error: 'string', cause: 'string' },
    (engine, body) => engine.stopExecution(body),
    'executionArn',
  ),
  RedriveExecution: operation(
    { executionArn: 'string!', clientToken: 'string' },
    (engine, body) => engine.redriveExecution(body),
    'executionArn',
  ),
  SendTaskSuccess: operation(
    { ...TOKEN, output: 'string!' },
    (engine, body) => engine.sendTaskSuccess(body),
    'taskToken',
  ),
  SendTaskFailure: operation(
    { ...TOKEN, error: 'string', cause: 'string' },
    (engine, body) => engine.sendTaskFailure(body),
    'taskToken',
  ),
  SendTaskHeartbeat: operation(TOKEN, (engine, body) => engine.sendTaskHeartbeat(body), 'taskToken'),
  CreateActivity: operation({ name: 'string!' }, (engine, body) => engine.createActivity(body)),
  DescribeActivity: operation(
    { activityArn: 'string!' },
    (engine, body) => engine.describeActivity(body),
    'activityArn',
  ),
  DeleteActivity: operation({ activityArn: 'string!' }, (engine, body) => engine.deleteActivity(body), 'activityArn'),
  ListActivities: operation(PAGE, (engine, body) => engine.listActivities(body)),
  GetActivityTask: operation(
    { activityArn: 'string!', workerName: 'string' },
    (engine, body) => engine.getActivityTask(body),
    'activityArn',
  ),
  DescribeMapRun: operation({ mapRunArn: 'string!' }, (engine, body) => engine.describeMapRun(body), 'mapRunArn'),
  ListMapRuns: operation(
    { ...PAGE, executionArn: 'string!' },
    (engine, body) => engine.listMapRuns(body),
    'executionArn',
  ),
  TestState: operation(
    {
      definition: 'string!',
      roleArn: 'string',
      input: 'string',
      inspectionLevel: ['INFO', 'DEBUG', 'TRACE'],
      revealSecrets: 'boolean',
      variables: 'string',
      stateName: 'string',
      context: 'string',
      mock: 'object',
      stateConfiguration: 'object',
    },
    (engine, body) => engine.testState(body),
  ),
  ValidateStateMachineDefinition: operation(
    { definition: 'string!', type: TYPES, severity: ['ERROR', 'WARNING'], maxResults: 'number' },
    (engine, body) => engine.validateStateMachineDefinition(body),
  ),
  ListTagsForResource: operation({ resourceArn: 'string!' }, () => ({ tags: [] }), 'resourceArn'),
};
