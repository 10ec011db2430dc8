import { isJsonObject, type Json, type JsonObject } from '../../../asl/language/json.js';
import type { Resource } from '../../../assembly/model.js';
import type { CreateStateMachineRequest } from '../../../engine/model/api.js';
import { ApiError } from '../../../engine/model/api-errors.js';
import { DurableStepsError, LEAVE_OUT_LOCALLY } from '../../../errors.js';
import { type Cloud, type CloudService, ServiceError } from '../../cloud/service.js';
import { awsJson } from '../protocol/aws-json.js';
import { lowerFirst, type Operation, OperationsApi, type TaskAction, upperFirst } from '../protocol/service-api.js';
import { renderAnswer } from './answer.js';
import { type EngineOperation, OPERATIONS } from './operations.js';
import { readStateMachine } from './state-machine.js';

/** What the service asks of the cloud beyond {@link Cloud}. */
export interface StatesCloud extends Cloud {
  /** The state machine which handed a token out. */
  tryTokenOwner(taskToken: string): string | undefined;
}

/**
 * The wire of AWS Step Functions: the template's state machines, and the AWS JSON 1.0 protocol over the engine.
 *
 * Executions are the engine's.
 */
export class StatesService implements CloudService {
  readonly names = ['states'];
  readonly resourceTypes = ['AWS::StepFunctions::Activity', 'AWS::StepFunctions::StateMachine'];
  readonly api: OperationsApi<JsonObject, Json>;
  /** Of the template's state machines, by ARN. */
  private readonly types = new Map<string, string>();

  constructor(private readonly cloud: StatesCloud) {
    const operations = Object.entries(OPERATIONS);
    this.api = new OperationsApi<JsonObject, Json>(cloud, {
      service: 'states',
      protocol: awsJson<Json>('1.0'),
      operations: Object.fromEntries(operations.map(([name, operation]) => [name, this.serve(operation)])),
      tasks: Object.fromEntries(operations.map(([name]) => [lowerFirst(name), this.taskOf(name)])),
    });
  }

  deploy(resource: Resource): void {
    if (resource.type === 'AWS::StepFunctions::Activity') {
      this.cloud.stepFunctions.createActivity({ name: resource.attribute('Name') });
      return;
    }
    const request = readStateMachine(resource, this.cloud.assembly);
    try {
      this.put(request);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      throw new DurableStepsError(
        'UnsupportedStateMachine',
        {
          where: `${resource.path}.Definition`,
          expected: 'a definition that can run here',
          got: `${error.name}: ${error.message}`,
          fix: `mend what AWS refuses too; what the local cloud alone can’t run, ${LEAVE_OUT_LOCALLY}`,
        },
        { cause: error },
      );
    }
  }

  /** Its executions go on with the definition that they began with. */
  remove(resource: Resource): void {
    if (resource.type === 'AWS::StepFunctions::StateMachine') {
      const stateMachineArn = resource.attribute('Arn');
      this.cloud.stepFunctions.deleteStateMachine({ stateMachineArn });
      this.types.delete(stateMachineArn);
    }
  }

  private put(request: CreateStateMachineRequest & { readonly arn: string }): void {
    const { arn, type = 'STANDARD' } = request;
    const { stepFunctions } = this.cloud;
    if (this.types.get(arn) === type) stepFunctions.updateStateMachine({ ...request, stateMachineArn: arn });
    else {
      stepFunctions.deleteStateMachine({ stateMachineArn: arn });
      stepFunctions.createStateMachine(request);
    }
    this.types.set(arn, type);
  }

  private serve({ resource, check, run }: EngineOperation): Operation<JsonObject, Json> {
    return {
      access: (body) => {
        check(body);
        return { resource: this.resourceOf(resource, body) };
      },
      run: async (body) => {
        try {
          return renderAnswer(await run(this.cloud.stepFunctions, body));
        } catch (error) {
          if (error instanceof ApiError) throw new ServiceError(error.name, error.message);
          throw error;
        }
      },
    };
  }

  private resourceOf(members: readonly string[], body: JsonObject): string {
    const member = members.find((name) => typeof body[name] === 'string');
    if (member === undefined) return '*';
    const value = String(body[member]);
    return member === 'taskToken' ? (this.cloud.tryTokenOwner(value) ?? '*') : value;
  }

  /** SDK integrations write members with a capital: `StateMachineArn`. */
  private taskOf(name: string): TaskAction {
    return async (parameters, caller) => {
      const answer = await this.api.perform(name, rename(parameters, lowerFirst), caller);
      return isJsonObject(answer) ? rename(answer, upperFirst) : {};
    };
  }
}

function rename(value: JsonObject, change: (name: string) => string): JsonObject {
  const visit = (item: Json): Json => {
    if (Array.isArray(item)) return item.map(visit);
    return typeof item === 'object' && item !== null ? rename(item as JsonObject, change) : item;
  };
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [change(name), visit(item)]));
}
