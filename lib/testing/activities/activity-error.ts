import { ServiceError } from '../../local/cloud/service.js';
import type { HandlerError, WorkerOutcome } from '../../local/functions/worker.js';

/**
 * What an injected failure is: a thrown `Error` (its name becomes the error's name in Retry and Catch), a name with a message, or the name alone. A name that begins with
 * `Lambda.` is a fault of Lambda's own instead, such as `Lambda.TooManyRequestsException`: the function isn't reached.
 */
export type InjectedError = Error | { readonly name: string; readonly message?: string } | string;

/** The outcome of a call that fails so. Throws, as the runner does, when the function is not to be reached at all. */
export function failWith(error: InjectedError): WorkerOutcome {
  const { name, message = 'injected by the test' } = typeof error === 'string' ? { name: error } : error;
  if (name.startsWith('Lambda.')) throw new ServiceError(name.slice('Lambda.'.length), message, 429);
  return { error: renderError(name, message, error) };
}

/** The error of a stub that threw, as Lambda renders it. */
export function stubFailure(thrown: unknown): WorkerOutcome {
  if (thrown instanceof Error) return failWith(thrown);
  // jest's sandbox has an Error class of its own.
  if (typeof thrown === 'object' && thrown !== null && 'name' in thrown && 'message' in thrown) {
    return failWith({ name: String(thrown.name), message: String(thrown.message) });
  }
  return { error: { errorType: typeof thrown, errorMessage: String(thrown), trace: [] } };
}

function renderError(errorType: string, errorMessage: string, error: InjectedError): HandlerError {
  const stack = typeof error === 'object' && 'stack' in error ? error.stack : undefined;
  return { errorType, errorMessage, trace: (stack ?? `${errorType}: ${errorMessage}`).split('\n') };
}
