import type { HistoryEvent } from '../engine/model/history.js';
import { Timeline, type TimelineEntry } from '../local/timeline/timeline.js';

/** One execution that is followed. */
interface Member {
  readonly timeline: Timeline;
  /** How deep its steps are below those of the first execution. */
  readonly depth: number;
}

/**
 * An execution and the sub-orchestrations that it starts and waits for, as one timeline.
 *
 * What an execution does before it is known to belong here is kept, and told once it is adopted: its first events come before the call that started it returns.
 */
export class Family {
  private readonly members = new Map<string, Member>();
  private readonly strangers = new Map<string, (() => void)[]>();

  /** @param tell hears each entry, in order */
  constructor(private readonly tell: (entry: TimelineEntry) => void) {}

  /** Takes an execution in. @param origin when the first one began @default - when this one begins */
  adopt(executionArn: string, depth = 0, origin?: number): void {
    this.members.set(executionArn, { timeline: new Timeline(origin), depth });
    const kept = this.strangers.get(executionArn) ?? [];
    this.strangers.delete(executionArn);
    for (const action of kept) action();
  }

  /** Does something for an execution now if it belongs here, else when it is adopted. */
  when(executionArn: string, action: () => void): void {
    if (this.members.has(executionArn)) action();
    else this.strangers.set(executionArn, [...(this.strangers.get(executionArn) ?? []), action]);
  }

  /** Takes a history event of any execution. */
  add(executionArn: string, event: HistoryEvent): void {
    this.when(executionArn, () => {
      const member = this.members.get(executionArn);
      const entry = member?.timeline.add(event);
      if (member === undefined || entry === undefined) return;
      const depth = entry.depth + member.depth;
      this.tell({ ...entry, depth });
      if (entry.kind === 'nested') this.adopt(entry.executionArn, depth + 1, member.timeline.origin);
    });
  }
}
