import type { Scenario } from '../scenario.js';

export const hello: readonly Scenario[] = [
  {
    fact: 'the hello sequence greets three cities',
    orchestrations: ['Hello/HelloSequence'],
    run: (cloud) => cloud.run('Hello/HelloSequence', {}),
    expected: ['Hello Tokyo!', 'Hello Seattle!', 'Hello London!'],
  },
];
