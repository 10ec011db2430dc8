import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as logs from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';

/**
 * A log group that an AWS service delivers to, kept for a month, under `/aws/vendedlogs/`: each group elsewhere adds to CloudWatch's one resource policy for deliveries, which holds 5,120
 * characters in an account and region, and creating the next group fails once it is full.
 *
 * @param service the folder, for example `states`
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-and-resource-policy.html
 */
export function vendedLog(scope: Construct, id: string, service: string): logs.LogGroup {
  const { stackName, region } = Stack.of(scope);
  // What a construct may be called and a log group may not: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html
  const name = scope.node.id.replace(/[^\w./#-]/g, '-').slice(0, 200);
  return new logs.LogGroup(scope, id, {
    logGroupName: `/aws/vendedlogs/${service}/${stackName}-${region}-${scope.node.addr.slice(-8)}-${name}`,
    retention: logs.RetentionDays.ONE_MONTH,
    removalPolicy: RemovalPolicy.DESTROY,
  });
}
