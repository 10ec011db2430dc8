import type { Json } from '../../asl/language/json.js';
import { exceedsJsonSize } from '../../asl/language/json-size.js';
import { StatesError } from '../../asl/language/states-error.js';
import type { Clock } from '../../clock.js';
import type { MapRunCounts, MapRunDescription } from '../model/api.js';
import type {
  DistributedPlan,
  ItemReaderPlan,
  MapIteration,
  MapPlan,
  ResultWriterPlan,
  Tolerance,
} from '../model/effects.js';
import type { Execution } from '../model/execution.js';
import type { Frame } from '../model/frame.js';
import type { ObjectStore } from '../model/objects.js';
import type { Completion } from '../run/ports.js';
import { readItems } from './item-reader.js';
import { writeResults } from './result-writer.js';

/** A distributed Map runs so many child executions at once when it sets no limit of its own. */
const DEFAULT_CONCURRENCY = 10_000;

const THRESHOLD_EXCEEDED = new StatesError(
  'States.ExceedToleratedFailureThreshold',
  'The specified tolerated failure threshold was exceeded',
);

/** What distributed Maps need. */
export interface MapRunPorts {
  readonly clock: Clock;
  readonly objects: ObjectStore | undefined;
  /** Starts a child execution of a Map run. */
  readonly startChild: (run: MapRun, iteration: MapIteration) => Execution;
  readonly stopChild: (child: Execution) => void;
  readonly guarded: (execution: Execution, action: () => void) => void;
}

/**
 * One run of a distributed Map: reads its items, starts a child execution for each (or for each batch), and gathers their results.
 */
export class MapRun {
  readonly children: Execution[] = [];
  readonly startDate: number;
  status: MapRunDescription['status'] = 'RUNNING';
  stopDate: number | undefined;
  private iterations: readonly MapIteration[] = [];
  private tolerance: Tolerance = {};
  private next = 0;
  private active = 0;
  private failedItems = 0;
  private results: { readonly child: Execution; readonly iteration: MapIteration }[] = [];
  private resultsWritten = 0;

  constructor(
    readonly arn: string,
    readonly frame: Frame,
    private readonly plan: MapPlan,
    private readonly ports: MapRunPorts,
    private readonly done: (completion: Completion) => void,
  ) {
    this.startDate = ports.clock.now();
  }

  /** Begins; what the plan can't be read for is thrown, before anything is written. */
  begin(): void {
    const { frame, plan } = this;
    const distributed = plan.distributed!;
    this.tolerance = distributed.tolerance();
    const reader = planReader(distributed);
    if (distributed.reader === undefined) this.iterations = distributed.batch(plan.iterations());
    frame.previous = frame.execution.write('MapRunStarted', frame.previous, { mapRunArn: this.arn });
    void this.ports.clock.track(this.prepare(reader)).then(
      () => this.startNext(),
      (error: unknown) => this.fail(error, 'States.ItemReaderFailed'),
    );
  }

  /** Stops the children, because the Map itself is given up. */
  stop(): void {
    this.close('ABORTED');
  }

  describe(): MapRunDescription {
    const { plan, tolerance, children } = this;
    const items = (count: (child: Execution) => boolean) =>
      this.results.reduce((total, { child, iteration }) => total + (count(child) ? iteration.count : 0), 0);
    const executions = (count: (child: Execution) => boolean) => children.filter(count).length;
    const all = this.iterations.reduce((total, { count }) => total + count, 0);
    return {
      mapRunArn: this.arn,
      executionArn: this.frame.execution.arn,
      status: this.status,
      startDate: this.startDate,
      ...(this.stopDate !== undefined && { stopDate: this.stopDate }),
      maxConcurrency: plan.maxConcurrency,
      toleratedFailureCount: tolerance.count ?? 0,
      toleratedFailurePercentage: tolerance.percentage ?? 0,
      itemCounts: counts(items, all, this.resultsWritten),
      executionCounts: counts(executions, this.iterations.length, this.resultsWritten),
      redriveCount: 0,
    };
  }

  private async prepare(reader: ItemReaderPlan | StatesError | undefined): Promise<void> {
    if (reader instanceof StatesError) throw reader;
    if (reader === undefined) return;
    this.iterations = this.plan.distributed!.plan(await readItems(reader, this.ports.objects));
  }

