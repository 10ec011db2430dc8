import { isJsonObject, type Json } from '../../../lib/asl/language/json.js';
import type { Cloud } from '../cloud.js';

/** Starts an instance through the demos' API. @returns where its status is */
export async function start(cloud: Cloud, orchestration: string, id: string, input: Json): Promise<string> {
  const api = await cloud.api('Api/Api/HttpApi');
  const answer = await fetch(`${api}/orchestrations/${orchestration}/${id}`, {
    method: 'POST',
    body: JSON.stringify(input),
  });
  if (answer.status !== 202) throw new Error(`start: ${answer.status} ${await answer.text()}`);
  return `${api}/instances/${id}`;
}

/** Raises an event for an instance. */
export async function raiseEvent(statusUrl: string, name: string, payload: Json): Promise<void> {
  const answer = await fetch(`${statusUrl}/raiseEvent/${name}`, { method: 'POST', body: JSON.stringify(payload) });
  if (answer.status !== 202) throw new Error(`raiseEvent: ${answer.status} ${await answer.text()}`);
}

/** The status of an instance once it has finished. */
export function ended(cloud: Cloud, statusUrl: string): Promise<Readonly<Record<string, Json | undefined>>> {
  return cloud.until(`${statusUrl} to end`, 60, async () => {
    const answer = await fetch(statusUrl);
    const body = (await answer.json()) as Json;
    return answer.status === 200 && isJsonObject(body) ? body : undefined;
  });
}
