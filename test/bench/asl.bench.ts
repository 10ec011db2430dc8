import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Json } from '../../lib/asl/language/json.js';
import { VirtualClock } from '../../lib/clock.js';
import type { TaskPort } from '../../lib/engine/model/tasks.js';
import { StepFunctions } from '../../lib/engine/service/step-functions.js';
import { type Bench, bestOf, cost, rate, secondsOf } from './bench.js';

const NO_TASKS: TaskPort = {
  supports: () => undefined,
  run: async () => ({ output: null }),
};

const ROLE = 'arn:aws:iam::123456789012:role/Bench';

/** A service, and a state machine in it. */
function prepare(
  definition: object,
  tasks: TaskPort = NO_TASKS,
  retention?: { readonly maxExecutions: number },
  type: 'STANDARD' | 'EXPRESS' = 'STANDARD',
) {
  const clock = new VirtualClock({ start: 0 });
  const service = new StepFunctions({ clock, tasks, ...(retention !== undefined && { retention }) });
  const { stateMachineArn } = service.createStateMachine({
    name: 'Bench',
    definition: JSON.stringify(definition),
    roleArn: ROLE,
    type,
  });
  const run = async (input: Json): Promise<number> => {
    const { executionArn } = service.startExecution({ stateMachineArn, input: JSON.stringify(input) });
    await clock.settled();
    const { status, cause } = service.findExecution(executionArn);
    if (status !== 'SUCCEEDED') throw new Error(`the execution ended ${status}: ${cause}`);
    return service.historyOf(executionArn).length;
  };
  return { clock, service, stateMachineArn, run };
}

/** Runs a definition in the peer, aws-local-stepfunctions; `undefined` where the peer can't be run at all. */
async function tryPeer(definition: object, input: Json, options: object = {}): Promise<number | undefined> {
  try {
    const { StateMachine } = (await import('aws-local-stepfunctions')) as unknown as {
      readonly StateMachine: new (
        definition: object,
        options?: object,
      ) => { run(input: Json, options?: object): { readonly result: Promise<unknown> } };
    };
    const machine = new StateMachine(definition, { validationOptions: { noValidate: true } });
    return await bestOf(3, () => machine.run(input, options).result);
  } catch (error) {
    console.error(`aws-local-stepfunctions could not run this: ${error instanceof Error ? error.message : error}`);
    return undefined;
  }
}

/** Counts down in a loop of a Pass and a Choice: two transitions a round, four events. */
const COUNT_DOWN = {
  StartAt: 'Count',
  States: {
    Count: { Type: 'Pass', Parameters: { 'left.$': 'States.MathAdd($.left, -1)' }, Next: 'More?' },
    'More?': {
      Type: 'Choice',
      Choices: [{ Variable: '$.left', NumericGreaterThan: 0, Next: 'Count' }],
      Default: 'Done',
    },
    Done: { Type: 'Succeed' },
  },
};

const COUNT_DOWN_JSONATA = {
  QueryLanguage: 'JSONata',
  StartAt: 'Count',
  States: {
    Count: { Type: 'Pass', Output: { left: '{% $states.input.left - 1 %}' }, Next: 'More?' },
    'More?': {
      Type: 'Choice',
      Choices: [{ Condition: '{% $states.input.left > 0 %}', Next: 'Count' }],
      Default: 'Done',
    },
    Done: { Type: 'Succeed' },
  },
};

/** As many rounds as the limit of 25,000 events leaves room for. */
const ROUNDS = 6_000;
const EXECUTIONS = 20;

async function measureLoop(bench: string, definition: object, peerDefinition: object | undefined) {
  const { run } = prepare(definition, NO_TASKS, { maxExecutions: EXECUTIONS });
  await run({ left: ROUNDS });
  const seconds = await bestOf(3, async () => {
    for (let i = 0; i < EXECUTIONS; i++) await run({ left: ROUNDS });
  });
  const peer = peerDefinition === undefined ? undefined : await tryPeer(peerDefinition, { left: ROUNDS });
  const transitions = 2 * ROUNDS;
  return rate(
    bench,
    (transitions * EXECUTIONS) / seconds,
    'transitions/s',
    peer === undefined ? undefined : transitions / peer,
  );
}

const MAP_ITEMS = 10_000;

function mapOver(mode: 'INLINE' | 'DISTRIBUTED') {
  return {
    StartAt: 'Each',
    States: {
      Each: {
        Type: 'Map',
        ItemsPath: '$.items',
        ItemProcessor: {
          ProcessorConfig: mode === 'INLINE' ? { Mode: mode } : { Mode: mode, ExecutionType: 'STANDARD' },
          StartAt: 'Item',
          States: { Item: { Type: 'Pass', End: true } },
        },
        End: true,
      },
    },
  };
}

