import type { Assembly } from '../../assembly/model.js';
import { type Access, type Caller, ServiceError } from '../cloud/service.js';
import type { ConditionContext } from './condition.js';
import { EncryptionKeys, type KeyUse } from './encryption-keys.js';
import { IdentityPolicies, type RoleGrants } from './identity-policies.js';
import { decideByStatements, type Question, type Statement } from './policy.js';
import { readResourcePolicies } from './resource-policies.js';

/** Who stands behind a caller, in IAM's words. */
interface Principal {
  /** As AWS names it in a denial. */
  readonly user: string;
  readonly roleArn?: string;
  readonly service?: string;
}

/**
 * Decides calls by the IAM statements of the template, as AWS does within one account: an explicit denial wins, then either the caller's role or the
 * resource's own policy has to allow the call.
 *
 * - A developer, and a caller without a role that isn't a service, may do everything.
 * - A service without a role (API Gateway, EventBridge, S3, SNS invoking a function) needs the resource's policy, for example an `AWS::Lambda::Permission`.
 * - Where a customer-managed key encrypts the resource, the caller also needs the key: by the key's policy, or, where that trusts the account, by the role's.
 * - Policies of organisations, sessions and VPC endpoints don't exist here.
 */
export class Authorizer {
  private readonly identityPolicies: IdentityPolicies;
  private resourcePolicies: readonly Statement[] | undefined;
  private encryptionKeys: EncryptionKeys | undefined;

  constructor(private readonly assembly: Assembly) {
    this.identityPolicies = new IdentityPolicies(assembly);
  }

  /** Reads a role's policies now, so that what can't be evaluated is refused when the template loads. Throws a `DurableStepsError`. */
  prepareRole(roleArn: string): void {
    this.identityPolicies.tryRole(roleArn);
  }

  /** Throws a {@link ServiceError} `AccessDeniedException` naming the missing grant when the call isn't allowed. */
  authorize(access: Access): void {
    const { caller } = access;
    if (caller.kind === 'developer' || (caller.kind !== 'service' && caller.roleArn === undefined)) return;
    const principal = this.principalOf(caller);
    this.authorizeResource(access, principal);
    this.encryptionKeys ??= new EncryptionKeys(this.assembly);
    for (const use of this.encryptionKeys.usesOf(access)) this.authorizeKey(use, access, principal);
  }

  private authorizeResource(access: Access, principal: Principal): void {
    const { caller } = access;
    const question = { ...access, context: this.contextOf(access, principal) };
    const onResource = decideByStatements(this.resourceStatementsFor(principal), question);
    if (onResource === 'Deny') throw denied(access, principal, 'with an explicit deny in a resource-based policy');
    if (caller.roleArn === undefined) {
      if (onResource === 'Allow') return;
      throw denied(
        access,
        principal,
        `because no resource-based policy allows the ${access.action} action`,
        missingPermission(access),
      );
    }
    this.authorizeRole(access, principal, caller.roleArn, question, onResource === 'Allow');
  }

  /** @see https://docs.aws.amazon.com/kms/latest/developerguide/policy-evaluation.html */
  private authorizeKey({ action, keyArn, policy, isManagedByAws }: KeyUse, access: Access, principal: Principal): void {
    const [, , , region = '', accountId = ''] = keyArn.split(':');
    const ofKey: Access = {
      caller: access.caller,
      action,
      resource: keyArn,
      context: {
        'kms:ViaService': `${access.action.split(':')[0]}.${region}.amazonaws.com`,
        'kms:CallerAccount': accountId,
      },
    };
    if (isManagedByAws && principal.roleArn !== undefined) return;
    const question = { ...ofKey, context: this.contextOf(ofKey, principal) };
    const forPrincipal = decideByStatements(
      (policy ?? []).filter((one) => speaksTo(one, principal)),
      question,
    );
    if (forPrincipal === 'Deny') throw denied(ofKey, principal, 'with an explicit deny in a resource-based policy');
    const trusted = (policy ?? []).filter(({ principals }) => principals?.aws.some((one) => isAccount(one, accountId)));
    const trustsAccount = policy === undefined || decideByStatements(trusted, question) === 'Allow';
    if (access.caller.roleArn !== undefined && (trustsAccount || forPrincipal === 'Allow')) {
      this.authorizeRole(ofKey, principal, access.caller.roleArn, question, forPrincipal === 'Allow');
    } else if (forPrincipal !== 'Allow') {
      const fix = `the policy of the key that encrypts ${access.resource} needs to let ${access.caller.name} do ${action}`;
      throw denied(ofKey, principal, `because no resource-based policy allows the ${action} action`, fix);
    }
  }

