import { Lazy } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import {
  DURATION_METRIC,
  METRIC_DIMENSIONS,
  METRICS_NAMESPACE,
  OUTCOME_METRICS,
  SWEEP_METRICS,
} from '../../../contract/hub-metrics.js';
import type { TaskHub } from '../task-hub.js';
import { hubMetric } from './hub-metric.js';

/** Options of a {@link HubDashboard}. */
export interface HubDashboardProps {
  readonly hub: TaskHub;
  /** The functions of the hub. */
  readonly functions: readonly lambda.Function[];
}

const FULL_WIDTH = 24;
const THIRD = { width: 8, height: 6 };

/** A dashboard in the order of the questions: is something wrong, how do instances end, whose, is the hub behind, what could not be taken, how are the functions. */
export class HubDashboard extends Construct {
  readonly dashboard: cloudwatch.Dashboard;
  private readonly hub: TaskHub;
  private readonly alarms: cloudwatch.IAlarm[] = [];
  private readonly deadLetters = new cloudwatch.GraphWidget({ ...THIRD, title: 'Dead letters' });
  private readonly consumers: string[] = [];

  constructor(scope: Construct, id: string, { hub, functions }: HubDashboardProps) {
    super(scope, id);
    this.hub = hub;
    this.dashboard = new cloudwatch.Dashboard(this, 'Dashboard');
    // Alarms and queues are added until synthesis, which is when the widgets are read.
    this.dashboard.addWidgets(
      new cloudwatch.AlarmStatusWidget({
        title: `Task hub ${hub.node.path}`,
        width: FULL_WIDTH,
        height: 3,
        alarms: this.alarms,
      }),
    );
    this.dashboard.addWidgets(this.outcomes(), this.failures(), this.durations());
    this.dashboard.addWidgets(this.sweeps(), this.deadLetters, this.listOfConsumers());
    const each = (metrics: (fn: lambda.Function) => cloudwatch.IMetric[]) => functions.flatMap(metrics);
    this.dashboard.addWidgets(
      graph(
        'Calls of the hub’s functions',
        each((fn) => [fn.metricInvocations()]),
      ),
      graph(
        'Their errors and throttles',
        each((fn) => [fn.metricErrors(), fn.metricThrottles()]),
      ),
      graph(
        'How long they take (p99)',
        each((fn) => [fn.metricDuration({ statistic: 'p99' })]),
      ),
    );
  }

  addAlarm(alarm: cloudwatch.IAlarm): void {
    this.alarms.push(alarm);
  }

  /** Shows what lies in a consumer's dead-letter queue, and where the consumer's function logs why. */
  addQueue(consumer: string, queue: sqs.Queue, metric: cloudwatch.IMetric): void {
    this.deadLetters.addLeftMetric(metric);
    this.consumers.push(`\`${consumer}\` | ${queue.queueName}`);
  }

  private outcomes(): cloudwatch.GraphWidget {
    return graph(
      'Instances that ended',
      Object.values(OUTCOME_METRICS).map((name) => hubMetric(this.hub, name, { label: name.replace('Instances', '') })),
    );
  }

  private failures(): cloudwatch.GraphWidget {
    return graph('Failed, by orchestration', [this.byOrchestration(OUTCOME_METRICS.failed, 'Sum')]);
  }

  private durations(): cloudwatch.GraphWidget {
    return graph('How long instances took (p90), by orchestration', [this.byOrchestration(DURATION_METRIC, 'p90')]);
  }

  /** One line for each orchestration that has the metric. */
  private byOrchestration(metric: string, statistic: string): cloudwatch.IMetric {
    const { hub, orchestration } = METRIC_DIMENSIONS;
    const schema = `{${METRICS_NAMESPACE},${hub},${orchestration}}`;
    const found = `${schema} ${hub}="${this.hub.table.tableName}" MetricName="${metric}"`;
    return new cloudwatch.MathExpression({ expression: `SEARCH('${found}', '${statistic}', 300)`, label: '' });
  }

  private sweeps(): cloudwatch.GraphWidget {
    return graph('How late the hub is, in seconds', [
      hubMetric(this.hub, SWEEP_METRICS.oldestOwed, { label: 'Side effects' }),
      hubMetric(this.hub, SWEEP_METRICS.oldestCheck, { label: 'Looks at running instances' }),
    ]);
  }

  private listOfConsumers(): cloudwatch.TextWidget {
    const rows = () => ['Consumer | Its dead-letter queue', '--- | ---', ...this.consumers].join('\n');
    return new cloudwatch.TextWidget({ ...THIRD, markdown: Lazy.string({ produce: rows }) });
  }
}

function graph(title: string, left: cloudwatch.IMetric[]): cloudwatch.GraphWidget {
  return new cloudwatch.GraphWidget({ ...THIRD, title, left });
}
