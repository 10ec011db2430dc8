import { Token } from 'aws-cdk-lib';
import { compileMachine, type Definition } from '../../../lib/flow/compiler/machine.js';
import type { State } from '../../../lib/flow/compiler/state.js';
import type { AnyStep } from '../../../lib/flow/compiler/step.js';
import { expr, fanOutFanIn, flow, type HumanApprovalOptions, humanApproval } from '../../../lib/flow/index.js';
import { seconds } from '../kit.js';
import { Bench, failure } from '../run.js';

const ASK = 'arn:aws:lambda:us-east-1:123456789012:function:Ask';
const HOUR = 3_600;
const surroundings = {
  partition: 'aws',
  hubFunctions: { awaitEvent: 'Await', askApproval: ASK },
  timeoutSeconds: 604_800,
};

function compileWhole(step: AnyStep, around: Parameters<typeof compileMachine>[2] = surroundings) {
  return compileMachine('Test', { stepName: 'Test', compile: (site) => step.compile({ ...site, name: '' }) }, around);
}

// biome-ignore lint/suspicious/noExplicitAny: the callbacks' types are not what is tested here
const options: HumanApprovalOptions<any> = {
  approvers: ['ann@example.com'],
  subject: 'Publish?',
  timeout: seconds(24 * HOUR),
};
// biome-ignore lint/suspicious/noExplicitAny: as above
const compile = (more: Partial<HumanApprovalOptions<any>> = {}): Definition =>
  compileWhole(flow<unknown>().step('approval', humanApproval({ ...options, ...more } as typeof options))).definition;

/** Payload and time-out of each state, and where a time-out leads. */
const essence = ({ States }: Definition) =>
  Object.fromEntries(
    Object.entries(States).map(([name, { Arguments, TimeoutSeconds, Catch, Next }]: [string, State]) => {
      const { taskToken, enteredAt, retry, execution, step, askedAt, ...payload } =
        (Arguments as { Payload: Record<string, unknown> } | undefined)?.Payload ?? {};
      return [name, { ...payload, until: TimeoutSeconds, late: Catch?.[0]?.Next ?? Next }];
    }),
  );

