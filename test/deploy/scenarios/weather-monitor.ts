import { handler as getWeather } from '../../../lambda/weather/get-weather.js';
import type { Scenario } from '../scenario.js';

/** The place with the clearest sky right now; in real time nobody waits for clouds to go. */
async function clearestCity(): Promise<string> {
  const reports = await Promise.all([...'ABCDEFGHIJKL'].map((city) => getWeather({ city })));
  return reports.sort((one, other) => one.clouds - other.clouds)[0]!.city;
}

export const weatherMonitor: readonly Scenario[] = [
  {
    fact: 'a clear sky is seen at the first poll, and somebody is told',
    orchestrations: ['WeatherMonitor/WeatherMonitor'],
    run: async (cloud) => {
      const city = await clearestCity();
      const output = await cloud.run('WeatherMonitor/WeatherMonitor', { city, phone: '+49 30 1234' });
      return { ...(output as object), city: 'the clearest' };
    },
    expected: { city: 'the clearest', clear: true, polls: 1 },
  },
];
