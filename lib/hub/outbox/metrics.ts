import { METRIC_DIMENSIONS, SWEEP_METRICS } from '../../contract/hub-metrics.js';
import { renderMeasurement } from '../metrics.js';
import type { SweepReport } from './sweep.js';

/** A sweep's report as a line of metrics, by the name of the hub's table; undefined when nothing was due: a metric that is not sent costs nothing. */
export function tryRenderMetrics(hub: string, now: number, report: SweepReport): string | undefined {
  const { oldestOwed, oldestCheck, tended, putOff, given } = report;
  const ages = [
    [SWEEP_METRICS.oldestOwed, oldestOwed],
    [SWEEP_METRICS.oldestCheck, oldestCheck],
  ] as const;
  const metrics = ages.flatMap(([name, age]) =>
    age === undefined ? [] : [[name, { value: age / 1000, unit: 'Seconds' as const }] as const],
  );
  if (metrics.length === 0) return undefined;
  return renderMeasurement({
    at: now,
    metrics: Object.fromEntries(metrics),
    dimensions: { [METRIC_DIMENSIONS.hub]: hub },
    by: [[METRIC_DIMENSIONS.hub]],
    fields: { tended, putOff, given: given.length },
  });
}