  private authorizeRole(
    access: Access,
    principal: Principal,
    roleArn: string,
    question: Question,
    allowed: boolean,
  ): void {
    const grants = this.identityPolicies.tryRole(roleArn);
    if (grants === undefined) {
      const fix = `role \`${roleArn}\` isn't in the template, so its policies aren't known`;
      throw denied(access, principal, `because no identity-based policy allows the ${access.action} action`, fix);
    }
    const byRole = decideByStatements(grants.statements, question);
    if (byRole === 'Deny') throw denied(access, principal, 'with an explicit deny in an identity-based policy');
    if (byRole === 'silent' && !allowed) {
      const reason = `because no identity-based policy allows the ${access.action} action`;
      throw denied(access, principal, reason, missingGrant(access, grants));
    }
    if (grants.boundary !== undefined && decideByStatements(grants.boundary, question) !== 'Allow') {
      throw denied(access, principal, `because no permissions boundary allows the ${access.action} action`);
    }
  }

  private resourceStatementsFor(principal: Principal): readonly Statement[] {
    this.resourcePolicies ??= readResourcePolicies(this.assembly);
    return this.resourcePolicies.filter((one) => speaksTo(one, principal));
  }

  private principalOf(caller: Caller): Principal {
    if (caller.roleArn === undefined) return { user: caller.name, service: caller.name };
    const [, partition = 'aws', , , account = '', role = ''] = caller.roleArn.split(':');
    const session = this.sessionNameOf(caller);
    const roleName = role.split('/').at(-1);
    return { user: `arn:${partition}:sts::${account}:assumed-role/${roleName}/${session}`, roleArn: caller.roleArn };
  }

  /** A function's session carries the function's name. */
  private sessionNameOf({ kind, name }: Caller): string {
    const resource =
      kind === 'function' ? this.assembly.ofType('AWS::Lambda::Function').find(({ path }) => path === name) : undefined;
    return resource?.ref ?? (name.split('/').at(-1) || name);
  }

  private contextOf({ context, resource }: Access, { roleArn, service }: Principal): ConditionContext {
    const { accountId, region } = this.assembly.stacks[0]?.environment ?? { accountId: '', region: '' };
    return {
      'aws:PrincipalAccount': accountId,
      'aws:ResourceAccount': resource.split(':')[4] || accountId,
      'aws:RequestedRegion': region,
      'aws:SecureTransport': 'true',
      ...(roleArn === undefined ? {} : { 'aws:PrincipalArn': roleArn }),
      ...(service === undefined ? {} : { 'aws:SourceAccount': accountId, 'aws:PrincipalIsAWSService': 'true' }),
      ...context,
    };
  }
}

/** Whether a statement of a resource's policy names the principal itself. */
function speaksTo({ principals }: Statement, { roleArn, service }: Principal): boolean {
  if (principals === undefined) return false;
  if (principals.any) return true;
  return service === undefined ? principals.aws.includes(roleArn ?? '') : principals.services.includes(service);
}

/** The account as a principal: what its own policies say then counts. */
function isAccount(principal: string, accountId: string): boolean {
  return principal === accountId || /^arn:[\w-]+:iam::(\d+):root$/.exec(principal)?.[1] === accountId;
}

function denied({ action, resource }: Access, { user }: Principal, reason: string, fix?: string): ServiceError {
  const message = `User: ${user} is not authorized to perform: ${action} on resource: ${resource} ${reason}`;
  return new ServiceError(
    'AccessDeniedException',
    fix === undefined ? message : `${message}. Missing grant: ${fix}`,
    403,
  );
}

function missingGrant({ caller, action, resource }: Access, { role }: RoleGrants): string {
  return `\`${caller.name}\` runs as role \`${role.logicalId}\` (\`${role.path}\`), which needs ${action} on ${resource}`;
}

function missingPermission({ caller, action, resource, context }: Access): string {
  const source = context?.['aws:SourceArn'];
  const from = source === undefined ? '' : ` for source ${String(source)}`;
  return `the template needs a permission for ${caller.name} to do ${action} on ${resource}${from}`;
}
