import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { Duration } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import * as tasks from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { Activity, asChainable, Chain, flow } from '../../../lib/index.js';
import { newStack, resources, theResource } from '../kit.js';

const entry = path.join(mkdtempSync(path.join(tmpdir(), 'chain-')), 'echo.ts');
writeFileSync(entry, 'export const handler = async (event: { text: string }): Promise<{ text: string }> => event;');
type Echo = (event: { text: string }) => Promise<{ text: string }>;

test('a chain is a Standard state machine with X-Ray, vended logs and a time-out', () => {
  const stack = newStack();
  const chain = new Chain(stack, 'Hello', {
    steps: [new Activity<Echo>(stack, 'Echo', { entry })],
    description: 'Says hello',
  });
  expect(chain.definition).toMatchObject({
    Comment: 'Says hello',
    QueryLanguage: 'JSONata',
    StartAt: 'Echo',
    TimeoutSeconds: 7 * 86_400,
  });
  expect(theResource(stack, 'AWS::StepFunctions::StateMachine')).toMatchObject({
    StateMachineType: 'STANDARD',
    TracingConfiguration: { Enabled: true },
    LoggingConfiguration: { Level: 'ERROR', IncludeExecutionData: false },
  });
  const names = Object.values(resources(stack, 'AWS::Logs::LogGroup')).map(
    ({ Properties }) => Properties['LogGroupName'],
  );
  expect(JSON.stringify(names)).toContain('/aws/vendedlogs/states/Stack-');
});

test('the role may invoke exactly its activities', () => {
  const stack = newStack();
  const [a, b, c] = ['A', 'B', 'C'].map((id) => new Activity<Echo>(stack, id, { entry }));
  new Chain(stack, 'Hello', { steps: [a!, b!, a!] });
  new Chain(stack, 'Other', { steps: [c!] });
  const functionArn = (id: string) => ({ 'Fn::GetAtt': [Match.stringLikeRegexp(`^${id}Function`), 'Arn'] });
  const invoke = (id: string) => ({ Action: 'lambda:InvokeFunction', Effect: 'Allow', Resource: functionArn(id) });
  Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
    Roles: [{ Ref: Match.stringLikeRegexp('^HelloStateMachineRole') }],
    PolicyDocument: {
      Statement: [
        Match.objectLike({ Action: Match.arrayWith(['logs:CreateLogDelivery']) }),
        Match.objectLike({ Action: Match.arrayWith(['xray:PutTraceSegments']) }),
        invoke('A'),
        invoke('B'),
      ],
    },
  });
});

test('a hand-written chain is a step: its states keep their names, its grants come along', () => {
  const stack = newStack();
  const fn = new lambda.Function(stack, 'Fn', {
    runtime: lambda.Runtime.NODEJS_22_X,
    handler: 'index.handler',
    code: lambda.Code.fromInline('exports.handler = async () => 1'),
  });
  const raw = new sfn.Pass(stack, 'First').next(tasks.LambdaInvoke.jsonata(stack, 'Second', { lambdaFunction: fn }));
  const echo = new Activity<Echo>(stack, 'Echo', { entry });
  const chain = new Chain(stack, 'Mixed', {
    steps: flow<{ text: string }>()
      .step('raw', raw)
      .step('echo', echo, ({ raw }) => ({ text: raw.Payload })),
  });
  const { States, StartAt } = chain.definition;
  expect(StartAt).toBe('First');
  expect(Object.entries(States).map(([name, { Type, Next, End }]) => [name, Type, Next ?? End])).toEqual([
    ['First', 'Pass', 'Second'],
    ['Second', 'Task', 'raw'],
    ['raw', 'Pass', 'echo'],
    ['echo', 'Task', true],
  ]);
  expect(States['raw']!.Assign).toEqual({ raw: '{% $states.input %}' });
  expect(States['echo']!['Arguments']).toMatchObject({ Payload: '{% {"text": $raw.Payload} %}' });
  Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
    Roles: [{ Ref: Match.stringLikeRegexp('^MixedStateMachineRole') }],
    PolicyDocument: {
      Statement: Match.arrayWith([
        Match.objectLike({
          Action: 'lambda:InvokeFunction',
          Resource: Match.arrayWith([{ 'Fn::GetAtt': ['Fn9270CBC0', 'Arn'] }]),
        }),
      ]),
    },
  });
});

test('a hand-written state of a taken name is refused', () => {
  const stack = newStack();
  const echo = new Activity<Echo>(stack, 'Echo', { entry });
  expect(
    () =>
      new Chain(stack, 'Mixed', {
        steps: flow<{ text: string }>().step('one', echo).step('raw', new sfn.Pass(stack, 'one')),
      }),
  ).toThrow('`Mixed.one`: expected a state name that is unique in the state machine');
});

test('a step is a state of a hand-written definition: one state for one call, a Parallel for several', () => {
  const stack = newStack();
  const echo = new Activity<Echo>(stack, 'Echo', { entry });
  const single = asChainable(stack, 'Single', echo);
  const several = asChainable(
    stack,
    'Several',
    flow<{ text: string }>()
      .step('one', echo)
      .step('two', echo, ({ input }) => ({ text: input.text })),
  );
  const machine = new sfn.StateMachine(stack, 'Machine', {
    definitionBody: sfn.DefinitionBody.fromChainable(new sfn.Pass(stack, 'Begin').next(single).next(several)),
  });
  expect(machine.node.findAll()).not.toHaveLength(0);
  const definition = JSON.stringify(theResource(stack, 'AWS::StepFunctions::StateMachine')['DefinitionString']);
  expect(definition).toContain('\\"Single\\":{\\"Type\\":\\"Task\\"');
  expect(definition).toContain('\\"Several\\":{\\"Type\\":\\"Parallel\\"');
  // Inside a hand-written definition the step's input is not the execution's.
  expect(definition).toContain('$input.text');
  Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
    PolicyDocument: {
      Statement: Match.arrayWith([Match.objectLike({ Action: 'lambda:InvokeFunction', Effect: 'Allow' })]),
    },
  });
});

test('a chain inside a chain is a sub-orchestration', () => {
  const stack = newStack();
  const inner = new Chain(stack, 'Inner', { steps: [new Activity<Echo>(stack, 'Echo', { entry })] });
  const outer = new Chain(stack, 'Outer', { steps: flow<{ text: string }>().step('child', inner) });
  expect(outer.definition.States['child']).toMatchObject({
    Resource: expect.stringContaining(':states:::states:startExecution.sync:2'),
  });
});

test('two chains may have the same steps, and a flow may be used twice', () => {
  const stack = newStack();
  const echo = new Activity<Echo>(stack, 'Echo', { entry });
  const steps = flow<{ text: string }>().step('one', echo);
  const first = new Chain(stack, 'First', { steps });
  const second = new Chain(stack, 'Second', { steps });
  expect(first.definition).toEqual(second.definition);
});

test('refuses an empty chain and a senseless time-out', () => {
  expect(() => new Chain(newStack(), 'Empty', { steps: [] as never })).toThrow(
    '`Empty`: expected at least one step, got none',
  );
  for (const timeout of [Duration.seconds(0), Duration.days(366)]) {
    const stack = newStack();
    expect(() => new Chain(stack, 'C', { steps: [new Activity<Echo>(stack, 'Echo', { entry })], timeout })).toThrow(
      '`Stack/C.timeout`: expected whole seconds, from 1 to 31536000',
    );
  }
});
