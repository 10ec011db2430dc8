import { TestEnvironment, type TestEnvironmentOptions } from '../../lib/testing/index.js';
import { writeApp } from '../assembly/write-app.js';
import { ADMIN_ROLE, invoke, stateMachine } from '../local/local-app.js';

const open: TestEnvironment[] = [];

/** An environment with one stack named `Demo`, whose role `Role` may do anything; closed by {@link closeEnvironments}. */
export async function startEnvironment(
  resources: Readonly<Record<string, unknown>>,
  options?: TestEnvironmentOptions,
): Promise<TestEnvironment> {
  const env = await TestEnvironment.create(writeDemo(resources), options);
  open.push(env);
  return env;
}

/** The directory of an app with one stack named `Demo`. */
export function writeDemo(resources: Readonly<Record<string, unknown>>): string {
  return writeApp({ stacks: { Demo: { resources: { Role: ADMIN_ROLE, ...resources } } } });
}

export async function closeEnvironments(): Promise<void> {
  await Promise.all(open.splice(0).map((env) => env.close()));
}

/** A JSONata state machine of these states. */
export function machine(states: Readonly<Record<string, unknown>>): unknown {
  return stateMachine({ QueryLanguage: 'JSONata', StartAt: Object.keys(states)[0], States: states });
}

/** A state that calls a function, is tried three times 2 s apart, and hands the result on. */
export function call(logicalId: string, more: Readonly<Record<string, unknown>> = { End: true }): unknown {
  return invoke(logicalId, {
    Retry: [{ ErrorEquals: ['Flaky'], IntervalSeconds: 2, MaxAttempts: 2, BackoffRate: 1 }],
    ...more,
  });
}

/** A state that waits for an answer from outside, an hour at most. */
export function ask(logicalId: string, more: Readonly<Record<string, unknown>> = { End: true }): unknown {
  return {
    Type: 'Task',
    Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
    Arguments: { FunctionName: `\${${logicalId}.Arn}`, Payload: { token: '{% $states.context.Task.Token %}' } },
    TimeoutSeconds: 3600,
    ...more,
  };
}