describe('the definition', () => {
  test('notes the time, asks, and closes at the deadline', () => {
    const definition = compileWhole(
      flow<{ readonly approver: string; readonly location: string }>().step(
        'approval',
        humanApproval({
          approvers: ({ input }) => [input.approver],
          subject: ({ input }) => expr<string>`'Publish ' & ${input.location} & '?'`,
          details: ({ input }) => ({ Location: input.location }),
          timeout: seconds(24 * HOUR),
        }),
      ),
    ).definition;
    expect(definition.StartAt).toBe('approval: begin');
    expect(definition.States['approval: begin']).toEqual({
      Type: 'Pass',
      Assign: { approvalAskedAt: '{% $millis() %}' },
      Next: 'approval',
    });
    const address = {
      execution: '{% $states.context.Execution.Name %}',
      step: 'approval',
      askedAt: '{% $approvalAskedAt %}',
    };
    expect(definition.States['approval']).toMatchObject({
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
      Arguments: {
        FunctionName: ASK,
        Payload: {
          taskToken: '{% $states.context.Task.Token %}',
          enteredAt: '{% $states.context.State.EnteredTime %}',
          retry: '{% $states.context.State.RetryCount %}',
          ...address,
          kind: 'ask',
          stateMachine: '{% $states.context.StateMachine.Name %}',
          deadline: '{% $approvalAskedAt + 86400000 %}',
          question: {
            subject: "{% 'Publish ' & $states.context.Execution.Input.location & '?' %}",
            details: '{% {"Location": $states.context.Execution.Input.location} %}',
            approvers: ['{% $states.context.Execution.Input.approver %}'],
            quorum: 'any',
            rejectEarly: true,
          },
        },
      },
      TimeoutSeconds: '{% $max([1, $ceil(($approvalAskedAt + 86400000 - $millis()) / 1000)]) %}',
      Retry: [{ ErrorEquals: ['InvalidApproval', 'ApproversUnreachable'], MaxAttempts: 0 }, { MaxAttempts: 6 }],
      Catch: [{ ErrorEquals: ['States.Timeout'], Next: 'approval: close' }],
      Next: 'approval: close',
    });
    expect(definition.States['approval: close']).toMatchObject({
      Retry: [{ ErrorEquals: ['ApprovalTimedOut', 'ApprovalUnsettled'], MaxAttempts: 0 }, { MaxAttempts: 6 }],
      Resource: 'arn:aws:states:::lambda:invoke',
      Arguments: { FunctionName: ASK, Payload: { kind: 'close', ...address, onTimeout: 'timedOut' } },
      Output: '{% $states.result.Payload %}',
      End: true,
    });
  });

  test('has a state for each reminder and for the escalation, in the order of time', () => {
    const until = (hours: number) =>
      `{% $max([1, $ceil(($approvalAskedAt + ${hours * HOUR * 1000} - $millis()) / 1000)]) %}`;
    const definition = compile({
      reminders: [seconds(12 * HOUR), seconds(4 * HOUR)],
      escalation: { after: seconds(8 * HOUR), approvers: ['cio@example.com'] },
    });
    expect(essence(definition)).toMatchObject({
      'approval: begin': { late: 'approval' },
      approval: { kind: 'ask', escalates: true, until: until(4), late: 'approval: remind 1' },
      'approval: remind 1': { kind: 'remind', number: 1, until: until(8), late: 'approval: escalate' },
      'approval: escalate': {
        kind: 'escalate',
        approvers: ['cio@example.com'],
        until: until(12),
        late: 'approval: remind 2',
      },
      'approval: remind 2': { kind: 'remind', number: 2, until: until(24), late: 'approval: close' },
      'approval: close': { kind: 'close' },
    });
  });

  test('reminds at intervals, up to the deadline or as often as it says', () => {
    const names = (definition: Definition) => Object.keys(definition.States).filter((name) => name.includes('remind'));
    expect(names(compile({ reminders: { every: seconds(8 * HOUR) } }))).toHaveLength(2);
    expect(names(compile({ reminders: { every: seconds(HOUR), atMost: 3 } }))).toHaveLength(3);
  });

  test('an escalation at the deadline prolongs it', () => {
    const definition = compile({ onTimeout: { escalateTo: ['cio@example.com'], timeout: seconds(HOUR) } });
    expect(essence(definition)).toMatchObject({
      approval: {
        deadline: '{% $approvalAskedAt + 90000000 %}',
        until: expect.stringContaining('+ 86400000'),
        late: 'approval: escalate',
      },
      'approval: escalate': { until: expect.stringContaining('+ 90000000'), late: 'approval: close' },
    });
  });

  test('a deadline from the flow bounds every window', () => {
    const definition = compileWhole(
      flow<{ readonly until: string }>().step(
        'approval',
        humanApproval({
          approvers: ['ann@example.com'],
          subject: 'Publish?',
          deadline: ({ input }) => input.until,
          reminders: [seconds(60)],
        }),
      ),
    ).definition;
    expect(essence(definition)).toMatchObject({
      approval: {
        deadline: '{% $toMillis($states.context.Execution.Input.until) %}',
        until:
          '{% $max([1, $ceil(($min([$approvalAskedAt + 60000, $toMillis($states.context.Execution.Input.until)]) - $millis()) / 1000)]) %}',
      },
      'approval: remind 1': {
        until: '{% $max([1, $ceil(($toMillis($states.context.Execution.Input.until) - $millis()) / 1000)]) %}',
      },
    });
  });

  test('tells the items of a fan-out apart', () => {
    const each = flow<string>().step('approval', humanApproval({ ...options, subject: ({ input }) => input }));
    const { definition } = compileWhole(
      flow<{ readonly items: readonly string[] }>().step(
        'all',
        fanOutFanIn({ items: ({ input }) => input.items, each }),
      ),
    );
    expect(JSON.stringify(definition)).toContain(
      String.raw`"step":"{% \"approval\" & \"/\" & $states.context.Map.Item.Index %}"`,
    );
  });

  test('asks for nothing but the right to call the hub’s function', () => {
    expect(compileWhole(flow<unknown>().step('approval', humanApproval(options))).compilation.grants).toEqual([
      { actions: ['lambda:InvokeFunction'], resources: [ASK] },
    ]);
  });
});

