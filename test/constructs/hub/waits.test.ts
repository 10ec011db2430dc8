import { App, Duration, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { Chain, expr, flow, humanApproval, Mail, TaskHub, waitForEvent } from '../../../lib/index.js';

const APPROVAL = { approvers: ['b@example.com'], subject: 'Go?', timeout: Duration.days(1) };

function setUp() {
  const app = new App();
  const stack = new Stack(app, 'HubStack');
  const hub = new TaskHub(stack, 'Hub', { mail: Mail.ses({ from: 'a@example.com' }) });
  const fn = new lambda.Function(stack, 'Client', {
    code: lambda.Code.fromInline('exports.handler = async () => {}'),
    handler: 'index.handler',
    runtime: lambda.Runtime.NODEJS_22_X,
  });
  return { app, stack, hub, fn };
}

/** The names of the machines that roles may answer, by what the role's id begins with. */
function answered(stack: Stack): Readonly<Record<string, readonly string[]>> {
  const template = Template.fromStack(stack);
  const names: Record<string, string[]> = {};
  for (const type of ['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy']) {
    for (const { Properties } of Object.values(template.findResources(type))) {
      for (const { Action, Resource } of Properties.PolicyDocument.Statement) {
        if (![Action].flat().includes('states:SendTaskSuccess')) continue;
        const id = /Await|Ask|Decide|Sweep|Client/.exec(Properties.Roles[0].Ref)?.[0] ?? 'other';
        const arns = JSON.stringify(Resource).matchAll(/:stateMachine:([^"]+)"/g);
        names[id] = [...(names[id] ?? []), ...[...arns].map(([, name]) => name!)].sort();
      }
    }
  }
  return names;
}

test('a function answers those machines alone that wait for what it brings, those of later stacks too', () => {
  const { app, stack, hub, fn } = setUp();
  hub.grantClient(fn);
  const name = ({ stateMachine }: { stateMachine: sfn.IStateMachine }) => hub.machineNameOf(stateMachine);
  new Chain(stack, 'Plain', { hub, steps: flow<unknown>().customStatus('begun') });
  const paid = waitForEvent('paid', { timeout: Duration.days(1) });
  const pay = new Chain(stack, 'Pay', { hub, steps: flow<unknown>().step('paid', paid) });
  const later = new Stack(app, 'Later');
  const approve = new Chain(later, 'Approve', {
    hub,
    steps: flow<unknown>().step('approval', humanApproval(APPROVAL)),
  });
  const both = new Chain(later, 'Both', {
    hub,
    steps: flow<unknown>()
      .choose('if', {
        when: () => expr<boolean>`true`,
        then: (f) => f.step('paid', paid).output(() => 1),
        otherwise: (f) => f.output(() => 2),
      })
      .step('approval', humanApproval(APPROVAL)),
  });
  const [events, approvals] = [[pay, both].map(name).sort(), [approve, both].map(name).sort()];
  const all = [pay, approve, both].map(name).sort();
  expect(answered(stack)).toEqual({ Await: events, Client: events, Ask: approvals, Decide: approvals, Sweep: all });
});

test('a client of some orchestrations answers these alone', () => {
  const { stack, hub, fn } = setUp();
  const wait = (id: string) =>
    new Chain(stack, id, {
      hub,
      steps: flow<unknown>().step('go', waitForEvent('go', { timeout: Duration.days(1) })),
    });
  const [one] = [wait('One'), wait('Other')];
  hub.grantClient(fn, { orchestrations: { one } });
  expect(answered(stack)['Client']).toEqual([hub.machineNameOf(one.stateMachine)]);
});

test('a state machine of one’s own is answered unless it is said not to wait, and a stranger’s is refused', () => {
  const { stack, hub } = setUp();
  const machine = (id: string) =>
    new sfn.StateMachine(stack, id, {
      definitionBody: sfn.DefinitionBody.fromChainable(new sfn.Pass(stack, `${id}P`)),
    });
  const [stateMachine, stranger] = [machine('Own'), machine('Stranger')];
  hub.addOrchestration({ name: 'Own', stateMachine });
  const [quiet, late] = [machine('Quiet'), machine('Late')];
  hub.addOrchestration({ name: 'Quiet', stateMachine: quiet, waitsFor: [] });
  hub.addOrchestration({ name: 'Late', stateMachine: late, waitsFor: [] });
  hub.addWait(late, 'events');
  hub.addWait(late, 'events');
  const [own, other] = [hub.machineNameOf(stateMachine), hub.machineNameOf(late)];
  const both = [own, other].sort();
  expect(answered(stack)).toEqual({ Await: both, Ask: [own], Decide: [own], Sweep: both });
  expect(() => hub.addWait(stranger, 'events')).toThrow(expect.objectContaining({ code: 'ForeignOrchestration' }));
});

test('more machines than a role has room to name are granted by their pattern', () => {
  const { stack, hub } = setUp();
  for (let index = 0; index < 70; index++) {
    const stateMachine = new sfn.StateMachine(stack, `AnOrchestrationOfQuiteSomeLength${index}`, {
      definitionBody: sfn.DefinitionBody.fromString('{}'),
    });
    hub.addOrchestration({ name: `AnOrchestrationOfQuiteSomeLength${index}`, stateMachine });
  }
  const names = answered(stack)['Await']!;
  expect([names.length, names.includes(`${hub.machinePrefix}-*`)]).toEqual([61, true]);
  const policies = Object.values(Template.fromStack(stack).findResources('AWS::IAM::ManagedPolicy'));
  for (const { Properties } of policies) expect(JSON.stringify(Properties.PolicyDocument).length).toBeLessThan(6_144);
});
