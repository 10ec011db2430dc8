import { compileMachine, type Definition } from '../../lib/flow/compiler/machine.js';
import type { State } from '../../lib/flow/compiler/state.js';
import type { AnyStep, Step } from '../../lib/flow/compiler/step.js';
import type { RetryOptions } from '../../lib/flow/language/retry.js';
import type { Span } from '../../lib/flow/language/span.js';
import { compileLambdaTask } from '../../lib/flow/steps/lambda-task.js';

/** An activity without the CDK: a Lambda task named by its id. */
export function activity<I, O>(id: string, retry?: RetryOptions): Step<I, O> {
  return {
    stepName: id,
    compile: (site) =>
      compileLambdaTask(site, {
        functionArn: `arn:aws:lambda:us-east-1:123456789012:function:${id}`,
        timeoutSeconds: 65,
        path: `Stack/${id}`,
        ...(retry !== undefined && { retry }),
      }),
  };
}

export const seconds = (count: number): Span => ({ toSeconds: () => count });

/** Compiles a step as the whole machine `Test`. */
export function compile(step: AnyStep, hubTable?: { readonly name: string; readonly arn: string }): Definition {
  const whole = { stepName: 'Test', compile: step.compile.bind(step) };
  const surroundings = { partition: 'aws', ...(hubTable !== undefined && { hubTable }) };
  return compileMachine(
    'Test',
    { ...whole, compile: (site) => step.compile({ ...site, name: 'compileInto' in step ? '' : step.stepName }) },
    surroundings,
  ).definition;
}

/** A definition without what every activity call has (resource, retries, time-out, idempotency key), to compare the rest as a whole. */
export function essence(definition: Definition): unknown {
  return { StartAt: definition.StartAt, States: essenceOfStates(definition.States) };
}

function essenceOfStates(states: Readonly<Record<string, State>>): unknown {
  return Object.fromEntries(Object.entries(states).map(([name, state]) => [name, essenceOfState(state)]));
}

function essenceOfState(state: State): unknown {
  const { Retry: _retry, TimeoutSeconds: _timeout, Resource, ...rest } = state;
  if (Resource !== 'arn:aws:states:::lambda:invoke') return state;
  const { FunctionName, Payload } = rest['Arguments'] as { FunctionName: string; Payload: unknown };
  delete rest['Arguments'];
  if (rest.Output === '{% $states.result.Payload %}') delete rest.Output;
  const catches = rest.Catch?.map(({ Assign, ...catcher }) => ({ ...catcher, Assign: Object.keys(Assign ?? {}) }));
  return {
    ...rest,
    Type: `Task ${FunctionName.split(':').at(-1)}`,
    Payload,
    ...(catches !== undefined && { Catch: catches }),
  };
}
