import { compileMachine } from '../../../lib/flow/compiler/machine.js';
import type { State } from '../../../lib/flow/compiler/state.js';
import type { AnyStep, Step } from '../../../lib/flow/compiler/step.js';
import { callAws, fanOutFanIn, flow, humanApproval, retry, start, waitForEvent } from '../../../lib/flow/index.js';
import type { Retrier } from '../../../lib/flow/language/retry.js';
import { eternalStep } from '../../../lib/flow/steps/monitor/eternal.js';
import { compileSubOrchestration } from '../../../lib/flow/steps/sub-orchestration.js';
import { activity, seconds } from '../kit.js';

const work = activity<unknown, number>('Work');
const asChild = {
  stateMachineArn: 'arn:aws:states:us-east-1:1:stateMachine:Child',
  executionsArn: 'arn:aws:states:us-east-1:1:execution:Child:*',
  eventRuleArn: 'arn:aws:events:us-east-1:1:rule/R',
  path: 'Stack/Child',
};
const child: Step<unknown, unknown> & { readonly asChild: typeof asChild } = {
  stepName: 'Child',
  asChild,
  compile: (site) => compileSubOrchestration(site, asChild),
};

/** What each service says when it throttles, as Step Functions names it. */
const throttled: Readonly<Record<string, string>> = {
  lambda: 'Lambda.TooManyRequestsException',
  dynamodb: 'DynamoDB.ThrottlingException',
  states: 'StepFunctions.ExecutionLimitExceeded',
  'aws-sdk:sqs': 'Sqs.ThrottlingException',
};

const all: Readonly<Record<string, AnyStep>> = {
  'an activity': flow<unknown>().step('work', work),
  'an activity with retries of its own': flow<unknown>().step('work', activity('Work', { maxAttempts: 3 })),
  'an activity that is retried by hand': flow<unknown>().step('work', retry(work, { maxAttempts: 3 })),
  'a call of AWS': flow<unknown>().step('send', callAws({ service: 'sqs', action: 'sendMessage', resources: ['*'] })),
  'a call of AWS with retries of its own': flow<unknown>().step(
    'send',
    callAws({ service: 'sqs', action: 'sendMessage', resources: ['*'], retry: { maxAttempts: 1 } }),
  ),
  'a sub-orchestration': flow<unknown>().step('child', child),
  'a start': flow<unknown>().step('child', start(child)),
  'a wait for an event': flow<unknown>().step('event', waitForEvent('go', { timeout: seconds(60) })),
  'an approval': flow<unknown>().step(
    'approval',
    humanApproval({ approvers: ['ann@example.com'], subject: 'Go?', timeout: seconds(600), reminders: [seconds(60)] }),
  ),
  'a custom status': flow<unknown>().customStatus('busy').step('work', work),
  'an inline fan-out': flow<readonly number[]>().step('all', fanOutFanIn({ items: ({ input }) => input, each: work })),
  'a distributed fan-out': flow<readonly number[]>().step(
    'all',
    fanOutFanIn({ mode: 'distributed', items: ({ input }) => input, each: work }),
  ),
  'an eternal monitor': eternalStep('Stack/Periodic', { poll: work, interval: seconds(60) }),
};

test.each(Object.entries(all))(
  'in %s, every call of AWS that is throttled comes again, with back-off, jitter and a cap',
  (_, step) => {
    const { definition } = compileMachine(
      'Test',
      { stepName: 'Test', compile: (site) => step.compile({ ...site, name: '' }) },
      {
        partition: 'aws',
        timeoutSeconds: 604_800,
        hubTable: { name: 'Hub', arn: 'arn:table' },
        hubFunctions: { awaitEvent: 'arn:await', askApproval: 'arn:ask' },
      },
    );
    const tasks = tasksIn(definition.States);
    expect(tasks).not.toEqual([]);
    for (const { Resource, Retry } of tasks) {
      const service = String(Resource)
        .split(':::')[1]!
        .split(':')
        .slice(0, -1)
        .join(':')
        .replace(/:startExecution.*/, '');
      const error = throttled[service.startsWith('aws-sdk') ? service : service.split(':')[0]!]!;
      const retrier = (Retry as readonly Retrier[]).find(
        ({ ErrorEquals }) => ErrorEquals.includes(error) || ErrorEquals.includes('States.ALL'),
      );
      expect(retrier).toMatchObject({ BackoffRate: 2, JitterStrategy: 'FULL' });
      expect(retrier?.MaxDelaySeconds).toBe(retrier?.MaxAttempts === 12 ? 180 : 60);
      expect(retrier?.MaxAttempts).toBeGreaterThanOrEqual(4);
    }
  },
);

/** The Task states at any depth. */
function tasksIn(value: unknown): readonly State[] {
  if (typeof value !== 'object' || value === null) return [];
  const inside = Object.values(value).flatMap(tasksIn);
  return 'Type' in value && value.Type === 'Task' ? [value as State, ...inside] : inside;
}
