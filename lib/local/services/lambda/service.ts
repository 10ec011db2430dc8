import { isJsonObject, type Json, type JsonObject, tryOwn } from '../../../asl/language/json.js';
import type { Resource } from '../../../assembly/model.js';
import { DurableStepsError } from '../../../errors.js';
import {
  type Caller,
  type Cloud,
  type CloudService,
  type Invocation,
  type ServiceApi,
  ServiceError,
  type ServiceRequest,
  type ServiceResponse,
} from '../../cloud/service.js';
import { type FunctionConfig, readFunctionConfig } from '../../functions/function-config.js';
import type { LocalFunctions } from '../../functions/local-functions.js';
import { cutSlice } from '../protocol/paging.js';
import { renderRestError } from '../protocol/rest-json.js';
import { OperationsApi, type Protocol } from '../protocol/service-api.js';

/** What the service asks of the cloud beyond {@link Cloud}. */
export interface LambdaCloud extends Cloud {
  readonly functions: LocalFunctions;
  /** Whether a function only serves custom resources, which the local cloud doesn't run. */
  isCustomResourceProvider(functionArn: string): boolean;
}

/** Lambda cuts the log that an invocation returns to its last 4 KiB. */
const LOG_TAIL_BYTES = 4096;

/** A request, and the function that its path names. */
interface FunctionRequest {
  readonly name: string;
  readonly request: ServiceRequest;
}

/** `/2015-03-31/functions/<name>/<action>`. */
const PROTOCOL: Protocol<FunctionRequest, ServiceResponse> = {
  read: (request) => {
    const { method, path } = request;
    const [, , collection, name = '', ...rest] = path.split('/').map(decodeURIComponent);
    const form = `${method} ${collection}${name === '' ? '' : '/*'}${rest.map((one) => `/${one}`).join('')}`;
    return { operation: tryOwn(OPERATIONS, form) ?? `${method} ${path}`, input: { name, request } };
  },
  render: (response) => response,
  renderError: (error) => renderRestError(error, { Type: 'User' }),
};

const OPERATIONS: Readonly<Record<string, string>> = {
  'POST functions/*/invocations': 'Invoke',
  'GET functions': 'ListFunctions',
  'GET functions/*': 'GetFunction',
  'GET functions/*/configuration': 'GetFunctionConfiguration',
};

/** AWS Lambda's API over the function runner: invocations, and reading what functions there are. */
export class LambdaService implements CloudService {
  readonly names = ['lambda'];
  readonly resourceTypes = ['AWS::Lambda::Function', 'AWS::Lambda::EventInvokeConfig'];
  readonly api: ServiceApi;

  constructor(private readonly cloud: LambdaCloud) {
    const ofFunction = ({ name }: FunctionRequest) => ({ resource: this.configOf(name).arn });
    this.api = new OperationsApi<FunctionRequest, ServiceResponse>(cloud, {
      service: 'lambda',
      protocol: PROTOCOL,
      operations: {
        // The runner asks IAM itself, whoever invokes.
        Invoke: { access: 'run', run: (request) => this.invoke(request) },
        ListFunctions: { access: () => ({ resource: '*' }), run: ({ request }) => this.list(request) },
        GetFunction: {
          access: ofFunction,
          run: ({ name }) => json({ Configuration: renderConfig(this.configOf(name)) }),
        },
        GetFunctionConfiguration: { access: ofFunction, run: ({ name }) => json(renderConfig(this.configOf(name))) },
      },
      tasks: { invoke: (parameters, caller) => this.invokeByTask(parameters, caller) },
    });
  }

  deploy(resource: Resource): void {
    if (resource.type === 'AWS::Lambda::EventInvokeConfig') this.deployInvokeConfig(resource);
    else if (!this.cloud.isCustomResourceProvider(resource.attribute('Arn'))) {
      this.cloud.functions.add(readFunctionConfig(resource, this.cloud.assembly));
    }
  }

  remove(resource: Resource): void {
    if (resource.type === 'AWS::Lambda::Function') this.cloud.functions.remove(resource.ref);
    else this.cloud.functions.limitRetries(String(resource.properties['FunctionName']), undefined);
  }

