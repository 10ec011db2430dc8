import type { SweepReport } from './sweep.js';

/** The namespace of the hub's metrics. */
const NAMESPACE = 'DurableSteps';

/**
 * A sweep's report in CloudWatch's embedded metric format, by the name of the hub's table; undefined when nothing was due: a metric that is not sent costs nothing.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function tryRenderMetrics(hub: string, now: number, report: SweepReport): string | undefined {
  const { oldestOwed, oldestCheck, tended, putOff, given } = report;
  const ages = { OldestOwed: oldestOwed, OldestCheck: oldestCheck };
  const values = Object.entries(ages).flatMap(([name, age]) =>
    age === undefined ? [] : [[name, age / 1000] as const],
  );
  if (values.length === 0) return undefined;
  const Metrics = values.map(([Name]) => ({ Name, Unit: 'Seconds' }));
  return JSON.stringify({
    _aws: { Timestamp: now, CloudWatchMetrics: [{ Namespace: NAMESPACE, Dimensions: [['Hub']], Metrics }] },
    Hub: hub,
    ...Object.fromEntries(values),
    tended,
    putOff,
    given: given.length,
  });
}
