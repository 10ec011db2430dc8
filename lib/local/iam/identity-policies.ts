import { tryOwn } from '../../asl/language/json.js';
import type { Assembly, Resource, Value } from '../../assembly/model.js';
import { DurableStepsError } from '../../errors.js';
import { MANAGED_POLICIES } from './managed-policies.js';
import { readPolicy, type Statement } from './policy.js';

/** What the template grants to a role. */
export interface RoleGrants {
  readonly role: Resource;
  readonly statements: readonly Statement[];
  /** What the permissions boundary allows at most. @default - everything */
  readonly boundary?: readonly Statement[];
}

/** The grants of the template's roles: inline policies, `AWS::IAM::Policy`, and managed policies of the template or of AWS. */
export class IdentityPolicies {
  private readonly grants = new Map<string, RoleGrants | undefined>();

  constructor(private readonly assembly: Assembly) {}

  /** The grants of a role, or undefined for a role that isn't in the template. Throws a `DurableStepsError` for a policy that can't be evaluated. */
  tryRole(roleArn: string): RoleGrants | undefined {
    if (!this.grants.has(roleArn)) this.grants.set(roleArn, this.readRole(roleArn));
    return this.grants.get(roleArn);
  }

  private readRole(roleArn: string): RoleGrants | undefined {
    const role = this.assembly.ofType('AWS::IAM::Role').find((one) => one.attribute('Arn') === roleArn);
    if (role === undefined) return undefined;
    const { PermissionsBoundary: boundary } = role.properties;
    const statements = [...this.inline(role), ...this.attached(role), ...this.managed(role)];
    return {
      role,
      statements,
      ...(boundary === undefined ? {} : { boundary: this.readManaged(String(boundary), role) }),
    };
  }

  private inline(role: Resource): readonly Statement[] {
    return listOf(role.properties['Policies']).flatMap((policy, index) =>
      readPolicy(member(policy, 'PolicyDocument'), `${role.path}.Policies[${index}]`),
    );
  }

  private attached(role: Resource): readonly Statement[] {
    const policies = [...this.assembly.ofType('AWS::IAM::Policy'), ...this.assembly.ofType('AWS::IAM::ManagedPolicy')]
      .filter(({ properties }) => listOf(properties['Roles']).includes(role.ref))
      .concat(
        this.assembly.ofType('AWS::IAM::RolePolicy').filter(({ properties }) => properties['RoleName'] === role.ref),
      );
    return policies.flatMap(({ properties, path }) =>
      readPolicy(properties['PolicyDocument'], `${path}.PolicyDocument`),
    );
  }

  private managed(role: Resource): readonly Statement[] {
    return listOf(role.properties['ManagedPolicyArns']).flatMap((arn) => this.readManaged(String(arn), role));
  }

  private readManaged(arn: string, role: Resource): readonly Statement[] {
    const own = this.assembly.ofType('AWS::IAM::ManagedPolicy').find(({ ref }) => ref === arn);
    if (own !== undefined) return readPolicy(own.properties['PolicyDocument'], `${own.path}.PolicyDocument`);
    const name = /^arn:[\w-]+:iam::aws:policy\/(.+)$/.exec(arn)?.[1];
    const document = name === undefined ? undefined : tryOwn(MANAGED_POLICIES, name);
    if (document !== undefined) return readPolicy(document, arn);
    throw new DurableStepsError('UnsupportedPolicy', {
      where: `${role.path}.ManagedPolicyArns`,
      expected: 'policies of the template, or AWS managed policies that the local cloud knows',
      got: `\`${arn}\``,
      fix: 'grant the actions in a policy of the template',
    });
  }
}

function listOf(value: Value | undefined): readonly Value[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value as Value];
}

function member(value: Value, name: string): Value | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as { readonly [key: string]: Value })[name]
    : undefined;
}
