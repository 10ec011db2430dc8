import type { Json, JsonObject } from '../../asl/language/json.js';

/** `Map.Item` of the context object. */
export interface MapItemContext extends JsonObject {
  readonly Index: number;
  readonly Value: Json;
}
