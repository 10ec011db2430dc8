/** What a Task's `Resource` means. */
export type TaskResource =
  | { readonly kind: 'lambda'; readonly functionArn: string }
  | { readonly kind: 'activity'; readonly activityArn: string }
  | {
      readonly kind: 'service';
      readonly service: string;
      readonly action: string;
      readonly sdk: boolean;
      readonly pattern: 'request' | 'sync' | 'sync:2' | 'waitForTaskToken';
    };

/** A function, and maybe its version or alias. */
const FUNCTION = /^arn:[^:]*:lambda:[^:]*:[^:]*:function:[^:]+(?::[^:]+)?$/;
const ACTIVITY = /^arn:[^:]*:states:[^:]*:[^:]*:activity:[^:]+$/;
const SERVICE = /^arn:[\w-]+:states:[\w-]*:\d*:(?:aws-sdk:)?([\w-]+):([\w]+)(?:\.(sync:2|sync|waitForTaskToken))?$/;

const PATTERNS = ['request', 'sync', 'sync:2', 'waitForTaskToken'] as const;

/** Reads a Task's `Resource`; `undefined` when it is none that the Amazon States Language knows. */
export function tryReadTaskResource(resource: string): TaskResource | undefined {
  if (FUNCTION.test(resource)) return { kind: 'lambda', functionArn: resource };
  if (ACTIVITY.test(resource)) return { kind: 'activity', activityArn: resource };
  const match = SERVICE.exec(resource);
  if (match === null) return undefined;
  const [, name = '', action = '', pattern = 'request'] = match;
  return {
    kind: 'service',
    service: name,
    action,
    sdk: resource.includes(':aws-sdk:'),
    pattern: PATTERNS.find((known) => known === pattern) ?? 'request',
  };
}

/** Reads a Task's `Resource`; throws a `SyntaxError` when it is none. */
export function readTaskResource(resource: string): TaskResource {
  const read = tryReadTaskResource(resource);
  if (read === undefined)
    throw new SyntaxError(`expected the ARN of a function, an activity or a service integration, got '${resource}'`);
  return read;
}

/** How history names an integration: type `lambda` or `aws-sdk:s3`, resource `invoke.waitForTaskToken`. */
export function describeTaskResource(resource: Extract<TaskResource, { kind: 'service' }>): {
  readonly resourceType: string;
  readonly resource: string;
} {
  const { service, action, sdk, pattern } = resource;
  return {
    resourceType: sdk ? `aws-sdk:${service}` : service,
    resource: pattern === 'request' ? action : `${action}.${pattern}`,
  };
}
