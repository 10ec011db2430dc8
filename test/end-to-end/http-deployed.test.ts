import { type Deviation, describeHttpContract } from './http-contract.js';

jest.setTimeout(120_000);

/** Where a stack of `contract-app.ts` is deployed. Without it these tests are left out; with it they are the very tests of the local cloud. */
const baseUrl = process.env['DURABLE_STEPS_CONTRACT_URL'];

/** What it lacks of AWS, separated by commas. */
const deviations = (process.env['DURABLE_STEPS_CONTRACT_DEVIATIONS'] ?? '').split(',') as Deviation[];

if (baseUrl === undefined) {
  test.todo('the contract of a deployed API: set DURABLE_STEPS_CONTRACT_URL');
} else {
  describeHttpContract('a deployed API', deviations, async () => ({ baseUrl, close: async () => {} }));
}
