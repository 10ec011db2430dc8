import { AspectPriority, Aspects, CfnResource, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';

/** Where aws-cdk-lib keeps what `Validations.of(…).acknowledge(…)` was told; its early versions have no such class. */
const ACKNOWLEDGED = 'aws:cdk:acknowledged-rules';

/**
 * Tells cdk-nag (https://github.com/cdklabs/cdk-nag) why a finding is as it should be, so that a run over a user's app shows the reason: version 3 by the construct's metadata,
 * version 2 by the template's.
 *
 * @param id the rule, with the finding where a rule has several: `AwsSolutions-IAM5[Resource::*]`
 */
export function acknowledge(construct: Construct, id: string, reason: string): void {
  const resource = construct instanceof CfnResource ? construct : construct.node.defaultChild;
  if (!(resource instanceof CfnResource)) return;
  resource.node.addMetadata(ACKNOWLEDGED, { [id]: reason });
  const [, rule = id, finding] = /^([^[]*)\[(.*)\]$/s.exec(id) ?? [];
  const earlier: readonly unknown[] = resource.getMetadata('cdk_nag')?.rules_to_suppress ?? [];
  const one = { id: rule, reason, ...(finding !== undefined && { appliesTo: [finding] }) };
  resource.addMetadata('cdk_nag', { rules_to_suppress: [...earlier, one] });
}

/** One pattern in a statement, and the statement's actions. */
interface Wildcard {
  readonly pattern: string;
  readonly actions: readonly string[];
}

/** The patterns that the kit's own grants have, each with its reason. */
const REASONS: readonly { readonly fits: (wildcard: Wildcard) => boolean; readonly reason: string }[] = [
  {
    fits: ({ pattern, actions }) => pattern === '*' && actions.every((one) => /^xray:|^logs:/.test(one)),
    reason: 'X-Ray takes traces, and CloudWatch Logs sets up deliveries, for no resource in particular.',
  },
  {
    fits: ({ pattern }) => /:(stateMachine|execution|mapRun):.*\*$/.test(pattern),
    reason:
      'The names of executions are known at run time alone; the state machines of a hub are those whose names begin with its prefix.',
  },
  {
    fits: ({ pattern, actions }) => pattern.endsWith(':identity/*') && actions.every((one) => one === 'ses:SendEmail'),
    reason: 'In its sandbox Amazon SES checks the recipient’s identity too. The sender is bounded by a condition.',
  },
  {
    fits: ({ pattern }) => pattern === 'kms:GenerateDataKey*' || pattern === 'kms:ReEncrypt*',
    reason: 'Forms of one action, on one key.',
  },
  {
    fits: ({ pattern, actions }) =>
      /\/(.*\/)?\*$/.test(pattern) &&
      actions.every((one) => /^s3:(GetObject|PutObject|ListMultipartUploadParts|AbortMultipartUpload)$/.test(one)),
    reason: 'The keys of a fan-out’s objects are known at run time alone.',
  },
  {
    fits: ({ pattern, actions }) =>
      pattern.endsWith('.Arn>:*') && actions.every((one) => one === 'lambda:InvokeFunction'),
    reason: 'The versions of one function.',
  },
];

/** Gives the reason for each pattern in the policies under a construct that the kit's own grants have; what a user granted stays to be explained. */
export function acknowledgeWildcards(scope: Construct): void {
  Aspects.of(scope).add(
    {
      visit: (node) => {
        if (node instanceof iam.CfnPolicy || node instanceof iam.CfnManagedPolicy) explain(node);
      },
    },
    // Before cdk-nag 2, which is an aspect too.
    { priority: AspectPriority.MUTATING },
  );
}

function explain(policy: iam.CfnPolicy | iam.CfnManagedPolicy): void {
  const { Statement = [] } = Stack.of(policy).resolve(policy.policyDocument) ?? {};
  const reasons = new Map<string, string | undefined>();
  for (const { Action, Resource } of Statement) {
    const actions: readonly string[] = [Action ?? []].flat();
    const found = [
      ...actions.map((pattern) => ['Action', pattern] as const),
      ...[Resource ?? []].flat().map((resource: unknown) => ['Resource', flatten(resource)] as const),
    ].filter(([, pattern]) => pattern.includes('*'));
    for (const [kind, pattern] of found) {
      const id = `AwsSolutions-IAM5[${kind}::${pattern}]`;
      const reason = REASONS.find(({ fits }) => fits({ pattern, actions }))?.reason;
      // One finding stands for all statements with the pattern: each of them needs the reason.
      reasons.set(id, reasons.has(id) && reasons.get(id) === undefined ? undefined : reason);
    }
  }
  for (const [id, reason] of reasons) if (reason !== undefined) acknowledge(policy, id, reason);
}

/** A resource as cdk-nag writes it: `arn:<AWS::Partition>:s3:::<Bucket.Arn>/*`. */
function flatten(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return '';
  const [key, inner] = Object.entries(value)[0] ?? [];
  if (key === 'Fn::Join') {
    const [separator, parts] = inner as [string, readonly unknown[]];
    return parts.map(flatten).join(separator);
  }
  if (key === 'Fn::GetAtt') return `<${(inner as readonly string[]).join('.')}>`;
  if (key === 'Ref') return `<${String(inner)}>`;
  if (key === 'Fn::ImportValue') return flatten(inner);
  return JSON.stringify(value);
}
