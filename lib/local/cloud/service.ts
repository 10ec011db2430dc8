/**
 * The seam between the local cloud and the AWS services it runs.
 *
 * The cloud owns the port, the callers' identities, the order of deployment and the shutdown. A service owns the resources of its types, their state,
 * and the operations of its API. Services meet only through {@link Cloud}; they are listed in `services.ts`.
 *
 * Invariants:
 * 1. `deploy` sees each resource of the service's `resourceTypes` once, before any request, and again whenever another version of it comes; it refuses
 *    (throws a `DurableStepsError`) what it can't run. What is unchanged isn't told again, and what was stored stays.
 * 2. `start` runs after every resource of every service is deployed, at first and after each update: what needs others (event sources, schedules) begins
 *    there, if it hasn't begun.
 * 3. A service reads time only from `cloud.clock`, and wraps asynchronous work in `clock.track` so that virtual time waits for it.
 */

import type { Json, JsonObject } from '../../asl/language/json.js';
import type { Assembly, Resource } from '../../assembly/model.js';
import type { Clock } from '../../clock.js';
import type { ObjectStore } from '../../engine/model/objects.js';
import type { StepFunctions } from '../../engine/service/step-functions.js';

/** Who makes a call. */
export interface Caller {
  /** A developer is whoever calls from outside the template: an AWS CLI, a test, a browser. A developer may do everything. */
  readonly kind: 'developer' | 'function' | 'state-machine' | 'service';
  /** The construct path of the function or state machine; the service principal of a service; `developer`. */
  readonly name: string;
  /** The role whose policies decide. @default - none: everything is allowed */
  readonly roleArn?: string;
}

/** Whoever calls from outside the template. */
export const DEVELOPER: Caller = { kind: 'developer', name: 'developer' };