  private startNext(): void {
    const limit = this.plan.maxConcurrency > 0 ? this.plan.maxConcurrency : DEFAULT_CONCURRENCY;
    while (this.status === 'RUNNING' && this.active < limit && this.next < this.iterations.length) {
      const iteration = this.iterations[this.next++]!;
      const child = this.ports.startChild(this, iteration);
      this.active++;
      this.children.push(child);
      this.results.push({ child, iteration });
      child.watchers.push(() => this.childEnded(child, iteration));
    }
    if (this.status === 'RUNNING' && this.active === 0) this.finish();
  }

  private childEnded(child: Execution, iteration: MapIteration): void {
    this.active--;
    if (this.status !== 'RUNNING') return;
    if (child.status !== 'SUCCEEDED') {
      this.failedItems += iteration.count;
      if (this.exceedsTolerance()) {
        this.fail(THRESHOLD_EXCEEDED, 'States.ExceedToleratedFailureThreshold');
        return;
      }
    }
    this.startNext();
  }

  private exceedsTolerance(): boolean {
    const { count, percentage } = this.tolerance;
    const all = this.iterations.reduce((total, iteration) => total + iteration.count, 0);
    const byCount = count !== undefined && this.failedItems <= count;
    const byPercentage = percentage !== undefined && this.failedItems * 100 <= percentage * all;
    return !(byCount || byPercentage);
  }

  private finish(): void {
    const writer = this.plan.distributed!.writer;
    if (writer === undefined) {
      this.succeed(this.outputs());
      return;
    }
    void this.ports.clock.track(this.write(writer)).then(
      (output) => this.succeed(output),
      (error: unknown) => this.fail(error, 'States.ResultWriterFailed'),
    );
  }

  private async write(writer: () => ResultWriterPlan): Promise<Json> {
    const output = await writeResults(writer(), this, this.ports.objects);
    this.resultsWritten = this.results.length;
    return output;
  }

  private outputs(): Json {
    return this.children.filter(({ status }) => status === 'SUCCEEDED').map(({ output }) => output ?? null);
  }

  private succeed(output: Json): void {
    if (this.status !== 'RUNNING') return;
    const { execution, state } = this.frame;
    if (exceedsJsonSize(output)) {
      const cause = `The state/task '${state.name}' returned a result with a size exceeding the maximum number of bytes service limit.`;
      this.fail(new StatesError('States.DataLimitExceeded', cause), 'States.DataLimitExceeded');
      return;
    }
    this.close('SUCCEEDED');
    this.ports.guarded(execution, () => {
      // The state's exit is linked to the start of the run, as AWS does since the end of 2024.
      const succeeded = execution.write('MapRunSucceeded', this.frame.previous, undefined);
      execution.write('MapStateSucceeded', succeeded, undefined);
      this.done({ output });
    });
  }

  /** `otherwise` names the failure when the object store itself failed: what it threw is no failure of the workflow's own. */
  private fail(raised: unknown, otherwise: string): void {
    if (this.status !== 'RUNNING') return;
    const failure = raised instanceof StatesError ? raised : new StatesError(otherwise, messageOf(raised));
    this.close('FAILED');
    const { frame } = this;
    this.ports.guarded(frame.execution, () => {
      frame.previous = frame.execution.write('MapRunFailed', frame.previous, {
        ...(failure.error !== undefined && { error: failure.error }),
        ...(failure.cause !== undefined && { cause: failure.cause }),
      });
      this.done({ failure });
    });
  }

  private close(status: MapRunDescription['status']): void {
    if (this.status !== 'RUNNING') return;
    this.status = status;
    this.stopDate = this.ports.clock.now();
    for (const child of this.children) if (child.running) this.ports.stopChild(child);
  }
}

/** What is to be read. A field that can't be evaluated fails the state before the run begins; a value that is not allowed fails the run. */
function planReader({ reader }: DistributedPlan): ItemReaderPlan | StatesError | undefined {
  try {
    return reader?.();
  } catch (error) {
    if (error instanceof StatesError && !error.evaluation) return error;
    throw error;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function counts(
  count: (which: (child: Execution) => boolean) => number,
  total: number,
  resultsWritten: number,
): MapRunCounts {
  const by = (status: Execution['status']) => count((child) => child.status === status);
  const known = count(() => true);
  return {
    pending: total - known,
    running: by('RUNNING'),
    succeeded: by('SUCCEEDED'),
    failed: by('FAILED'),
    timedOut: by('TIMED_OUT'),
    aborted: by('ABORTED'),
    total,
    resultsWritten,
    failuresNotRedrivable: 0,
    pendingRedrive: 0,
  };
}
