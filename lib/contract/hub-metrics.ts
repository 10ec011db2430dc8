/** The namespace of a hub's metrics in Amazon CloudWatch. */
export const METRICS_NAMESPACE = 'DurableSteps';

/** The dimensions: every metric is of a hub, told by its table's name; those of instances are also told by orchestration. Nothing that grows with instances is a dimension. */
export const METRIC_DIMENSIONS = { hub: 'Hub', orchestration: 'Orchestration' } as const;

/**
 * How many instances ended, and how: succeeded, failed, ran out of time, were terminated. Of a generation that continues as new nothing ended.
 *
 * Unit: count.
 */
export const OUTCOME_METRICS = {
  completed: 'InstancesCompleted',
  failed: 'InstancesFailed',
  timedOut: 'InstancesTimedOut',
  terminated: 'InstancesTerminated',
} as const;

/** How long the instances that ended had been there, from the start of their first execution or their last restart. Unit: seconds. */
export const DURATION_METRIC = 'InstanceDuration';

/** For how long the entry had been due that a sweep found due first: a side effect that is owed, a look at an instance. Unit: seconds. */
export const SWEEP_METRICS = { oldestOwed: 'OldestOwed', oldestCheck: 'OldestCheck' } as const;
