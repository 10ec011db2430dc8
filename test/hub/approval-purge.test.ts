import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { applyStatusChange } from '../../lib/hub/lifecycle/status-change.js';
import { purgeInstance } from '../../lib/hub/operations/purge.js';
import { sweep } from '../../lib/hub/outbox/sweep.js';
import { type ApprovalKit, createApprovals } from './approval-kit.js';
import { startDynamo } from './hub-kit.js';

const ANN = 'ann@example.com';
const BOB = 'bob@example.com';

let dynamodb: DynamoDBClient;
let close: () => Promise<void>;
let kit: ApprovalKit;

beforeAll(async () => {
  ({ client: dynamodb, close } = await startDynamo());
});
afterAll(() => close());

async function everything(): Promise<readonly Record<string, unknown>[]> {
  const TableName = kit.hub.settings.tableName;
  return (await dynamodb.send(new ScanCommand({ TableName }))).Items ?? [];
}

test('a purge leaves nothing of approvals: no address, no link, no decision', async () => {
  kit = await createApprovals(dynamodb);
  await kit.ask({ approvers: [ANN, BOB], quorum: 'all' });
  await kit.remind(1);
  await kit.decide(kit.linkOf(ANN), 'approve', 'a comment');
  await kit.decide(kit.linkOf(BOB), 'approve');
  await applyStatusChange(kit.hub, kit.stepFunctions.finish('one', 'SUCCEEDED', { output: '2' }));
  // Links of two mails to each, an approval, a record.
  expect(await everything()).toHaveLength(6);
  const link = kit.linkOf(ANN);

  await purgeInstance(kit.hub, 'one');
  await sweep(kit.hub);
  const left = await everything();
  expect(left.map(({ sk }) => sk)).toEqual([{ S: 'record' }]);
  expect(JSON.stringify(left)).not.toMatch(/example\.com|Firefox|203\.0|comment/);
  expect((await kit.request('GET', link)).statusCode).toBe(404);
});

test('where it isn’t wanted, neither the address nor the browser of who decides is kept', async () => {
  kit = await createApprovals(dynamodb);
  await kit.ask();
  await kit.decide(kit.linkOf(ANN), 'approve', 'fine', { recordVisitors: false });
  const stored = JSON.stringify(await everything());
  expect(stored).toContain('fine');
  expect(stored).not.toMatch(/Firefox|203\.0/);
});

test('a settled approval is shown for as long as it is to be, and then like one that there isn’t', async () => {
  kit = await createApprovals(dynamodb);
  await kit.ask({ approvers: [ANN, BOB] });
  const privacy = { showDecidedSeconds: 3600 };
  const show = async () => (await kit.request('GET', kit.linkOf(BOB), { privacy })).statusCode;
  kit.advance(2 * 3_600_000);
  expect(await show()).toBe(200);
  await kit.decide(kit.linkOf(ANN), 'approve', 'fine', privacy);
  kit.advance(3_600_000);
  expect(await show()).toBe(200);
  kit.advance(1);
  expect(await show()).toBe(404);
  expect((await kit.decide(kit.linkOf(BOB), 'reject', 'late', privacy)).statusCode).toBe(404);
});