describe('refuses', () => {
  const many = Array.from({ length: 21 }, (_, index) => seconds(index + 1));
  test.each([
    ['a reminder at the deadline', { reminders: [seconds(24 * HOUR)] }, /reminders.*before the deadline/],
    ['two reminders at once', { reminders: [seconds(60), seconds(60)] }, /different times/],
    ['21 reminders', { reminders: many }, /at most 20/],
    ['a reminder every second', { reminders: { every: seconds(1) } }, /at most 20/],
    ['half a second', { reminders: [seconds(0.5)] }, /whole seconds/],
    [
      'an escalation after the deadline',
      { escalation: { after: seconds(25 * HOUR), approvers: ['a@b.c'] } },
      /escalation.after/,
    ],
    [
      'two escalations',
      {
        escalation: { after: seconds(60), approvers: ['a@b.c'] },
        onTimeout: { escalateTo: ['a@b.c'], timeout: seconds(60) },
      },
      /one escalation/,
    ],
    [
      'more time than the orchestration has',
      { timeout: seconds(604_800) },
      /less than the orchestration's own timeout/,
    ],
    ['a year and a second', { timeout: seconds(31_536_001) }, /from 1 to 31536000/],
    ['nobody to ask', { approvers: [] }, /Test\.approval\.approvers.*1 to 50 approvers, got 0/],
    ['51 to ask', { approvers: Array.from({ length: 51 }, (_, n) => `a${n}`) }, /1 to 50 approvers, got 51/],
    ['a text for the approvers', { approvers: 'ann' }, /approval\.approvers.*a list of texts.*got `ann`/],
    [
      'a number among the approvers',
      { approvers: ['ann', 5] },
      /approval\.approvers\[1\].*mail address of an approver.*got `5`/,
    ],
    [
      'nobody to escalate to',
      { escalation: { after: seconds(60), approvers: [] } },
      /approval\.escalation\.approvers.*1 to 50 approvers, got 0/,
    ],
    ['a quorum over the number of approvers', { quorum: 2 }, /approval\.quorum.*from 1 to 1, the number.*got `2`/],
    ['a quorum that one who is named twice would fill', { approvers: ['ann', 'ann '], quorum: 2 }, /from 1 to 1/],
    ['a negative quorum', { quorum: -1 }, /approval\.quorum.*got `-1`/],
    ['half an approver', { quorum: 0.5 }, /approval\.quorum.*got `0\.5`/],
    ['an empty subject', { subject: ' ' }, /approval\.subject.*expected a text/],
    ['a number for the subject', { subject: 5 }, /approval\.subject.*expected a text.*got `5`/],
    ['a text for a switch', { rejectEarly: 'no' }, /approval\.rejectEarly.*`true` or `false`, got `no`/],
    ['a misspelt meaning of the deadline', { onTimeout: 'rejected' }, /approval\.onTimeout.*`reject`.*got `rejected`/],
    [
      'nobody to escalate to at the end',
      { onTimeout: { escalateTo: [], timeout: seconds(60) } },
      /approval\.onTimeout\.escalateTo.*1 to 50 approvers, got 0/,
    ],
    ['a misspelt quorum', { quorum: 'most' }, /approval\.quorum.*`any`, `all`.*got `most`/],
  ])('%s', (_title, more, message) => {
    expect(() => compile(more as object)).toThrow(message);
  });

  test.each([
    ['as many approvals as there are approvers', { approvers: ['ann', 'bob'], quorum: 2 }],
    ['approvers and a quorum that only the run knows', { approvers: () => ['ann'], quorum: () => 2 }],
    ['approvers that only the deployment knows', { approvers: Token.asList({ Ref: 'Approvers' }), quorum: 3 }],
    ['a quorum that only the deployment knows', { quorum: Token.asNumber({ Ref: 'Quorum' }) }],
  ])('but not %s', (_title, more) => {
    expect(() => compile(more as object)).not.toThrow();
  });

  test('an orchestration without a hub, and a hub without mail', () => {
    const step = flow<unknown>().step('approval', humanApproval(options));
    expect(() => compileWhole(step, { partition: 'aws' })).toThrow(/Test.approval.*an orchestration with a hub/);
    expect(() => compileWhole(step, { partition: 'aws', hubFunctions: { awaitEvent: 'Await' } })).toThrow(
      /hub that can send mail/,
    );
  });
});

