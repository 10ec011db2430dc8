import { exactJsonText } from '../../asl/language/exact-json.js';
import type {
  ExecutionDescription,
  ExecutionStatusChange,
  ExecutionSummary,
  StateMachineDescription,
  SyncExecutionResult,
} from '../model/api.js';
import type { Execution } from '../model/execution.js';
import type { StateMachine } from '../model/state-machine.js';

/** DescribeExecution's answer. */
export function describeExecution(execution: Execution): ExecutionDescription {
  const { error, cause, mapRun, redriveDate, stopDate, traceHeader } = execution;
  const reason = notRedrivableReason(execution);
  return {
    executionArn: execution.arn,
    stateMachineArn: execution.machine.arn,
    name: execution.name,
    status: execution.status,
    startDate: execution.startDate,
    ...(stopDate !== undefined && { stopDate }),
    input: execution.inputText,
    inputDetails: { included: true },
    ...(execution.status === 'SUCCEEDED' && {
      output: exactJsonText(execution.output),
      outputDetails: { included: true },
    }),
    ...(error !== undefined && { error }),
    ...(cause !== undefined && { cause }),
    ...(mapRun !== undefined && { mapRunArn: mapRun.arn }),
    redriveCount: execution.redriveCount,
    ...(redriveDate !== undefined && { redriveDate }),
    redriveStatus:
      reason === undefined
        ? 'REDRIVABLE'
        : mapRun !== undefined && execution.status !== 'SUCCEEDED'
          ? 'REDRIVABLE_BY_MAP_RUN'
          : 'NOT_REDRIVABLE',
    ...(reason !== undefined && { redriveStatusReason: reason }),
    ...(traceHeader !== undefined && { traceHeader }),
  };
}

/** A failed execution may be redriven for so long. */
const REDRIVE_PERIOD_MS = 14 * 86_400_000;
/** AWS redrives an execution at most so often. */
const MAX_REDRIVES = 1_000;

/** Why an execution can't be redriven; `undefined` when it can. */
export function notRedrivableReason(execution: Execution): string | undefined {
  const { status, machine, stopDate = 0, sources } = execution;
  if (machine.type === 'EXPRESS') return 'Execution is of type EXPRESS and cannot be redriven';
  if (status === 'RUNNING' || status === 'SUCCEEDED' || status === 'PENDING_REDRIVE')
    return `Execution is ${status} and cannot be redriven`;
  if (execution.mapRun !== undefined) return 'Execution is a child execution of a Map Run and is redriven with it';
  if (sources.now() - stopDate > REDRIVE_PERIOD_MS)
    return 'Execution has exceeded its redrivable period and cannot be redriven';
  if (execution.redriveCount >= MAX_REDRIVES) return 'Execution has reached the maximum number of redrives';
  return undefined;
}

/** An execution in ListExecutions' answer. */
export function summarizeExecution(execution: Execution): ExecutionSummary {
  const { mapRun, redriveDate, stopDate } = execution;
  return {
    executionArn: execution.arn,
    stateMachineArn: execution.machine.arn,
    name: execution.name,
    status: execution.status,
    startDate: execution.startDate,
    ...(stopDate !== undefined && { stopDate }),
    ...(mapRun !== undefined && { mapRunArn: mapRun.arn, itemCount: mapRun.itemCount }),
    redriveCount: execution.redriveCount,
    ...(redriveDate !== undefined && { redriveDate }),
  };
}

/** What listeners for status changes are told. */
export function describeStatusChange(execution: Execution): ExecutionStatusChange {
  const { error, cause, stopDate } = execution;
  return {
    executionArn: execution.arn,
    stateMachineArn: execution.machine.arn,
    name: execution.name,
    status: execution.status,
    startDate: execution.startDate,
    ...(stopDate !== undefined && { stopDate }),
    input: execution.inputText,
    ...(execution.status === 'SUCCEEDED' && { output: exactJsonText(execution.output) }),
    ...(error !== undefined && { error }),
    ...(cause !== undefined && { cause }),
    redriveCount: execution.redriveCount,
  };
}

/** DescribeStateMachine's answer. */
export function describeStateMachine(machine: StateMachine): StateMachineDescription {
  return {
    stateMachineArn: machine.arn,
    name: machine.name,
    type: machine.type,
    creationDate: machine.creationDate,
    status: 'ACTIVE',
    definition: machine.definition,
    roleArn: machine.roleArn,
    loggingConfiguration: machine.loggingConfiguration ?? { level: 'OFF', includeExecutionData: false },
    tracingConfiguration: machine.tracingConfiguration ?? { enabled: false },
    revisionId: machine.revisionId,
  };
}

/** An Express execution that was waited for, as `StartSyncExecution` answers. */
export function describeSyncExecution(execution: Execution, now: number): SyncExecutionResult {
  const {
    redriveCount: _count,
    redriveStatus: _status,
    redriveStatusReason: _reason,
    ...description
  } = describeExecution(execution);
  const { stopDate = now, status } = description;
  return {
    ...description,
    stopDate,
    status: status === 'SUCCEEDED' || status === 'TIMED_OUT' ? status : 'FAILED',
    billingDetails: {
      billedMemoryUsedInMB: 64,
      billedDurationInMilliseconds: Math.ceil((stopDate - execution.startDate) / 100) * 100,
    },
  };
}
