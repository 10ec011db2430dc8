import type { Json, JsonObject } from '../../lib/asl/language/json.js';
import { VirtualClock } from '../../lib/clock.js';
import type { ExecutionDescription } from '../../lib/engine/model/api.js';
import type { HistoryEvent } from '../../lib/engine/model/history.js';
import { StepFunctions } from '../../lib/engine/service/step-functions.js';
import { MemoryObjects } from '../../lib/engine/work/memory-objects.js';
import type { ExecutionCase } from './cases.js';
import { RecordedTasks } from './recorded-tasks.js';

/** What came of running a case here. */
export interface CaseRun {
  readonly execution: ExecutionDescription;
  readonly history: readonly HistoryEvent[];
}

/** Runs a recorded execution in the engine, in virtual time, against what was recorded of the world around it. */
export async function runCase(recorded: ExecutionCase): Promise<CaseRun> {
  const clock = new VirtualClock(recorded.clockStart === undefined ? {} : { start: new Date(recorded.clockStart) });
  const tasks = new RecordedTasks(recorded);
  const objects = new MemoryObjects(clock);
  for (const { bucket, key, body } of recorded.s3Objects ?? []) await objects.put(bucket, key, Buffer.from(body));
  const service = new StepFunctions({
    clock,
    tasks,
    objects,
    accountId: '111111111111',
    holdForTokens: false,
    nestedExecutions: 'port',
  });
  tasks.serve(service);
  serveActivities(service, tasks, recorded);
  const { stateMachineArn } = service.createStateMachine({
    name: 'StateMachineUnderTest',
    definition: JSON.stringify(recorded.definition),
    roleArn: 'arn:aws:iam::111111111111:role/StateMachineRole',
    type: recorded.workflowType,
  });
  actFromOutside(service, recorded);
  const { executionArn } = service.startExecution({ stateMachineArn, input: JSON.stringify(recorded.input) });
  await clock.settled();
  return { execution: service.describeExecution({ executionArn }), history: service.historyOf(executionArn) };
}

/** A worker for each activity task, under the recorded worker's name. */
function serveActivities(service: StepFunctions, tasks: RecordedTasks, recorded: ExecutionCase): void {
  const names = (recorded.history ?? []).flatMap(({ type, workerName }) =>
    type === 'ActivityStarted' ? [workerName as string] : [],
  );
  const stubs = (recorded.tasks ?? []).filter(({ resource }) => resource.includes(':activity:'));
  stubs.forEach(({ resource, state, parameters }, index) => {
    service.createActivity({ name: resource.split(':').at(-1) ?? '' });
    const workerName = names[index];
    void service
      .getActivityTask({ activityArn: resource, ...(workerName !== undefined && { workerName }) })
      .then(({ taskToken }) => {
        const task = tasks.take(state, parameters);
        if (taskToken !== undefined && task !== undefined) tasks.answer(taskToken, task.outcome);
      });
  });
}

function actFromOutside(service: StepFunctions, recorded: ExecutionCase): void {
  if (recorded.externalActions?.some(({ action }) => action === 'StopExecution') !== true) return;
  service.onEvent((executionArn, { type }) => {
    if (type === 'WaitStateEntered') queueMicrotask(() => service.stopExecution({ executionArn }));
  });
}

/** Details that the recordings leave out. */
const NOT_RECORDED = new Set(['region', 'roleArn', 'inputText', 'taskCredentials']);

/** An event in the cases' flat form. */
export function flatten({ id, previousEventId, type, details }: HistoryEvent): JsonObject {
  const flat: Record<string, Json> = { id, prev: previousEventId, type };
  for (const [name, value] of Object.entries((details ?? {}) as Record<string, Json | undefined>)) {
    if (value !== undefined && !NOT_RECORDED.has(name)) flat[name] = value;
  }
  return flat;
}
