import { RemovalPolicy } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';

/**
 * A log group for a function, kept for a month, and a role that may write into this group alone: AWS's managed policy for functions, which the CDK would give them, lets each write into
 * the logs of all. Options that ask for something else are kept.
 *
 * @param id the function's
 */
export function functionLogs(
  scope: Construct,
  id: string,
  options: Pick<lambda.FunctionOptions, 'logGroup' | 'logRetention' | 'role' | 'vpc'> = {},
): Pick<lambda.FunctionOptions, 'logGroup' | 'role'> {
  // With a retention the CDK makes and names the group itself.
  if (options.logRetention !== undefined) return {};
  const logGroup = options.logGroup ?? makeLogGroup(scope, id);
  return { logGroup, role: options.role ?? makeRole(scope, id, logGroup, options.vpc !== undefined) };
}

function makeLogGroup(scope: Construct, id: string): logs.LogGroup {
  return new logs.LogGroup(scope, `${id}Logs`, {
    retention: logs.RetentionDays.ONE_MONTH,
    removalPolicy: RemovalPolicy.DESTROY,
  });
}

function makeRole(scope: Construct, id: string, logGroup: logs.ILogGroupRef, inVpc: boolean): iam.Role {
  const role = new iam.Role(scope, `${id}ServiceRole`, {
    assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
    // Network interfaces have no names before Lambda makes them.
    ...(inVpc && {
      managedPolicies: [iam.ManagedPolicy.fromAwsManagedPolicyName('service-role/AWSLambdaVPCAccessExecutionRole')],
    }),
  });
  role.addToPolicy(
    new iam.PolicyStatement({
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      // Early versions of the CDK have only groups that name themselves.
      resources: [(logGroup as Partial<logs.ILogGroup>).logGroupArn ?? logGroup.logGroupRef.logGroupArn],
    }),
  );
  return role;
}
