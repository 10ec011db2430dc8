import type { Value } from '../../assembly/model.js';

const LOGS = ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'];
const NETWORK = [
  'ec2:CreateNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:DeleteNetworkInterface',
  'ec2:AssignPrivateIpAddresses',
  'ec2:UnassignPrivateIpAddresses',
];

/** The policies that AWS manages and the CDK attaches, as far as they concern services of the local cloud. By name, path included. */
export const MANAGED_POLICIES: Readonly<Record<string, Value>> = {
  'service-role/AWSLambdaBasicExecutionRole': allow(LOGS),
  'service-role/AWSLambdaVPCAccessExecutionRole': allow([...LOGS, ...NETWORK]),
  'service-role/AWSLambdaSQSQueueExecutionRole': allow([
    'sqs:ReceiveMessage',
    'sqs:DeleteMessage',
    'sqs:GetQueueAttributes',
    ...LOGS,
  ]),
  'service-role/AWSLambdaDynamoDBExecutionRole': allow([
    'dynamodb:DescribeStream',
    'dynamodb:GetRecords',
    'dynamodb:GetShardIterator',
    'dynamodb:ListStreams',
    ...LOGS,
  ]),
  'service-role/AWSLambdaRole': allow(['lambda:InvokeFunction']),
  'service-role/AmazonAPIGatewayPushToCloudWatchLogs': allow(LOGS),
  CloudWatchLambdaInsightsExecutionRolePolicy: allow(LOGS),
  CloudWatchLambdaApplicationSignalsExecutionRolePolicy: allow([...LOGS, 'xray:PutTraceSegments']),
  AWSXRayDaemonWriteAccess: allow([
    'xray:PutTraceSegments',
    'xray:PutTelemetryRecords',
    'xray:GetSamplingRules',
    'xray:GetSamplingTargets',
    'xray:GetSamplingStatisticSummaries',
  ]),
  AWSXrayWriteOnlyAccess: allow(['xray:PutTraceSegments', 'xray:PutTelemetryRecords']),
  AmazonDynamoDBFullAccess: allow(['dynamodb:*']),
  AmazonDynamoDBReadOnlyAccess: allow([
    'dynamodb:BatchGetItem',
    'dynamodb:Describe*',
    'dynamodb:List*',
    'dynamodb:GetItem',
    'dynamodb:Query',
    'dynamodb:Scan',
  ]),
  AmazonS3FullAccess: allow(['s3:*']),
  AmazonS3ReadOnlyAccess: allow(['s3:Get*', 's3:List*', 's3:Describe*']),
  AmazonSESFullAccess: allow(['ses:*']),
  AmazonSNSFullAccess: allow(['sns:*']),
  AmazonSQSFullAccess: allow(['sqs:*']),
  AmazonEventBridgeFullAccess: allow(['events:*', 'scheduler:*', 'pipes:*']),
  AWSStepFunctionsFullAccess: allow(['states:*']),
  AWSLambda_FullAccess: allow(['lambda:*', 'states:DescribeStateMachine', 'states:ListStateMachines']),
  AdministratorAccess: allow(['*']),
};

function allow(actions: readonly string[]): Value {
  return { Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }] };
}
