import { ApiError } from '../model/api-errors.js';
import type { Execution } from '../model/execution.js';

/** How long finished executions are kept. The children of a distributed Map are kept as long as the execution that has the Map. */
export interface Retention {
  /** The most finished executions to keep, children not counted; older ones go first. @default 10000 */
  readonly maxExecutions?: number;
  /** How long a finished execution is kept, in milliseconds. @default - 90 days, as AWS does */
  readonly maxAge?: number;
}

const DEFAULT_MAX_EXECUTIONS = 10_000;
const DEFAULT_MAX_AGE = 90 * 86_400_000;

/** The executions that are known. Those that run are always kept; memory for finished ones is bounded by the retention. */
export class ExecutionStore {
  private readonly byArn = new Map<string, Execution>();
  /** Children of distributed Maps that nobody has asked for by ARN yet: there may be tens of thousands, and mostly nobody ever does. */
  private readonly unindexed = new Set<Execution>();
  private readonly byMachine = new Map<string, Set<Execution>>();
  /** Finished ones, oldest first, from `oldest` on. */
  private finished: Execution[] = [];
  private oldest = 0;

  constructor(
    private readonly retention: Retention,
    private readonly now: () => number,
    /** An execution is no longer kept. */
    private readonly onRemoved: (execution: Execution) => void,
  ) {}

  add(execution: Execution): void {
    if (execution.mapRun !== undefined) {
      this.unindexed.add(execution);
      return;
    }
    this.byArn.set(execution.arn, execution);
    const machineArn = execution.machine.arn;
    const group = this.byMachine.get(machineArn) ?? new Set();
    group.add(execution);
    this.byMachine.set(machineArn, group);
  }

  get(arn: string): Execution | undefined {
    if (isOfMapRun(arn)) this.indexChildren();
    return this.byArn.get(arn);
  }

  private indexChildren(): void {
    for (const child of this.unindexed) this.byArn.set(child.arn, child);
    this.unindexed.clear();
  }

  /** The execution; throws `ExecutionDoesNotExist` when there is none. */
  find(arn: string): Execution {
    const execution = this.get(arn);
    if (execution !== undefined) return execution;
    if (!/^arn:[\w-]+:states:[\w-]+:\d+:(execution|express):/.test(arn))
      throw new ApiError('InvalidArn', `Invalid Arn: '${arn}'`);
    throw new ApiError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
  }

  /** The executions of a state machine, newest first. */
  ofMachine(machineArn: string): readonly Execution[] {
    return [...(this.byMachine.get(machineArn) ?? [])].reverse();
  }

  /** An execution ended: it counts for the retention from now on. */
  noteFinished(execution: Execution): void {
    if (execution.mapRun !== undefined) return;
    this.finished.push(execution);
    const { maxExecutions = DEFAULT_MAX_EXECUTIONS, maxAge = DEFAULT_MAX_AGE } = this.retention;
    const expired = this.now() - maxAge;
    while (
      this.finished.length - this.oldest > maxExecutions ||
      (this.finished[this.oldest]?.stopDate ?? expired) < expired
    ) {
      this.remove(this.finished[this.oldest++]!);
    }
    if (this.oldest < 1_000 || this.oldest * 2 < this.finished.length) return;
    this.finished = this.finished.slice(this.oldest);
    this.oldest = 0;
  }

  /** A finished execution runs again. */
  noteRedriven(execution: Execution): void {
    this.finished = this.finished.slice(this.oldest).filter((other) => other !== execution);
    this.oldest = 0;
  }

  /** Forgets a child of an execution that is no longer kept. */
  forgetChild(child: Execution): void {
    if (!this.unindexed.delete(child)) this.byArn.delete(child.arn);
  }

  private remove(execution: Execution): void {
    this.byArn.delete(execution.arn);
    const group = this.byMachine.get(execution.machine.arn);
    group?.delete(execution);
    if (group?.size === 0) this.byMachine.delete(execution.machine.arn);
    this.onRemoved(execution);
  }
}

/** Whether an ARN names a child of a Map run: its state machine is named after the machine and the Map's label. */
function isOfMapRun(arn: string): boolean {
  return /:(?:execution|express):[^:]*\//.test(arn);
}
