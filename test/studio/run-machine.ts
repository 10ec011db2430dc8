import { VirtualClock } from '../../lib/clock.js';
import type { TraceEvent } from '../../lib/contract/studio.js';
import { StepFunctions } from '../../lib/engine/service/step-functions.js';
import { traceEvent } from '../../lib/local/studio/trace-events.js';

type State = Readonly<Record<string, unknown>>;

/** Runs definitions whose tasks are `ok`, `fail`, or `third`: failing twice, then answering. */
export function executionTools() {
  const run = async (definition: unknown): Promise<readonly TraceEvent[]> => {
    const clock = new VirtualClock({ start: 0 });
    let calls = 0;
    const service = new StepFunctions({
      clock,
      tasks: {
        supports: () => undefined,
        run: async ({ integration }) => {
          calls++;
          const wanted = integration.kind === 'lambda' ? integration.functionArn.split(':').at(-1) : '';
          return wanted === 'fail' || (wanted === 'third' && calls < 3)
            ? { error: 'Refused', cause: 'no money' }
            : { output: 'ok' };
        },
      },
    });
    const { stateMachineArn } = service.createStateMachine({
      name: 'machine',
      definition: JSON.stringify(definition),
      roleArn: 'arn:aws:iam::123456789012:role/any',
    });
    const { executionArn } = service.startExecution({ stateMachineArn });
    await clock.settled();
    return service.historyOf(executionArn).map(traceEvent);
  };
  const task = (name: string, rest: State): State => ({
    Type: 'Task',
    Resource: `arn:aws:lambda:us-east-1:123456789012:function:${name}`,
    ...rest,
  });
  const machine = (States: Readonly<Record<string, State>>) => ({
    QueryLanguage: 'JSONata',
    StartAt: Object.keys(States)[0],
    States,
  });
  return { run, task, machine };
}
