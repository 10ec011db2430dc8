import { exactJsonText, tryParseExactJson } from '../../asl/language/exact-json.js';
import { isJsonObject, type Json, type JsonObject, tryOwn, tryParseJson } from '../../asl/language/json.js';
import type { TaskIntegration, TaskPort, TaskRequest, TaskResult } from '../../engine/model/tasks.js';
import type { LocalFunctions } from '../functions/local-functions.js';
import {
  type Access,
  type Caller,
  type CloudService,
  type Invocation,
  type ServiceApi,
  ServiceError,
  type TaskOrigin,
} from './service.js';

type ServiceIntegration = Extract<TaskIntegration, { readonly kind: 'service' }>;

/** What the port needs of the cloud. */
export interface TaskSurroundings {
  readonly functions: LocalFunctions;
  tryService(name: string): CloudService | undefined;
  /** Throws a {@link ServiceError} for a call that the caller's role doesn't allow. */
  authorize(access: Access): void;
  /** The state machine which handed a token out. */
  tryTokenOwner(taskToken: string): string | undefined;
  /** The identity of a state machine's calls. */
  callerOf(execution: TaskRequest['execution']): Caller;
  /** A callback token was handed out on behalf of a state machine. */
  noteToken(taskToken: string, stateMachineArn: string): void;
}

/** The parameters of `lambda:invoke`. */
const INVOKE_PARAMETERS = new Set([
  'FunctionName',
  'Payload',
  'ClientContext',
  'InvocationType',
  'Qualifier',
  'LogType',
]);

/** Optimised integrations whose name isn't the signing name of their service. */
const SERVICE_NAMES: Readonly<Record<string, string>> = {
  sfn: 'states',
  eventbridge: 'events',
  cloudwatchevents: 'events',
};

/** How Step Functions writes a service in front of an error's name. @default - the service's name with a capital */
const ERROR_PREFIXES: Readonly<Record<string, string>> = {
  dynamodb: 'DynamoDB',
  sqs: 'SQS',
  sns: 'SNS',
  events: 'EventBridge',
  states: 'StepFunctions',
  'sdk:dynamodb': 'DynamoDb',
  'sdk:eventbridge': 'EventBridge',
  'sdk:sesv2': 'SesV2',
  'sdk:cloudwatchlogs': 'CloudWatchLogs',
};

/** The exception class of a whole service, in optimised integrations. */
const GENERAL_EXCEPTIONS: Readonly<Record<string, string>> = {
  dynamodb: 'AmazonDynamoDBException',
  sqs: 'AmazonSQSException',
  sns: 'AmazonSNSException',
  events: 'AmazonEventBridgeException',
  states: 'AWSStepFunctionsException',
};

/**
 * Does the tasks of state machines: Lambda functions by the runner, everything else by the service of its name, each call under the state machine's role.
 */
export class LocalTaskPort implements TaskPort {
  constructor(private readonly surroundings: TaskSurroundings) {}

  supports(integration: TaskIntegration): string | undefined {
    switch (integration.kind) {
      case 'activity':
        return undefined;
      case 'lambda':
        return this.surroundings.functions.tryFind(integration.functionArn) === undefined
          ? `no function of this app has the ARN ${integration.functionArn}`
          : undefined;
      case 'service':
        return this.supportsService(integration);
    }
  }

  /** Nested executions are the engine's own; whether the role may start them is decided here. */
  denial({ integration, parameters, execution }: TaskRequest): TaskResult | undefined {
    if (integration.kind !== 'service') return undefined;
    const action = `states:${capitalise(integration.action)}`;
    const caller = this.surroundings.callerOf(execution);
    try {
      this.surroundings.authorize({ caller, action, resource: this.sfnResource(parameters) });
      return undefined;
    } catch (error) {
      return serviceFailure(error, integration);
    }
  }

  async run(request: TaskRequest): Promise<TaskResult> {
    const { integration, execution, taskToken } = request;
    if (taskToken !== undefined) this.surroundings.noteToken(taskToken, execution.stateMachineArn);
    const caller = this.surroundings.callerOf(execution);
    switch (integration.kind) {
      case 'activity':
        return { error: 'States.Runtime', cause: 'Activities are done by their workers.' };
      case 'lambda':
        return this.invokeByArn(integration.functionArn, request, caller);
      case 'service':
        return isOptimisedInvoke(integration)
          ? this.invoke(request, caller)
          : this.callService(integration, request.parameters, caller);
    }
  }

  private supportsService(integration: ServiceIntegration): string | undefined {
    const { service, action, sdk, pattern } = integration;
    const name = `${sdk ? 'aws-sdk:' : ''}${service}:${action}`;
    if (pattern === 'sync' || pattern === 'sync:2') return `the local cloud doesn't run ${name}.${pattern}`;
    if (isOptimisedInvoke(integration)) return undefined;
    const target = this.apiOf(integration);
    return target === undefined ? `the local cloud has no service for ${name}` : target.supports(action);
  }

  private async invokeByArn(functionArn: string, request: TaskRequest, caller: Caller): Promise<TaskResult> {
    return lambdaResult(
      () =>
        this.surroundings.functions.invoke(functionArn, {
          payload: exactJsonText(request.parameters),
          caller,
          task: originOf(request),
        }),
      (invocation) => parsePayload(invocation),
    );
  }