const WAITS = 3_650;
const WAIT_HOURS = {
  StartAt: 'Hour',
  States: {
    Hour: { Type: 'Wait', Seconds: 3_600, Next: 'Count' },
    Count: { Type: 'Pass', Parameters: { 'left.$': 'States.MathAdd($.left, -1)' }, Next: 'More?' },
    'More?': {
      Type: 'Choice',
      Choices: [{ Variable: '$.left', NumericGreaterThan: 0, Next: 'Hour' }],
      Default: 'Done',
    },
    Done: { Type: 'Succeed' },
  },
};

const CALLBACKS = 1_000;
const CALLBACK = {
  StartAt: 'Ask',
  States: {
    Ask: {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
      Parameters: { FunctionName: 'ask', Payload: { 'token.$': '$$.Task.Token' } },
      End: true,
    },
  },
};

/** A thousand executions at once, each waiting for its callback; they are answered in reverse order. */
async function measureCallbacks() {
  const tokens: string[] = [];
  const { clock, service, stateMachineArn } = prepare(CALLBACK, {
    supports: () => undefined,
    run: async ({ taskToken }) => {
      tokens.push(taskToken ?? '');
      return { output: {} };
    },
  });
  let succeeded = 0;
  service.onStatusChange(({ status }) => {
    if (status === 'SUCCEEDED') succeeded++;
  });
  const seconds = await secondsOf(async () => {
    for (let i = 0; i < CALLBACKS; i++) service.startExecution({ stateMachineArn });
    await clock.settled();
    for (const taskToken of tokens.reverse()) service.sendTaskSuccess({ taskToken, output: '{}' });
    await clock.settled();
  });
  if (succeeded !== CALLBACKS) throw new Error(`expected ${CALLBACKS} executions to succeed, got ${succeeded}`);
  return [
    cost('asl-callbacks-1000', seconds, 's'),
    rate('asl-callbacks-1000-lost', CALLBACKS - succeeded, 'executions'),
  ];
}

/** A full garbage collection, so that the heap holds only what is kept. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}

const KEPT = 2_000;

/** The heap that a finished execution keeps, and that it stays bounded by the retention. */
async function measureMemory() {
  const { service, stateMachineArn, clock } = prepare(COUNT_DOWN, NO_TASKS, { maxExecutions: KEPT });
  const heapAfter = async (executions: number): Promise<number> => {
    for (let i = 0; i < executions; i++) service.startExecution({ stateMachineArn, input: '{"left":5}' });
    await clock.settled();
    collectGarbage();
    return process.memoryUsage().heapUsed;
  };
  await heapAfter(10);
  const before = await heapAfter(0);
  const full = await heapAfter(KEPT);
  const beyond = await heapAfter(KEPT * 2);
  return [
    cost('asl-memory-per-execution', (full - before) / KEPT / 1024, 'KiB (13 transitions, 25 events)'),
    cost('asl-memory-beyond-retention', (beyond - full) / 1024 / 1024, 'MiB (after twice as many more)'),
  ];
}

export const benches: readonly Bench[] = [
  { name: 'asl-transitions', run: async () => [await measureLoop('asl-transitions', COUNT_DOWN, COUNT_DOWN)] },
  { name: 'asl-jsonata', run: async () => [await measureLoop('asl-jsonata', COUNT_DOWN_JSONATA, undefined)] },
  {
    name: 'asl-map-10000',
    run: async () => {
      const items = Array.from({ length: MAP_ITEMS }, (_, index) => index);
      // Inline, as in the peer, it takes an Express machine: a Standard history ends at 25,000 events. Distributed, each item is an execution with a history of its own.
      const inline = prepare(mapOver('INLINE'), NO_TASKS, { maxExecutions: 1 }, 'EXPRESS');
      const distributed = prepare(mapOver('DISTRIBUTED'), NO_TASKS, { maxExecutions: 1 });
      const peer = await tryPeer(mapOver('INLINE'), { items });
      return [
        cost('asl-map-10000', await bestOf(3, () => inline.run({ items })), 's', peer),
        cost('asl-map-10000-distributed', await bestOf(3, () => distributed.run({ items })), 's', peer),
      ];
    },
  },
  {
    name: 'asl-waits',
    run: async () => {
      const { run } = prepare(WAIT_HOURS);
      return [cost('asl-waits', await bestOf(3, () => run({ left: WAITS })), 's (3,650 waits of an hour)')];
    },
  },
  { name: 'asl-callbacks-1000', run: measureCallbacks },
  { name: 'asl-memory', run: measureMemory },
];
