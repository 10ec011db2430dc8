import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type { AwaitedKind } from '../../flow/compiler/compilation.js';
import { machineArn } from './machine-names.js';

/** State machines that are granted by name: more don't fit into a role's policies, which hold about 70,000 characters in all. */
export const MOST_NAMED = 60;

/** So many ARNs fill half of a managed policy, into which the CDK moves the statements that a role's own policy has no room for. */
export const NAMES_IN_A_STATEMENT = 15;

/** A function that answers waits. */
interface Answerer {
  readonly fn: lambda.Function;
  readonly kinds: readonly AwaitedKind[];
  /** Whose waits, by the machine's name. @default - those of all */
  readonly only: ReadonlySet<string> | undefined;
  readonly names: Set<string>;
  statement?: iam.PolicyStatement;
}

/**
 * Who may answer which state machine's waits. A function that brings events may answer those machines alone that wait for events, one that brings decisions those alone that ask for approvals:
 * the names that a step gives, not all of the hub.
 */
export class Waits {
  private readonly answerers: Answerer[] = [];
  private readonly waiting: { readonly kind: AwaitedKind; readonly name: string }[] = [];

  /** @param pattern the names of all machines of the hub, for more than a role's policies have room for */
  constructor(private readonly pattern: string) {}

  /** A function that answers waits of some kinds, those that are known only later among them. */
  addAnswerer(fn: lambda.Function, kinds: readonly AwaitedKind[], only?: readonly string[]): void {
    const answerer: Answerer = { fn, kinds, only: only && new Set(only), names: new Set() };
    this.answerers.push(answerer);
    for (const wait of this.waiting) this.allow(answerer, wait.kind, wait.name);
  }

  /** A state machine that waits. */
  add(kind: AwaitedKind, name: string): void {
    this.waiting.push({ kind, name });
    for (const answerer of this.answerers) this.allow(answerer, kind, name);
  }

  private allow(answerer: Answerer, kind: AwaitedKind, name: string): void {
    const { fn, kinds, only, names } = answerer;
    if (!kinds.includes(kind) || only?.has(name) === false || names.has(name) || names.size > MOST_NAMED) return;
    names.add(name);
    const resource = machineArn(fn, names.size > MOST_NAMED ? this.pattern : name);
    if (answerer.statement === undefined || names.size % NAMES_IN_A_STATEMENT === 1) {
      answerer.statement = new iam.PolicyStatement({ actions: ['states:SendTaskSuccess'], resources: [resource] });
      fn.addToRolePolicy(answerer.statement);
    } else answerer.statement.addResources(resource);
  }
}