  /** The SDK integration `aws-sdk:lambda:invoke`: the payload goes in as JSON or text and comes back as text. */
  private async invokeByTask(parameters: JsonObject, caller: Caller): Promise<JsonObject> {
    const { FunctionName: name, Payload: payload, ClientContext: context, InvocationType: type } = parameters;
    const options = {
      payload: typeof payload === 'string' ? payload : JSON.stringify(payload ?? {}),
      caller,
      ...(typeof context === 'string' ? { clientContext: context } : {}),
    };
    if (type === 'Event') {
      this.cloud.functions.invokeAsync(String(name), options);
      return { StatusCode: 202 };
    }
    const invocation = await this.cloud.functions.invoke(String(name), options);
    return {
      ExecutedVersion: '$LATEST',
      StatusCode: 200,
      Payload: invocation.payload,
      ...(invocation.functionError === undefined ? {} : { FunctionError: invocation.functionError }),
    };
  }

  private async invoke({ name, request }: FunctionRequest): Promise<ServiceResponse> {
    const { headers, caller } = request;
    const clientContext = headers['x-amz-client-context'];
    const options = {
      payload: request.body.toString('utf8'),
      caller,
      ...(clientContext === undefined ? {} : { clientContext }),
    };
    switch (headers['x-amz-invocation-type'] ?? 'RequestResponse') {
      case 'Event':
        return { status: 202, headers: { 'x-amzn-requestid': this.cloud.functions.invokeAsync(name, options) } };
      case 'DryRun':
        this.cloud.functions.check(name, options);
        return { status: 204 };
      case 'RequestResponse':
        return renderInvocation(await this.cloud.functions.invoke(name, options), headers['x-amz-log-type'] === 'Tail');
      default:
        throw new ServiceError(
          'InvalidParameterValueException',
          `Unknown invocation type: ${headers['x-amz-invocation-type']}`,
        );
    }
  }

  private list({ query }: ServiceRequest): ServiceResponse {
    const limit = Math.min(Number(query.get('MaxItems') ?? 50), 50);
    const { items, next } = cutSlice(this.cloud.functions.configs, { limit, token: query.get('Marker') ?? undefined });
    return json({ Functions: items.map(renderConfig), ...(next === undefined ? {} : { NextMarker: next }) });
  }

  private configOf(name: string): FunctionConfig {
    const config = this.cloud.functions.tryFind(name);
    if (config === undefined) throw new ServiceError('ResourceNotFoundException', `Function not found: ${name}`, 404);
    return config;
  }

  private deployInvokeConfig(resource: Resource): void {
    const { FunctionName: name, MaximumRetryAttempts: attempts, DestinationConfig: destinations } = resource.properties;
    if (destinations !== undefined && isJsonObject(destinations) && Object.keys(destinations).length > 0) {
      throw new DurableStepsError('UnsupportedFunction', {
        where: `${resource.path}.DestinationConfig`,
        expected: 'no destinations',
        got: Object.keys(destinations).join(' and '),
        fix: 'the local cloud delivers failed events to a dead-letter queue only',
      });
    }
    this.cloud.functions.limitRetries(String(name), typeof attempts === 'number' ? attempts : undefined);
  }
}

function renderInvocation(invocation: Invocation, withLog: boolean): ServiceResponse {
  return {
    status: 200,
    headers: {
      'content-type': 'application/json',
      'x-amzn-requestid': invocation.requestId,
      'x-amz-executed-version': '$LATEST',
      ...(invocation.functionError === undefined ? {} : { 'x-amz-function-error': invocation.functionError }),
      ...(withLog ? { 'x-amz-log-result': logTail(invocation) } : {}),
    },
    body: invocation.payload,
  };
}

function logTail({ requestId, log, billedMilliseconds }: Invocation): string {
  const end = `END RequestId: ${requestId}\nREPORT RequestId: ${requestId}\tDuration: ${billedMilliseconds} ms\n`;
  const text = `START RequestId: ${requestId} Version: $LATEST\n${log}${log === '' || log.endsWith('\n') ? '' : '\n'}${end}`;
  return Buffer.from(text).subarray(-LOG_TAIL_BYTES).toString('base64');
}

function renderConfig(config: FunctionConfig): JsonObject {
  return {
    FunctionName: config.name,
    FunctionArn: config.arn,
    Runtime: config.runtime,
    Handler: config.handler,
    Description: config.description,
    Timeout: config.timeoutMilliseconds / 1000,
    MemorySize: config.memoryMegabytes,
    Version: '$LATEST',
    PackageType: 'Zip',
    State: 'Active',
    LastUpdateStatus: 'Successful',
    Environment: { Variables: config.environment },
    ...(config.roleArn === undefined ? {} : { Role: config.roleArn }),
  };
}

function json(body: Json): ServiceResponse {
  return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}
