import type { Json } from '../../asl/language/json.js';
import type { Clock } from '../../clock.js';
import type { ActivitySummary } from '../model/api.js';
import { ApiError } from '../model/api-errors.js';

/** A worker's GetActivityTask waits so long for work. */
const POLL_MS = 60_000;

/** A task that waits for a worker of its activity. */
export interface ActivityTask {
  readonly token: string | undefined;
  readonly input: Json;
  /** A worker took it. */
  takenBy(workerName: string | undefined): void;
}

interface Activity extends ActivitySummary {
  /** Tasks that no worker took yet. */
  readonly waiting: Set<ActivityTask>;
  /** Workers that have nothing to do. */
  readonly workers: Set<(task: ActivityTask) => void>;
}

/** The activities, their tasks and the workers that poll for them. */
export class ActivityWorkers {
  private readonly byArn = new Map<string, Activity>();

  constructor(
    private readonly clock: Clock,
    /** Whether every activity exists, also one that nobody created. */
    private readonly implicit: boolean,
  ) {}

  /** Creates an activity; creating it again changes nothing. */
  create(activityArn: string, name: string): ActivitySummary {
    const existing = this.byArn.get(activityArn);
    if (existing !== undefined) return existing;
    const activity = {
      activityArn,
      name,
      creationDate: this.clock.now(),
      waiting: new Set<never>(),
      workers: new Set<never>(),
    };
    this.byArn.set(activityArn, activity);
    return activity;
  }

  list(): readonly ActivitySummary[] {
    return [...this.byArn.values()].map(({ activityArn, name, creationDate }) => ({ activityArn, name, creationDate }));
  }

  describe(activityArn: string): ActivitySummary {
    const { name, creationDate } = this.find(activityArn);
    return { activityArn, name, creationDate };
  }

  delete(activityArn: string): void {
    this.byArn.delete(activityArn);
  }

  /** Whether an activity exists. */
  has(activityArn: string): boolean {
    return this.implicit || this.byArn.has(activityArn);
  }

  /** Offers a task to the workers of an activity that exists; gives a function that takes the offer back. */
  offer(activityArn: string, task: ActivityTask): () => void {
    const activity = this.find(activityArn);
    const [worker] = activity.workers;
    if (worker !== undefined) {
      activity.workers.delete(worker);
      queueMicrotask(() => worker(task));
    } else activity.waiting.add(task);
    return () => activity.waiting.delete(task);
  }

  /** Waits for a task; `undefined` when none came in time. */
  poll(activityArn: string): Promise<ActivityTask | undefined> {
    const activity = this.find(activityArn);
    const [call] = activity.waiting;
    if (call !== undefined) {
      activity.waiting.delete(call);
      return Promise.resolve(call);
    }
    return new Promise((resolve) => {
      const worker = (task: ActivityTask): void => {
        cancel();
        resolve(task);
      };
      const giveUp = (): void => {
        activity.workers.delete(worker);
        resolve(undefined);
      };
      // A worker without work is no reason for virtual time to move.
      const cancel = this.clock.at(this.clock.now() + POLL_MS, giveUp, { background: true });
      activity.workers.add(worker);
    });
  }

  private createFromArn(activityArn: string): Activity {
    this.create(activityArn, activityArn.split(':').at(-1) ?? activityArn);
    return this.byArn.get(activityArn)!;
  }

  private find(activityArn: string): Activity {
    const activity = this.byArn.get(activityArn) ?? (this.implicit ? this.createFromArn(activityArn) : undefined);
    if (activity === undefined) throw new ApiError('ActivityDoesNotExist', `Activity Does Not Exist: '${activityArn}'`);
    return activity;
  }
}