  private async invoke(request: TaskRequest, caller: Caller): Promise<TaskResult> {
    const given = isJsonObject(request.parameters) ? request.parameters : {};
    const unknown = Object.keys(given).find((name) => !INVOKE_PARAMETERS.has(name));
    if (unknown !== undefined) return runtimeError(`The field "${unknown}" is not supported by lambda:invoke.`);
    const function_ = given['FunctionName'];
    if (typeof function_ !== 'string')
      return runtimeError('The field "FunctionName" of lambda:invoke must be a string.');
    const clientContext = given['ClientContext'];
    const options = {
      payload: exactJsonText(given['Payload'] === undefined ? {} : given['Payload']),
      caller,
      task: originOf(request),
      ...(typeof clientContext === 'string' ? { clientContext } : {}),
    };
    if (given['InvocationType'] === 'Event') {
      return lambdaResult(
        async () => ({ requestId: this.surroundings.functions.invokeAsync(function_, options), payload: '' }),
        ({ requestId }) => envelope(requestId, 202, undefined),
      );
    }
    return lambdaResult(
      () => this.surroundings.functions.invoke(function_, options),
      (invocation) => envelope(invocation.requestId, 200, parsePayload(invocation)),
    );
  }

  private async callService(integration: ServiceIntegration, parameters: Json, caller: Caller): Promise<TaskResult> {
    const { service, action } = integration;
    const target = this.apiOf(integration);
    try {
      if (target === undefined) throw new ServiceError('UnsupportedOperationException', `No service for ${service}.`);
      return { output: await target.call(action, isJsonObject(parameters) ? parameters : {}, caller) };
    } catch (error) {
      return serviceFailure(error, integration);
    }
  }

  private sfnResource(parameters: Json): string {
    const given = isJsonObject(parameters) ? parameters : {};
    const { TaskToken: token, StateMachineArn: machine, ExecutionArn: execution } = given;
    const owner = typeof token === 'string' ? this.surroundings.tryTokenOwner(token) : undefined;
    const named = [owner, machine, execution].find((arn) => typeof arn === 'string');
    return typeof named === 'string' ? named : '*';
  }

  private apiOf({ service }: ServiceIntegration): ServiceApi | undefined {
    return this.surroundings.tryService(tryOwn(SERVICE_NAMES, service) ?? service)?.api;
  }
}

function originOf({ execution, state, attempt }: TaskRequest): TaskOrigin {
  return { executionArn: execution.arn, state, attempt };
}

function isOptimisedInvoke({ service, action, sdk }: ServiceIntegration): boolean {
  return service === 'lambda' && action === 'invoke' && !sdk;
}

/** A service's refusal as the workflow's error. Anything else is a defect of the local cloud. */
function serviceFailure(error: unknown, { service, sdk }: ServiceIntegration): TaskResult {
  if (!(error instanceof ServiceError)) throw error;
  const prefix = tryOwn(ERROR_PREFIXES, sdk ? `sdk:${service}` : service) ?? capitalise(service);
  // Step Functions names a denial by the exception class of the whole service.
  const general = sdk ? `${prefix}Exception` : (tryOwn(GENERAL_EXCEPTIONS, service) ?? `${prefix}Exception`);
  const name = error.name === 'AccessDeniedException' ? general : exceptionName(error.name);
  return { error: `${prefix}.${name}`, cause: causeOf(error, prefix) };
}

/** A function's failure is its own error; a failure to call it is Lambda's. */
async function lambdaResult<T extends Pick<Invocation, 'payload' | 'functionError'>>(
  call: () => Promise<T>,
  render: (invocation: T) => Json,
): Promise<TaskResult> {
  try {
    const invocation = await call();
    return invocation.functionError === undefined
      ? { output: render(invocation) }
      : functionFailure(invocation.payload);
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    // Step Functions reports a denied call as a fault of Lambda's.
    const name = error.name === 'AccessDeniedException' ? 'AWSLambdaException' : error.name;
    return { error: `Lambda.${name}`, cause: causeOf(error, 'AWSLambda') };
  }
}

function functionFailure(payload: string): TaskResult {
  const error = tryParseJson(payload);
  const type = isJsonObject(error) ? error['errorType'] : undefined;
  return { error: typeof type === 'string' && type !== '' ? type : 'Lambda.Unknown', cause: payload };
}

function parsePayload({ payload }: Pick<Invocation, 'payload'>): Json {
  return tryParseExactJson(payload) ?? null;
}

/** The whole result of `lambda:invoke`, as Step Functions gives it. */
function envelope(requestId: string, status: number, payload: Json | undefined): JsonObject {
  const headers = { 'X-Amz-Executed-Version': '$LATEST', 'x-amzn-RequestId': requestId };
  return {
    ExecutedVersion: '$LATEST',
    ...(payload === undefined ? {} : { Payload: payload }),
    SdkHttpMetadata: {
      AllHttpHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
      HttpHeaders: headers,
      HttpStatusCode: status,
    },
    SdkResponseMetadata: { RequestId: requestId },
    StatusCode: status,
  };
}

function causeOf(error: ServiceError, service: string): string {
  return `${error.message} (Service: ${service}; Status Code: ${error.status}; Error Code: ${error.name})`;
}

function exceptionName(name: string): string {
  return /(Exception|Error|Fault)$/.test(name) ? name : `${name}Exception`;
}

function runtimeError(cause: string): TaskResult {
  return { error: 'States.Runtime', cause };
}

function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
