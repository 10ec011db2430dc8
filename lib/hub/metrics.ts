import { METRICS_NAMESPACE } from '../contract/hub-metrics.js';

/** A value with its unit, as CloudWatch calls it. */
export interface Measured {
  readonly value: number;
  readonly unit: 'Count' | 'Seconds';
}

/** What was measured at one time. */
export interface Measurement {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly metrics: Readonly<Record<string, Measured>>;
  /** Names and values of the dimensions. */
  readonly dimensions: Readonly<Record<string, string>>;
  /** By which of the dimensions the metrics are told; each set is a metric of its own. */
  readonly by: readonly (readonly string[])[];
  /** What stands beside, for whoever reads the log. */
  readonly fields?: Readonly<Record<string, unknown>>;
}

/**
 * A measurement in CloudWatch's embedded metric format, as one line of a function's output.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function renderMeasurement({ at, metrics, dimensions, by, fields }: Measurement): string {
  const Metrics = Object.entries(metrics).map(([Name, { unit }]) => ({ Name, Unit: unit }));
  return JSON.stringify({
    _aws: { Timestamp: at, CloudWatchMetrics: [{ Namespace: METRICS_NAMESPACE, Dimensions: by, Metrics }] },
    ...dimensions,
    ...Object.fromEntries(Object.entries(metrics).map(([name, { value }]) => [name, value])),
    ...fields,
  });
}
