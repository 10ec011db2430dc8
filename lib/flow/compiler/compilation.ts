import type { Names } from './names.js';

/** What the state machine's role must be allowed, as data. */
export interface Grant {
  readonly actions: readonly string[];
  /** ARNs; `self`, `self:executions`, `self:children` (of distributed Maps) and `self:map-runs` stand for the state machine that is being built. */
  readonly resources: readonly string[];
  readonly conditions?: Readonly<Record<string, unknown>>;
}

/** What a state machine waits for, and so which functions of the hub answer it. */
export type AwaitedKind = 'events' | 'approvals';

/** What the surroundings offer to the steps of one state machine. */
export interface CompilerSurroundings {
  /** `aws`, or a deploy-time value. Resources of Tasks start with `arn:<partition>:states:::`. */
  readonly partition: string;
  /** The hub's table, for custom status. @default - no hub: custom status is not written */
  readonly hubTable?: { readonly name: string; readonly arn: string };
  /** ARNs of the hub's functions that workflows wait with. @default - no hub: waits for events and approvals are refused */
  readonly hubFunctions?: {
    readonly awaitEvent: string;
    /** @default - the hub has no mail: approvals are refused */
    readonly askApproval?: string;
  };
  /** The state machine's own time-out, which waits must stay below. @default - not known */
  readonly timeoutSeconds?: number;
  /** Turns a foreign construct (a `sfn.IChainable`) into a step. @default - foreign constructs are refused */
  readonly tryAdopt?: (foreign: object) => object | undefined;
}

/** The compilation of one state machine: what all of its scopes share. */
export class Compilation {
  readonly grants: Grant[] = [];
  /** What its steps wait for. */
  readonly awaited = new Set<AwaitedKind>();
  /** Things that steps want done to the finished construct, such as connecting it to a hub. */
  readonly attachments: ((orchestration: object) => void)[] = [];

  constructor(
    readonly names: Names,
    readonly surroundings: CompilerSurroundings,
    readonly leadingPasses: ReadonlySet<string>,
  ) {}

  grant(grant: Grant): void {
    const key = JSON.stringify(grant);
    if (!this.grants.some((other) => JSON.stringify(other) === key)) this.grants.push(grant);
  }

  /** Compiles something just to look at it: what it grants and attaches is forgotten. */
  aside<T>(compile: () => T): T {
    const kept = [this.grants.length, this.attachments.length] as const;
    const awaited = [...this.awaited];
    try {
      return compile();
    } finally {
      this.grants.length = kept[0];
      this.attachments.length = kept[1];
      this.awaited.clear();
      for (const kind of awaited) this.awaited.add(kind);
    }
  }

  /** Calls back with the orchestration construct once its state machine exists. */
  attach(attachment: (orchestration: object) => void): void {
    this.attachments.push(attachment);
  }

  /** The ARN of a service integration, for example `lambda:invoke` or `states:startExecution.sync:2`. */
  integration(name: string): string {
    return `arn:${this.surroundings.partition}:states:::${name}`;
  }
}
