import { Duration, Names } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as actions from 'aws-cdk-lib/aws-cloudwatch-actions';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { METRIC_DIMENSIONS, OUTCOME_METRICS, SWEEP_METRICS } from '../../../contract/hub-metrics.js';
import type { Checks } from '../../../options/check-options.js';
import { like, needed } from '../../../options/kinds.js';
import { checkProps } from '../../check-props.js';
import { type DeadLetters, watchDeadLetters } from '../../dead-letters.js';
import type { TaskHub } from '../task-hub.js';
import { HubDashboard } from './hub-dashboard.js';
import { type HubMetric, hubMetric } from './hub-metric.js';

/** Options of {@link HubAlarms}. */
export interface HubAlarmsProps {
  /** The hub that is watched. */
  readonly hub: TaskHub;
  /** Who is told when an alarm goes off, and when all is well again. @default - nobody: the alarms show in CloudWatch and on the dashboard */
  readonly topic?: sns.ITopic;
}

const HUB_ALARMS: Checks<HubAlarmsProps> = {
  hub: needed(like('a TaskHub', 'emitMetrics')),
  topic: like('a topic of SNS', 'topicArn'),
};

/** When entries that are due are late: the sweep comes each minute, and may have failed with them a few times. */
const LATE = Duration.minutes(15);

/**
 * Watches a task hub: alarms, and a dashboard that shows what they are about.
 *
 * Builds an alarm each for instances that failed and that ran out of time (any, within five minutes), errors and throttles of the hub's own functions, side effects and looks at instances that are late by a quarter of
 * an hour, and for each dead-letter queue of the kit's consumers in its stack (hub, starters), those added later too: put one into every stack with starters. The hub then measures how
 * its instances end, as custom metrics of the namespace `DurableSteps`, by hub and by orchestration.
 *
 * @example new HubAlarms(this, 'Alarms', { hub, topic });
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html
 */
export class HubAlarms extends Construct {
  /** Everything at a glance. */
  readonly dashboard: cloudwatch.Dashboard;
  private readonly hub: TaskHub;
  private readonly topic: sns.ITopic | undefined;
  private readonly panel: HubDashboard;

  constructor(scope: Construct, id: string, props: HubAlarmsProps) {
    checkProps(scope, id, props, HUB_ALARMS);
    super(scope, id);
    this.hub = props.hub;
    this.topic = props.topic;
    this.hub.emitMetrics();
    this.panel = new HubDashboard(this, 'Dashboard', { hub: this.hub, functions: functionsOf(this.hub) });
    this.dashboard = this.panel.dashboard;
    this.watchOutcomes();
    this.watchFunctions();
    this.watchSweeps();
    watchDeadLetters(this, (letters) => this.watchQueue(letters));
  }

  /**
   * A metric of the hub, for alarms and widgets of one's own: the sum of a count, the maximum of a duration, in five minutes.
   *
   * @param orchestration the instances of one, by its name in the hub; @default - of all
   * @example alarms.metric('InstancesFailed', 'process-order').createAlarm(this, 'Orders', { threshold: 10, evaluationPeriods: 1 });
   */
  metric(name: HubMetric, orchestration?: string, options: cloudwatch.MetricOptions = {}): cloudwatch.Metric {
    if (orchestration === undefined) return hubMetric(this.hub, name, options);
    return hubMetric(this.hub, name, {
      ...options,
      dimensionsMap: { [METRIC_DIMENSIONS.orchestration]: orchestration },
    });
  }

  private watchOutcomes(): void {
    this.alarm('Failed', this.metric(OUTCOME_METRICS.failed), 'instances failed');
    this.alarm('TimedOut', this.metric(OUTCOME_METRICS.timedOut), 'instances ran out of time');
  }

  private watchFunctions(): void {
    const functions = functionsOf(this.hub);
    const sum = (metrics: readonly cloudwatch.Metric[]) =>
      new cloudwatch.MathExpression({
        expression: metrics.map((_, index) => `FILL(m${index}, 0)`).join(' + '),
        usingMetrics: Object.fromEntries(metrics.map((metric, index) => [`m${index}`, metric])),
        period: Duration.minutes(5),
      });
    this.alarm('Errors', sum(functions.map((fn) => fn.metricErrors())), 'functions of the hub failed');
    this.alarm('Throttles', sum(functions.map((fn) => fn.metricThrottles())), 'functions of the hub were throttled');
  }

  private watchSweeps(): void {
    const threshold = LATE.toSeconds();
    const late = `late by more than ${LATE.toMinutes()} minutes`;
    const options = { threshold, periods: 2 };
    this.alarm('Owed', this.metric(SWEEP_METRICS.oldestOwed), `side effects that the hub owes are ${late}`, options);
    this.alarm('Checks', this.metric(SWEEP_METRICS.oldestCheck), `looks at running instances are ${late}`, options);
  }

  private watchQueue({ queue, consumer }: DeadLetters): void {
    const metric = queue.metricApproximateNumberOfMessagesVisible({ statistic: 'Maximum' });
    const what = `events or messages that \`${consumer.node.path}\` could not take lie in its dead-letter queue`;
    this.alarm(`DeadLetters${Names.nodeUniqueId(queue.node).slice(-64)}`, metric, what);
    this.panel.addQueue(consumer.node.path, queue, metric);
  }

  private alarm(
    id: string,
    metric: cloudwatch.IMetric,
    what: string,
    { threshold = 0, periods = 1 }: { readonly threshold?: number; readonly periods?: number } = {},
  ): void {
    const alarm = new cloudwatch.Alarm(this, id, {
      metric,
      threshold,
      evaluationPeriods: periods,
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
      alarmDescription: `Task hub ${this.hub.node.path}: ${what}.`,
    });
    this.panel.addAlarm(alarm);
    if (this.topic === undefined) return;
    const tell = new actions.SnsAction(this.topic);
    alarm.addAlarmAction(tell);
    alarm.addOkAction(tell);
  }
}

function functionsOf(hub: TaskHub): readonly lambda.Function[] {
  const { followStatusFunction, awaitEventFunction, sweepFunction, approvals } = hub;
  const asked = approvals === undefined ? [] : [approvals.askFunction, approvals.decideFunction];
  return [followStatusFunction, awaitEventFunction, sweepFunction, ...asked];
}
