import phoneNumber from '../../../lambda/phone/phone-number.json';
import type { Scenario } from '../scenario.js';
import { ended, raiseEvent, start } from './over-http.js';

export const phoneVerification: readonly Scenario[] = [
  {
    fact: 'a phone number is not verified by four wrong codes, raised as events at once',
    orchestrations: ['PhoneVerification/PhoneVerification'],
    run: async (cloud) => {
      const status = await start(cloud, 'phone-verification', `phone-${Date.now()}`, phoneNumber);
      for (const code of ['one', 'two', 'three', 'four']) await raiseEvent(status, 'SmsChallengeResponse', code);
      const { runtimeStatus, output } = await ended(cloud, status);
      return [runtimeStatus ?? null, output ?? null];
    },
    expected: ['Completed', false],
    emulatorDeviates: 'it ignores the Output of a Choice rule, and puts out the last event instead',
  },
];
