import { App, Duration, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as events from 'aws-cdk-lib/aws-events';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import {
  ApiAuth,
  AsyncHttpApi,
  Chain,
  flow,
  type GrantClientOptions,
  HubAlarms,
  humanApproval,
  Mail,
  ScheduleStarter,
  TaskHub,
  waitForEvent,
} from '../../../lib/index.js';

interface Statement {
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** Every way in which a hub's table is granted. */
function everything() {
  const stack = new Stack(new App(), 'All');
  const hub = new TaskHub(stack, 'Hub', { mail: Mail.ses({ from: 'a@example.com' }) });
  const work = new Chain(stack, 'Work', {
    hub,
    steps: flow<unknown>()
      .customStatus('begun')
      .step('paid', waitForEvent('paid', { timeout: Duration.days(1) }))
      .step('approval', humanApproval({ approvers: ['b@example.com'], subject: 'Go?', timeout: Duration.days(1) })),
  });
  new ScheduleStarter(stack, 'Daily', {
    orchestration: work,
    schedule: events.Schedule.rate(Duration.days(1)),
    input: () => [],
  });
  new HubAlarms(stack, 'Alarms', { hub });
  for (const reach of ['named', 'hub'] as const)
    new AsyncHttpApi(stack, `Api-${reach}`, { hub, auth: ApiAuth.iam(), orchestrations: { work }, reach });
  const code = lambda.Code.fromInline('exports.handler = async () => {}');
  const clients: Readonly<Record<string, GrantClientOptions>> = {
    Whole: {},
    One: { orchestrations: { work } },
    None: { orchestrations: {} },
  };
  for (const [id, options] of Object.entries(clients)) {
    const fn = new lambda.Function(stack, id, { code, handler: 'index.handler', runtime: lambda.Runtime.NODEJS_22_X });
    hub.grantClient(fn, options);
    hub.grantCustomStatus(fn);
  }
  const template = Template.fromStack(stack);
  const policies = ['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy'].flatMap((type) =>
    Object.entries(template.findResources(type)),
  );
  return policies.flatMap(([id, { Properties }]) =>
    (Properties.PolicyDocument.Statement as readonly Statement[])
      .filter(({ Action }) => [Action].flat().some((action) => action.startsWith('dynamodb:') || action === '*'))
      .map((statement) => ({ id, ...statement })),
  );
}

const statements = everything();
const rowsOf = ({ Condition }: Statement) =>
  [Condition?.['ForAllValues:StringLike']?.['dynamodb:LeadingKeys'] ?? 'all'].flat();

test('no grant on a hub’s table is without the rows that it is for, also where a call names none', () => {
  expect(statements.length).toBeGreaterThan(25);
  for (const statement of statements) {
    const { id, Condition, Action } = statement;
    expect({ id, rows: rowsOf(statement) }).not.toEqual({ id, rows: ['all'] });
    expect({ id, ...Condition?.['Null'] }).toMatchObject({ id, 'dynamodb:LeadingKeys': 'false' });
    expect([Action].flat().filter((action) => /Scan|PartiQL|\*/.test(action))).toEqual([]);
  }
});

test('approvals and their links are the desk’s and the sweeper’s alone', () => {
  const reaching = statements.filter((statement) =>
    rowsOf(statement).some((row) => String(row).startsWith('approval')),
  );
  expect([...new Set(reaching.map(({ id }) => id.replace(/ServiceRole.*$/, '')))].sort()).toEqual([
    'HubApprovalsAskApproval',
    'HubApprovalsDecideApproval',
    'HubSweeperSweep',
  ]);
});

test('a state machine writes the custom status of instances, and reads nothing', () => {
  const own = statements.filter(({ id }) => id.startsWith('WorkStateMachine'));
  expect(own).toHaveLength(1);
  expect(own[0]).toMatchObject({
    Action: 'dynamodb:UpdateItem',
    Condition: {
      'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['instance#*'] },
      'ForAllValues:StringEquals': { 'dynamodb:Attributes': ['pk', 'sk', 'customStatus', 'lastUpdatedTime'] },
      StringEqualsIfExists: { 'dynamodb:ReturnValues': 'NONE' },
    },
  });
});
