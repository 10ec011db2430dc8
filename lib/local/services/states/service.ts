import { type Json, type JsonObject, tryOwn } from '../../../asl/language/json.js';
import type { Resource } from '../../../assembly/model.js';
import { ApiError } from '../../../engine/model/api-errors.js';
import { DurableStepsError } from '../../../errors.js';
import {
  type Caller,
  type Cloud,
  type CloudService,
  renderJson,
  ServiceError,
  type ServiceRequest,
  type ServiceResponse,
} from '../../cloud/service.js';
import { readJsonBody, readOperation, unsupportedOperation, upperFirst } from '../protocol/aws-json.js';
import { OPERATIONS } from './operations.js';
import { readStateMachine } from './state-machine.js';
import { checkShape, renderAnswer } from './wire.js';

/** Operations that name a task token: IAM checks them against the state machine that waits. */
const TOKEN_OPERATIONS = new Set(['SendTaskSuccess', 'SendTaskFailure', 'SendTaskHeartbeat']);

/** What the service asks of the cloud beyond {@link Cloud}. */
export interface StatesCloud extends Cloud {
  /** The state machine which handed a token out. */
  tryTokenOwner(taskToken: string): string | undefined;
}

/**
 * The wire of AWS Step Functions: the template's state machines, and the AWS JSON 1.0 protocol over the engine.
 *
 * Owns no state: executions are the engine's.
 */
export class StatesService implements CloudService {
  readonly names = ['states'];
  readonly resourceTypes = ['AWS::StepFunctions::Activity', 'AWS::StepFunctions::StateMachine'];

  constructor(private readonly cloud: StatesCloud) {}

  deploy(resource: Resource): void {
    if (resource.type === 'AWS::StepFunctions::Activity') {
      this.cloud.stepFunctions.createActivity({ name: resource.attribute('Name') });
      return;
    }
    const request = readStateMachine(resource, this.cloud.assembly);
    try {
      this.cloud.stepFunctions.createStateMachine(request);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      throw new DurableStepsError(
        'UnsupportedStateMachine',
        {
          where: `${resource.path}.Definition`,
          expected: 'a definition that can run here',
          got: `${error.name}: ${error.message}`,
        },
        { cause: error },
      );
    }
  }

  async handle(request: ServiceRequest): Promise<ServiceResponse> {
    return renderJson(await this.perform(readOperation(request), readJsonBody(request), request.caller));
  }

  supports(action: string): string | undefined {
    return tryOwn(OPERATIONS, upperFirst(action)) === undefined
      ? `the local cloud doesn't run aws-sdk:sfn:${action}`
      : undefined;
  }

  /** SDK integrations write members with a capital: `StateMachineArn`. */
  async call(action: string, parameters: JsonObject, caller: Caller): Promise<JsonObject> {
    const answer = await this.perform(upperFirst(action), rename(parameters, lowerFirst), caller);
    return rename(answer as JsonObject, upperFirst);
  }

  private async perform(name: string, body: JsonObject, caller: Caller): Promise<Json> {
    const operation = tryOwn(OPERATIONS, name);
    if (operation === undefined) throw unsupportedOperation('states', name);
    checkShape(body, operation.shape);
    const resource = TOKEN_OPERATIONS.has(name)
      ? this.cloud.tryTokenOwner(String(body['taskToken']))
      : operation.resource?.(body);
    this.cloud.authorize({ caller, action: `states:${name}`, resource: resource ?? '*' });
    try {
      // The shape has been checked, which is what the engine's request types ask for.
      return renderAnswer(await operation.run(this.cloud.stepFunctions, body as never));
    } catch (error) {
      if (error instanceof ApiError) throw new ServiceError(error.name, error.message);
      throw error;
    }
  }
}

function rename(value: JsonObject, change: (name: string) => string): JsonObject {
  const visit = (item: Json): Json => {
    if (Array.isArray(item)) return item.map(visit);
    return typeof item === 'object' && item !== null ? rename(item as JsonObject, change) : item;
  };
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [change(name), visit(item)]));
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
