import { DurableStepsError, type ErrorCode, type ErrorDetails } from '../errors.js';

/** Why the hub refuses a request, with the HTTP status that says so. */
export const HUB_ERRORS = {
  InvalidJson: 400,
  InvalidRequest: 400,
  NoSubject: 403,
  InstanceNotFound: 404,
  OrchestrationNotFound: 404,
  RouteNotFound: 404,
  MethodNotAllowed: 405,
  InstanceInUse: 409,
  InstanceNotFinished: 409,
  NotRewindable: 409,
  InstanceFinished: 410,
  PayloadTooLarge: 413,
  InboxFull: 429,
  Throttled: 429,
  HubUnavailable: 503,
} as const satisfies Partial<Readonly<Record<ErrorCode, number>>>;

/** A code of {@link HUB_ERRORS}. */
export type HubErrorCode = keyof typeof HUB_ERRORS;

/** The error by which the hub's logic refuses a request. */
export function hubError(code: HubErrorCode, details: ErrorDetails, options?: ErrorOptions): DurableStepsError {
  return new DurableStepsError(code, details, options);
}

/** The HTTP status of an error of {@link hubError}; undefined for every other. */
export function tryHttpStatus(error: unknown): number | undefined {
  return error instanceof DurableStepsError && error.code in HUB_ERRORS
    ? HUB_ERRORS[error.code as HubErrorCode]
    : undefined;
}

/** No instance has that id. */
export function instanceNotFound(instanceId: string): DurableStepsError {
  return hubError('InstanceNotFound', {
    where: 'instanceId',
    expected: 'the id of an instance of this hub',
    got: quote(instanceId),
  });
}

/** Too many others are at the same instance; trying again later helps. */
export function busy(instanceId: string): DurableStepsError {
  return hubError('HubUnavailable', {
    where: 'instanceId',
    expected: 'an instance that few change at once',
    got: `${quote(instanceId)}, which others kept changing meanwhile`,
    fix: 'try again',
  });
}

/** A request's text for a message: short and on one line. */
export function quote(text: string): string {
  const shown = text.length > 80 ? `${text.slice(0, 80)}…` : text;
  return `\`${shown.replace(/\p{Cc}/gu, ' ')}\``;
}

/** An AWS error's name, which is its code. */
export function errorName(error: unknown): string {
  return error instanceof Error ? error.name : '';
}

const THROTTLED = /Throttl|TooManyRequests|LimitExceeded|ProvisionedThroughput/;
const CUT = /^(TimeoutError|NetworkingError|ECONN\w+|EPIPE|ETIMEDOUT|EAI_AGAIN)$/;

/** Whether AWS takes no more requests just now. */
export function isThrottled(error: unknown): boolean {
  return THROTTLED.test(errorName(error));
}

/** Whether the request is known to have had no effect: it was throttled, denied or invalid, or the orchestration isn't there. */
export function isRefusal(error: unknown): boolean {
  if (error instanceof DurableStepsError) return error.code === 'OrchestrationNotFound';
  const { $metadata } = (error ?? {}) as { readonly $metadata?: { readonly httpStatusCode?: number } };
  const status = $metadata?.httpStatusCode ?? 0;
  return isThrottled(error) || (status >= 400 && status < 500);
}

/** Whether the same request may well succeed a moment later: the hub is busy, AWS throttles or failed inside, or the answer was lost. */
export function isTransient(error: unknown): boolean {
  if (error instanceof DurableStepsError) return error.code === 'HubUnavailable';
  if (isThrottled(error)) return true;
  const { code, $metadata } = (error ?? {}) as {
    readonly code?: unknown;
    readonly $metadata?: { readonly httpStatusCode?: number };
  };
  return CUT.test(errorName(error)) || CUT.test(String(code)) || ($metadata?.httpStatusCode ?? 0) >= 500;
}
