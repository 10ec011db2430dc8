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
  readonly attack = this.makeAttack('Insider');
  readonly attackWithTokens = this.makeAttack('InsiderWithTokens');

  constructor(scope: App) {
    super(scope, 'FourEyes');
    this.publish.stateMachine.grantTaskResponse(this.attackWithTokens.insider.function);
  }

  private makeAttack(id: string) {
    const insider = new Activity<typeof import('./activities/insider.js').handler>(this, id, {
      entry: path.join(__dirname, 'activities/insider.ts'),
      timeout: Duration.minutes(1),
    });
    this.hub.grantClient(insider.function as never, { orchestrations: { publish: this.publish } });
    const orchestration = new Chain(this, `AttackBy${id}`, {
      hub: this.hub,
      steps: flow<{ readonly key: string; readonly stateMachineArn: string }>().step('tried', insider),
    });
    return { insider, orchestration };
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
    const attack = async ({ orchestration }: FourEyesStack['attack']) =>
      (await (await env.start(orchestration, { key: 'beach', stateMachineArn })).completed()) as Readonly<
        Record<string, string>
      >;
    const { 'read the instance': instance, ...others } = await attack(stack.attack);
    expect(Object.values(others)).toEqual(Object.values(others).map(() => DENIED));
    // What a client may read of an instance decides nothing: no link, no digest of one, no token.
    expect(instance).toMatch(/^got /);
    expect(instance).not.toMatch(/taskToken|approvals\/|linkHash|"links"|callback/);

    // A token stands in the history: who was allowed to answer it, by hand, ends the wait, and nothing is approved by it.
    expect((await attack(stack.attackWithTokens))['answer the task']).toBe('got "answered"');
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