/** One HTTP request of an AWS client, already attributed to a service and a caller. */
export interface ServiceRequest {
  /** The signing name, for example `dynamodb`, `states`, `ses`; for a page its first path segment. */
  readonly service: string;
  readonly region: string;
  readonly method: string;
  /** The path as sent, still percent-encoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly caller: Caller;
}

/** The answer to a {@link ServiceRequest}. */
export interface ServiceResponse {
  readonly status: number;
  /** A list sends the header several times (cookies). */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | Buffer;
  /**
   * Instead of a body: writes piece by piece until the client goes, when the returned function is called.
   *
   * @default - the body
   */
  readonly stream?: (write: (text: string) => void) => () => void;
}

/** Answers requests that no AWS client signs. */
export type PageHandler = (request: ServiceRequest) => Promise<ServiceResponse>;

/** What AWS clients and the tasks of state machines can ask of a service; made of a table of operations (`protocol/service-api.ts`). */
export interface ServiceApi {
  /** Answers an AWS client. Throws a {@link ServiceError}, which `renderError` renders. */
  answer(request: ServiceRequest): Promise<ServiceResponse>;
  /** An error in this service's protocol. */
  renderError(error: ServiceError, request: ServiceRequest): ServiceResponse;
  /** Why `call` can't do an action, or undefined when it can; asked when the template loads. */
  supports(action: string): string | undefined;
  /**
   * Does a state machine's optimised or SDK integration: the action in camelCase, parameters and result as the integration takes and gives them.
   * A {@link ServiceError} becomes the task's error, prefixed as Step Functions prefixes it.
   */
  call(action: string, parameters: JsonObject, caller: Caller): Promise<JsonObject>;
}

/** An AWS service inside the local cloud. */
export interface CloudService {
  /** The signing names it answers to, which are also the service names of `arn:aws:states:::…` integrations: `dynamodb`; `sesv2` and `ses`. */
  readonly names: readonly string[];
  /** The CloudFormation types it runs. @default - none */
  readonly resourceTypes?: readonly string[];
  /**
   * Takes one resource of the template, a new one or a new version of the one in the same {@link slotOf slot}.
   * Throws a `DurableStepsError` naming the resource and the property for what it can't run.
   */
  deploy?(resource: Resource): void | Promise<void>;
  /** Lets go of a resource that the template no longer has. What is stored in it is out of reach, and back with the resource. */
  remove?(resource: Resource): void;
  /** Everything is deployed, at first or anew: begin to act on events and on the clock where that hasn't begun. */
  start?(): void | Promise<void>;
  /** What AWS clients and state machines can ask of it. @default - nothing: what it has comes from the template */
  readonly api?: ServiceApi;
  /** HTTP paths that no AWS client signs, by first segment, for example `apis` or `mailbox`. */
  readonly pages?: Readonly<Record<string, PageHandler>>;
  /** Amazon S3 gives the engine its buckets here, for a distributed Map's `ItemReader` and `ResultWriter`. */
  readonly objectStore?: ObjectStore;
  close?(): void | Promise<void>;
}

/** An error that an AWS service answers with: data for the client, never a bug of the local cloud. */
export class ServiceError extends Error {
  constructor(
    /** The exception's name, for example `ResourceNotFoundException`. */
    override readonly name: string,
    message: string,
    /** @default 400 */
    readonly status: number = 400,
    /** More members of the error's body. */
    readonly members: JsonObject = {},
  ) {
    super(message);
  }
}

/** One call that an IAM policy allows or denies. */
export interface Access {
  readonly caller: Caller;
  /** For example `dynamodb:PutItem`. */
  readonly action: string;
  /** The ARN it acts on, or `*` for actions without a resource. */
  readonly resource: string;
  /** Condition keys of this call that no other member tells, for example `dynamodb:LeadingKeys` or `aws:SourceArn`. @default - none */
  readonly context?: Readonly<Record<string, string | readonly string[]>>;
}

/** How a function is invoked. */
export interface InvokeOptions {
  /** The event as JSON text. @default - `{}` */
  readonly payload?: string;
  /** Base64 of a JSON object, as the Invoke API takes it. */
  readonly clientContext?: string;
  /** Who asks; checked for `lambda:InvokeFunction`. @default - a service of the cloud, which is allowed */
  readonly caller?: Caller;
  /** Told to those who listen to calls. @default - no task: an event, an HTTP request, a developer */
  readonly task?: TaskOrigin;
}

/** The task on whose behalf a function runs. */
export interface TaskOrigin {
  readonly executionArn: string;
  readonly state: string;
  /** 1 for the first attempt. */
  readonly attempt: number;
}

/** What one invocation gave. */
export interface Invocation {
  readonly requestId: string;
  /** The result, or the error object `{ errorType, errorMessage, trace }`, as JSON text. */
  readonly payload: string;
  /** Set when the function failed. */
  readonly functionError?: 'Unhandled' | 'Handled';
  /** What the function printed. */
  readonly log: string;
  readonly billedMilliseconds: number;
}

/** The functions of the template. */
export interface Functions {
  /** Invokes and waits. Throws a {@link ServiceError} (`ResourceNotFoundException`, `TooManyRequestsException`, …) when the function can't be called at all. */
  invoke(function_: string, options?: InvokeOptions): Promise<Invocation>;
  /** Accepts an asynchronous invocation: two retries, after 1 and 2 minutes on the clock. Returns the request id. */
  invokeAsync(function_: string, options?: InvokeOptions): string;
}

/** What the local cloud offers its services. */
export interface Cloud {
  readonly clock: Clock;
  /** `http://127.0.0.1:<port>`, no trailing slash. */
  readonly endpoint: string;
  readonly partition: string;
  readonly region: string;
  readonly accountId: string;
  readonly assembly: Assembly;
  readonly functions: Functions;
  readonly stepFunctions: StepFunctions;
  /** Throws a {@link ServiceError} `AccessDeniedException` naming the missing grant when the caller's role doesn't allow the call. */
  authorize(access: Access): void;
  /** The service with this signing name. */
  tryService(name: string): CloudService | undefined;
  /** Tells the person at the terminal, for example that a mail arrived. */
  notify(line: string): void;
  /** Reports something that went wrong where no caller waits for an answer, for example a delivery that failed for good. */
  warn(line: string): void;
}

/** Makes a service; `cloud` must not be used before `deploy`, but for storing it. */
export type ServiceFactory = (cloud: Cloud) => CloudService;

/** What a resource is called in its app, whatever it is named on AWS: two versions of one resource have the same. */
export function slotOf({ stack, logicalId }: Resource): string {
  return `${stack.path}/${logicalId}`;
}

/** An AWS JSON answer. */
export function renderJson(body: Json, status = 200, contentType = 'application/x-amz-json-1.0'): ServiceResponse {
  return { status, headers: { 'content-type': contentType }, body: JSON.stringify(body) };
}
