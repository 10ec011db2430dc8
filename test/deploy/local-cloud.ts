import * as path from 'node:path';
import type { Assembly } from '../../lib/assembly/model.js';
import { Server } from '../processes.js';
import { Cloud, type SentMail } from './cloud.js';

const root = path.resolve(__dirname, '../..');

/** The app as `durable-steps dev` serves it: a process of its own, spoken to like AWS. */
export async function startLocalCloud(assembly: Assembly): Promise<{ readonly cloud: Cloud; stop(): Promise<void> }> {
  const server = await Server.start(
    process.execPath,
    ['--import', 'tsx', 'bin/durable-steps.ts', 'dev', '--assembly', assembly.directory, '--port', '0', '--json'],
    { cwd: root, env: { ...process.env, NODE_NO_WARNINGS: '1' }, isReady: (line) => line.startsWith('{') },
  );
  const { endpoint } = JSON.parse(server.readyLine) as { readonly endpoint: string };
  const cloud = new Cloud({
    name: 'local cloud',
    endpoint,
    physicalId: async (wanted) => {
      const resource = assembly.resources.find((one) => one.path === wanted);
      if (resource === undefined) throw new Error(`no resource at ${wanted}`);
      return resource.ref;
    },
    apiUrl: (apiId) => `${endpoint}/apis/${apiId}`,
    mails: async () => (await fetch(`${endpoint}/mailbox/messages`)).json() as Promise<readonly SentMail[]>,
  });
  return { cloud, stop: () => server.stop() };
}
