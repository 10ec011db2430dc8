import * as path from 'node:path';
import { App, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Activity, Chain, expr, flow, humanApproval, Mail, TaskHub } from '../../lib/index.js';
import { TestEnvironment } from '../../lib/testing/index.js';

jest.setTimeout(120_000);

const ANN = 'ann@example.com';
const BOB = 'bob@example.com';

/** Two people approve; one of them wrote a function with a client of the hub, for just this orchestration. */
class FourEyesStack extends Stack {
  readonly hub = new TaskHub(this, 'Hub', {
    mail: Mail.ses({ from: 'workflows@example.com' }),
    removalPolicy: RemovalPolicy.DESTROY,
  });
  readonly publish = new Chain(this, 'Publish', {
    hub: this.hub,
    steps: flow<{ readonly title: string }>()
      .customStatus('asked')
      .step(
        'approval',
        humanApproval({
          approvers: [ANN, BOB],
          quorum: 'all',
          subject: ({ input }) => expr<string>`'Publish ' & ${input.title} & '?'`,
          timeout: Duration.hours(24),
        }),
      )
      .output(({ approval }) => ({ approved: approval.approved })),
  });
  readonly insider = new Activity<typeof import('./activities/insider.js').handler>(this, 'Insider', {
    entry: path.join(__dirname, 'activities/insider.ts'),
    timeout: Duration.minutes(1),
  });
  readonly attack = new Chain(this, 'Attack', {
    hub: this.hub,
    steps: flow<{ readonly key: string; readonly stateMachineArn: string }>().step('tried', this.insider),
  });

  constructor(scope: App) {
    super(scope, 'FourEyes');
    this.hub.grantClient(this.insider.function as never, { orchestrations: { publish: this.publish } });
  }
}

const DENIED = 'AccessDeniedException';

test('four eyes hold against one approver with a client of the hub', async () => {
  const stack = new FourEyesStack(new App());
  const env = await TestEnvironment.create(stack);
  try {
    const first = await env.start(stack.publish, { title: 'beach' }, { instanceId: 'beach' });
    await first.waiting();
    const { stateMachineArn } = env.cloud.orchestration('Publish');
    const attack = await env.start(stack.attack, { key: 'beach', stateMachineArn });
    const tried = (await attack.completed()) as Readonly<Record<string, string>>;
    const { 'read the instance': instance, 'answer the task': answered, ...others } = tried;
    expect(Object.values(others)).toEqual(Object.values(others).map(() => DENIED));
    // What a client may read of an instance decides nothing: no link, no digest of one, no token.
    expect(instance).toMatch(/^got /);
    expect(instance).not.toMatch(/taskToken|approvals\/|linkHash|"links"|callback/);

    // A token stands in the history: who answers it ends the wait, and nothing is approved by it.
    expect(answered).toBe('got "answered"');
    expect(await first.failed()).toMatchObject({ name: 'ApprovalUnsettled' });

    const second = await env.start(stack.publish, { title: 'sea' }, { instanceId: 'sea' });
    await second.waiting();
    await (await env.mail({ to: ANN, subject: 'sea' })).approve();
    expect((await env.client().status('sea')).runtimeStatus).toBe('Running');
    await (await env.mail({ to: BOB, subject: 'sea' })).approve();
    expect(await second.completed()).toEqual({ approved: true });
  } finally {
    await env.close();
  }
});
