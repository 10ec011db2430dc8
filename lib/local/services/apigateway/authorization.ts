import type { JsonObject } from '../../../asl/language/json.js';

/** A request that may pass, with what the function is told about its caller as `requestContext.authorizer`. */
export interface Authorized {
  readonly context?: JsonObject;
}
