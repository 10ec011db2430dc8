import { isJsonObject, type Json } from '../../../lib/asl/language/json.js';
import type { Scenario } from '../scenario.js';

export const periodicTask: readonly Scenario[] = [
  {
    fact: 'the periodic task shows its counter, and is stopped with a reason',
    orchestrations: ['PeriodicTask/PeriodicTask'],
    run: async (cloud) => {
      const api = await cloud.api('Api/Api/HttpApi');
      const instance = `${api}/instances/the-periodic-task`;
      const read = async (): Promise<Json> => (await (await fetch(instance)).json()) as Json;
      const started = await fetch(`${api}/orchestrations/periodic-task/the-periodic-task`, { method: 'POST' });
      await cloud.until('a round of the periodic task', 60, async () => {
        const body = await read();
        return isJsonObject(body) && isJsonObject(body['customStatus']) ? true : undefined;
      });
      const terminated = await fetch(`${instance}/terminate?reason=enough`, { method: 'POST' });
      const { output, customStatus } = await cloud.until('its end', 60, async () => {
        const body = await read();
        return isJsonObject(body) && body['runtimeStatus'] === 'Terminated' ? body : undefined;
      });
      return [started.status, terminated.status, output ?? null, customStatus ?? null];
    },
    expected: [202, 202, 'enough', { timesRun: 1 }],
  },
];
