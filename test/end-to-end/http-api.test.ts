import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { LocalCloud } from '../../lib/local/cloud/local-cloud.js';
import { makeContractApp } from './contract-app.js';
import { describeHttpContract } from './http-contract.js';

jest.setTimeout(120_000);

describeHttpContract('the local cloud', [], async () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'durable-steps-contract-'));
  makeContractApp(directory).synth();
  const cloud = await LocalCloud.load(directory);
  const [baseUrl = ''] = Object.values(cloud.listen().apis);
  return {
    baseUrl,
    close: async () => {
      await cloud.close();
      rmSync(directory, { recursive: true });
    },
  };
});
