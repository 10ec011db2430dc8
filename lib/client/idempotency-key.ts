import { DurableStepsError } from '../errors.js';

/** The part of Lambda's context object that is read. */
export interface LambdaContext {
  readonly clientContext?: unknown;
}

/**
 * The idempotency key of an activity's call: instance, step and, in a fan-out, the item. It is the same for every attempt, also after a rewind, and differs
 * between calls. It is printable ASCII, whatever the names. Give it to a service that takes one, such as a payment's, and a repeated attempt does nothing twice.
 *
 * @param context the second argument of the handler
 * @throws DurableStepsError `NoIdempotencyKey` when the function was not called by a workflow
 * @example export const handler = async (order: Order, context: Context) => charge(order, { idempotencyKey: idempotencyKey(context) });
 */
export function idempotencyKey(context: LambdaContext): string {
  const carried = context?.clientContext as { readonly idempotencyKey?: unknown } | null | undefined;
  if (typeof carried?.idempotencyKey === 'string') return carried.idempotencyKey;
  throw new DurableStepsError('NoIdempotencyKey', {
    where: 'idempotencyKey(context)',
    expected: 'a call by a workflow of durable-steps, which sends the key in the client context',
    got: carried === undefined ? 'a call without client context' : JSON.stringify(carried),
    fix: 'pass on the handler’s second argument; in a call of your own, give `ClientContext`',
  });
}
