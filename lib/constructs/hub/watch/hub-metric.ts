import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import {
  type DURATION_METRIC,
  METRIC_DIMENSIONS,
  METRICS_NAMESPACE,
  type OUTCOME_METRICS,
  type SWEEP_METRICS,
} from '../../../contract/hub-metrics.js';
import type { TaskHub } from '../task-hub.js';

/** The metrics of a hub: how instances ended, how long they took, how far the hub is behind. */
export type HubMetric =
  | (typeof OUTCOME_METRICS)[keyof typeof OUTCOME_METRICS]
  | (typeof SWEEP_METRICS)[keyof typeof SWEEP_METRICS]
  | typeof DURATION_METRIC;

/** A metric of a hub, per five minutes unless told otherwise. */
export function hubMetric(hub: TaskHub, metricName: HubMetric, options: cloudwatch.MetricOptions = {}) {
  return new cloudwatch.Metric({
    namespace: METRICS_NAMESPACE,
    metricName,
    statistic: metricName.startsWith('Instances') ? 'Sum' : 'Maximum',
    period: Duration.minutes(5),
    ...options,
    dimensionsMap: { [METRIC_DIMENSIONS.hub]: hub.table.tableName, ...options.dimensionsMap },
  });
}
