import { isJsonObject, type Json } from '../../asl/language/json.js';

/** The status that an UpdateItem on the hub's record writes: JSON text behind `customStatus`. */
export function customStatusOf(parameters: Json): string | undefined {
  if (!isJsonObject(parameters)) return undefined;
  const { UpdateExpression: expression, ExpressionAttributeValues: values } = parameters;
  const placeholder = typeof expression === 'string' ? /\bcustomStatus\s*=\s*(:\w+)/.exec(expression)?.[1] : undefined;
  if (placeholder === undefined || !isJsonObject(values)) return undefined;
  const value = values[placeholder];
  return isJsonObject(value) && typeof value['S'] === 'string' ? value['S'] : undefined;
}