describe('run in the engine', () => {
  const definition = compile({
    reminders: [seconds(4 * HOUR)],
    escalation: { after: seconds(8 * HOUR), approvers: ['cio@example.com'] },
  });
  const closed = { outcome: 'timedOut' };

  function begin(stub: (payload: { kind: string; taskToken: string }) => unknown) {
    const bench = new Bench({ Ask: stub as never });
    const outcome = bench.start(bench.deploy('Test', definition), {});
    const windows = () => bench.calls.map(({ input, at }) => [(input as { kind: string }).kind, at / HOUR]);
    return { bench, outcome, windows };
  }

  test('each window begins on time, and the close gives the result', async () => {
    const { bench, outcome, windows } = begin(({ kind }) => (kind === 'close' ? closed : null));
    await bench.clock.settled();
    await bench.clock.advanceBy(24 * HOUR * 1000);
    expect(await outcome).toMatchObject({ status: 'SUCCEEDED', output: closed, seconds: 24 * HOUR });
    expect(windows()).toEqual([
      ['ask', 0],
      ['remind', 4],
      ['escalate', 8],
      ['close', 24],
    ]);
  });

  test('time stands still while a person is awaited', async () => {
    const { bench, windows } = begin(() => null);
    await bench.clock.settled();
    expect(bench.clock.holds).toHaveLength(1);
    expect(windows()).toEqual([['ask', 0]]);
  });

  test('a decision in any window ends it at once, with what the hub has recorded and not with what the token was answered by', async () => {
    for (const hours of [1, 5, 9]) {
      const tokens: string[] = [];
      const { bench, outcome } = begin(({ kind, taskToken }) => {
        if (kind === 'close') return { outcome: 'rejected' };
        tokens.push(taskToken);
        return null;
      });
      await bench.clock.settled();
      await bench.clock.advanceBy(hours * HOUR * 1000);
      bench.service.sendTaskSuccess({ taskToken: tokens.at(-1)!, output: '{"outcome":"approved"}' });
      expect(await outcome).toMatchObject({ output: { outcome: 'rejected' }, seconds: hours * HOUR });
    }
  });

  test('the hub’s failures are tried again, a question that can’t be asked is not', async () => {
    const flaky = begin(({ kind }) => {
      if (flaky.bench.calls.length < 3) throw failure('InternalServerError');
      return kind === 'close' ? closed : null;
    });
    await flaky.bench.clock.settled();
    expect(flaky.bench.calls).toHaveLength(3);
    const invalid = begin(() => {
      throw failure('InvalidApproval', 'no approvers');
    });
    expect(await invalid.outcome).toMatchObject({ status: 'FAILED', error: 'InvalidApproval' });
    expect(invalid.bench.calls).toHaveLength(1);
  });
});
