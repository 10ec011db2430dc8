import { DurableClient, type InstanceStatus } from '../../lib/client/index.js';

interface Receipt {
  readonly total: number;
}

const client = new DurableClient<{ 'process-order': { input: string; output: Receipt } }>();

/** The runtime status of an instance tells what its output is. */
export async function told(): Promise<number | string | null> {
  const status = await client.status<'process-order'>('order-1');
  // @ts-expect-error it may have failed
  status.output.total;
  switch (status.runtimeStatus) {
    case 'Completed':
      return status.output.total;
    case 'Failed':
      return status.output.error;
    case 'Terminated':
      return status.output;
    default:
      // @ts-expect-error nothing came of it yet
      return status.output.total;
  }
}

// @ts-expect-error a running instance has no output
const _whole: InstanceStatus<string, Receipt> = {
  name: 'process-order',
  instanceId: 'order-1',
  input: 'x',
  customStatus: null,
  createdTime: '2026-01-01T00:00:00Z',
  lastUpdatedTime: '2026-01-01T00:00:00Z',
  runtimeStatus: 'Running',
  output: { total: 1 },
};
