import { type JsonObject, tryOwn } from '../../../asl/language/json.js';
import {
  type Access,
  type Caller,
  type Cloud,
  type ServiceApi,
  ServiceError,
  type ServiceRequest,
  type ServiceResponse,
} from '../../cloud/service.js';

/** What IAM checks before an operation runs. */
export interface NeededGrant extends Pick<Access, 'resource' | 'context'> {
  /** The action after the service's prefix. @default - the operation's name */
  readonly action?: string;
}

/** One operation of a service's API: whom it lets in, and what it does. A wrong request is a thrown {@link ServiceError}. */
export interface Operation<Input, Output> {
  /**
   * The grants that the caller needs, all of them. It may refuse a request that names nothing.
   * `'run'`: the operation asks by itself, because what it touches shows only on the way.
   */
  readonly access: ((input: Input) => NeededGrant | readonly NeededGrant[]) | 'run';
  run(input: Input, caller: Caller): Output | Promise<Output>;
}

/** The operations of an API by their names, for example `PutItem`. */
export type Operations<Input = JsonObject, Output = JsonObject> = Readonly<Record<string, Operation<Input, Output>>>;

/** An action of a state machine's tasks. */
export type TaskAction = (parameters: JsonObject, caller: Caller) => JsonObject | Promise<JsonObject>;

/** How an API travels in HTTP. */
export interface Protocol<Input, Output> {
  /** The operation that a request asks for, and what it gives to it. */
  read(request: ServiceRequest): { readonly operation: string; readonly input: Input };
  render(output: Output, operation: string, request: ServiceRequest): ServiceResponse;
  renderError(error: ServiceError, request: ServiceRequest): ServiceResponse;
}

/** What an {@link OperationsApi} is made of. */
export interface OperationsApiProps<Input, Output> {
  /** The prefix of its IAM actions, for example `dynamodb`. */
  readonly service: string;
  readonly protocol: Protocol<Input, Output>;
  readonly operations: Operations<Input, Output>;
  /** What state machines can call, by the action in camelCase. @default - nothing */
  readonly tasks?: Readonly<Record<string, TaskAction>>;
}

/**
 * The API of a service as a table of operations: finds the operation, asks IAM, runs it, and renders what came of it.
 *
 * A new operation is one entry of the table. One that isn't there is refused by its name.
 *
 * @example
 * const api = new OperationsApi(cloud, {
 *   service: 'sqs',
 *   protocol: awsJson('1.0'),
 *   operations: { PurgeQueue: { access: (body) => ({ resource: arnOf(body) }), run: (body) => purge(body) } },
 * });
 */
export class OperationsApi<Input = JsonObject, Output = JsonObject> implements ServiceApi {
  constructor(
    private readonly cloud: Cloud,
    private readonly props: OperationsApiProps<Input, Output>,
  ) {}

  async answer(request: ServiceRequest): Promise<ServiceResponse> {
    const { operation, input } = this.props.protocol.read(request);
    return this.props.protocol.render(await this.perform(operation, input, request.caller), operation, request);
  }

  renderError(error: ServiceError, request: ServiceRequest): ServiceResponse {
    return this.props.protocol.renderError(error, request);
  }

  supports(action: string): string | undefined {
    const { service, tasks = {} } = this.props;
    return tryOwn(tasks, action) === undefined ? `the local cloud doesn't run ${service}:${action}` : undefined;
  }

  async call(action: string, parameters: JsonObject, caller: Caller): Promise<JsonObject> {
    const task = tryOwn(this.props.tasks ?? {}, action);
    if (task === undefined) throw unsupportedOperation(this.props.service, action);
    return task(parameters, caller);
  }

  /** Does one operation for a caller who has the grants. Throws a {@link ServiceError}. */
  async perform(name: string, input: Input, caller: Caller): Promise<Output> {
    const { service, operations } = this.props;
    const operation = tryOwn(operations, name);
    if (operation === undefined) throw unsupportedOperation(service, name);
    const grants = operation.access === 'run' ? [] : [operation.access(input)].flat();
    for (const { action = name, ...access } of grants) {
      this.cloud.authorize({ caller, action: `${service}:${action}`, ...access });
    }
    return operation.run(input, caller);
  }
}

/** The protocol of a service that speaks several, by the request. */
export function choose<Input, Output>(
  protocolOf: (request: ServiceRequest) => Protocol<Input, Output>,
): Protocol<Input, Output> {
  return {
    read: (request) => protocolOf(request).read(request),
    render: (output, operation, request) => protocolOf(request).render(output, operation, request),
    renderError: (error, request) => protocolOf(request).renderError(error, request),
  };
}

/** What a service answers for an operation of its API that the local cloud doesn't have. */
export function unsupportedOperation(service: string, operation: string): ServiceError {
  return new ServiceError('UnsupportedOperationException', `The local cloud doesn't support ${service}:${operation}.`);
}

/** An operation's name from a task's action: `putItem` → `PutItem`. */
export function upperFirst(action: string): string {
  return action.charAt(0).toUpperCase() + action.slice(1);
}

/** A task's action from an operation's name: `PutItem` → `putItem`. */
export function lowerFirst(operation: string): string {
  return operation.charAt(0).toLowerCase() + operation.slice(1);
}
