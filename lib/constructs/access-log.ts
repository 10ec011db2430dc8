import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import * as apigateway from 'aws-cdk-lib/aws-apigatewayv2';
import type * as logs from 'aws-cdk-lib/aws-logs';

/** What every request leaves in an access log: never a body, a header or a query. https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html */
const LOGGED = {
  requestId: '$context.requestId',
  requestTime: '$context.requestTime',
  sourceIp: '$context.identity.sourceIp',
  method: '$context.httpMethod',
  routeKey: '$context.routeKey',
  status: '$context.status',
  latency: '$context.responseLatency',
  error: '$context.error.message',
  authorizerError: '$context.authorizer.error',
  integrationError: '$context.integrationErrorMessage',
};

/** Settings of a stage that logs each request as a line of JSON, in CloudWatch's own words. @param more what else is logged, by its name in the line */
export function accessLogSettings(
  logGroup: logs.ILogGroup,
  more: Readonly<Record<string, string>> = {},
): apigateway.IAccessLogSettings {
  return {
    destination: new apigateway.LogGroupLogDestination(logGroup),
    format: AccessLogFormat.custom(JSON.stringify({ ...LOGGED, ...more })),
  };
}
