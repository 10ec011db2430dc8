import type { TraceEvent } from '../../contract/studio.js';
import { kindOf } from './event-kind.js';

/** How a step stands. */
export type TraceSpanStatus = 'running' | 'waiting' | 'retrying' | 'done' | 'caught' | 'failed' | 'stopped';

/** One try of a task. */
export interface Attempt {
  readonly number: number;
  readonly scheduled: number;
  readonly start: number;
  submitted?: number;
  end?: number;
  status: 'running' | 'waiting' | 'done' | 'failed' | 'stopped';
  error?: string;
  cause?: string;
  child?: string;
}

/** A state that was entered, or an item of a Map: what happened between its entry and its exit. */
export interface TraceSpan {
  /** The event that began it. */
  readonly id: number;
  readonly kind: 'state' | 'item';
  readonly name: string;
  /** The state's type: `Task`, `Map`, …; `Item` for an item. */
  readonly type: string;
  readonly index?: number;
  readonly start: number;
  readonly parent: TraceSpan | undefined;
  readonly children: TraceSpan[];
  readonly attempts: Attempt[];
  end?: number;
  /** The event that ended it. */
  exit?: number;
  status: TraceSpanStatus;
  /** How it failed last; kept when it was caught. */
  error?: string;
  cause?: string;
  /** How many items a Map has. */
  length?: number;
  resource?: string;
}

/**
 * The one translation of a history into steps: events go in one by one, spans come out.
 *
 * An event's place is found by its previous event: what follows an entry is inside that state, what follows an exit is beside it. Events of types that are not
 * known are placed like all others and change nothing.
 *
 * @example
 * const trace = new Trace();
 * for (const event of events) trace.add(event);
 * trace.roots.map(({ name, status }) => `${name} ${status}`); // ['price done', 'charge failed']
 */
export class Trace {
  /** The steps that are inside no other, in the order of their entry. */
  readonly roots: TraceSpan[] = [];
  /** Every span, in the order of its entry. */
  readonly spans: TraceSpan[] = [];
  readonly events: TraceEvent[] = [];
  status: 'running' | 'done' | 'failed' | 'stopped' = 'running';
  private readonly places = new Map<number, TraceSpan | undefined>();
  /** States by the event before their entry. */
  private readonly entered = new Map<number, TraceSpan[]>();
  private last: TraceSpan | undefined;

  /** Takes the next event; gives the span that it is about, if any. */
  add(event: TraceEvent): TraceSpan | undefined {
    this.events.push(event);
    const inside = this.places.get(event.prev);
    const { after, about } = this.follow(event, inside);
    this.places.set(event.id, after);
    if (about !== undefined) this.last = about;
    return about;
  }

  /** The span that an event is inside of, or began. */
  spanOf(eventId: number): TraceSpan | undefined {
    return this.places.get(eventId);
  }

  private follow(
    event: TraceEvent,
    inside: TraceSpan | undefined,
  ): { readonly after?: TraceSpan; readonly about?: TraceSpan } {
    const { type } = event;
    const kind = kindOf(type);
    if (kind.enters) return both(this.open(event, inside, 'state'));
    if (type === 'MapIterationStarted') return both(this.open(event, inside, 'item'));
    if (kind.isOfExecution) return this.followExecution(event);
    if (type === 'EvaluationFailed') return this.failEvaluation(event, inside);
    if (inside === undefined) return {};
    return this.followInside(event, placeOf(event, inside));
  }

  /** What fails as a state is entered follows the event before that. */
  private failEvaluation(event: TraceEvent, inside: TraceSpan | undefined) {
    const entering = this.entered
      .get(event.prev)
      ?.findLast((span) => span.name === event.name && span.exit === undefined);
    const span = inside?.name === event.name ? inside : (entering ?? inside);
    if (span === undefined) return {};
    this.note(event, span);
    return both(span);
  }

  private followInside(
    event: TraceEvent,
    inside: TraceSpan,
  ): { readonly after?: TraceSpan; readonly about?: TraceSpan } {
    const { type } = event;
    if (kindOf(type).exits) return this.leave(event, inside, inside.error === undefined ? 'done' : 'caught');
    if (type === 'MapIterationSucceeded') return this.leave(event, inside, 'done');
    if (type === 'MapIterationFailed') return this.leave(event, inside, 'failed');
    if (type === 'MapIterationAborted') return this.leave(event, inside, 'stopped');
    this.note(event, inside);
    return both(inside);
  }

  private open(event: TraceEvent, parent: TraceSpan | undefined, kind: 'state' | 'item'): TraceSpan {
    const index = event.more?.index;
    const span: TraceSpan = {
      id: event.id,
      kind,
      name: kind === 'item' ? `[${index ?? 0}]` : (event.name ?? ''),
      type: kind === 'item' ? 'Item' : event.type.replace(/StateEntered$/, ''),
      ...(index === undefined ? {} : { index }),
      start: event.time,
      parent,
      children: [],
      attempts: [],
      status: event.type === 'WaitStateEntered' ? 'waiting' : 'running',
    };
    (parent?.children ?? this.roots).push(span);
    const beside = this.entered.get(event.prev);
    if (beside === undefined) this.entered.set(event.prev, [span]);
    else beside.push(span);
    this.spans.push(span);
    return span;
  }

  private leave(event: TraceEvent, span: TraceSpan, status: TraceSpanStatus) {
    span.status = status;
    span.end = event.time;
    span.exit = event.id;
    if (status === 'failed' || status === 'stopped') closeInside(span, event.time);
    return { ...(span.parent === undefined ? {} : { after: span.parent }), about: span };
  }

  /** What happens inside a state without leaving it. */
  private note(event: TraceEvent, span: TraceSpan): void {
    const { type, time, more } = event;
    const attempt = span.attempts.at(-1);
    if (more?.length !== undefined) span.length = more.length;
    const kind = kindOf(type);
    if (kind.schedules) this.begin(event, span);
    else if (type === 'TaskSubmitted') this.submit(event, span);
    else if (kind.succeeds) settle(attempt, 'done', time);
    else if (kind.fails) {
      settle(attempt, 'failed', time, more);
      span.status = 'retrying';
      span.error = more?.error ?? span.error ?? firstError(span) ?? 'States.TaskFailed';
      if (more?.cause !== undefined) span.cause = more.cause;
    } else if (kind.aborts && span.error === undefined) {
      settle(attempt, 'stopped', time);
      span.status = 'stopped';
      span.end = time;
    } else if (type === 'MapStateStarted' || type === 'ParallelStateStarted') this.forgive(span);
  }

  private begin({ id, time, more }: TraceEvent, span: TraceSpan): void {
    this.forgive(span);
    if (more?.resource !== undefined) span.resource = more.resource;
    span.attempts.push({ number: span.attempts.length + 1, scheduled: id, start: time, status: 'running' });
  }

  private submit({ time, more }: TraceEvent, span: TraceSpan): void {
    span.status = 'waiting';
    const attempt = span.attempts.at(-1);
    if (attempt === undefined) return;
    attempt.status = 'waiting';
    attempt.submitted = time;
    if (more?.child !== undefined) attempt.child = more.child;
  }

  /** It is tried again: what went wrong before is its attempts' alone. */
  private forgive(span: TraceSpan): void {
    span.status = 'running';
    delete span.error;
    delete span.cause;
    delete span.end;
  }

  private followExecution(event: TraceEvent): { readonly after?: TraceSpan; readonly about?: TraceSpan } {
    const { type, time, more } = event;
    if (type === 'ExecutionStarted') return {};
    if (type === 'ExecutionRedriven') return this.redrive();
    this.status = type === 'ExecutionSucceeded' ? 'done' : type === 'ExecutionAborted' ? 'stopped' : 'failed';
    const failing = this.status === 'failed' ? this.failing(event.prev) : undefined;
    for (const span of this.spans) {
      if (span.exit !== undefined) continue;
      span.end ??= time;
      const failed = span === failing || (failing !== undefined && isInside(failing, span)) || span.error !== undefined;
      if (span.status !== 'stopped') span.status = failed ? 'failed' : span.type === 'Succeed' ? 'done' : 'stopped';
      settle(openAttempt(span), failed && span === failing ? 'failed' : 'stopped', time);
    }
    if (failing !== undefined && failing.error === undefined) {
      failing.error = more?.error ?? (type === 'ExecutionTimedOut' ? 'States.Timeout' : 'Failed');
      if (more?.cause !== undefined) failing.cause = more.cause;
    }
    return failing === undefined ? {} : { about: failing };
  }

  /** What was open when it ended goes on. */
  private redrive(): { readonly after?: TraceSpan } {
    this.status = 'running';
    const open = this.spans.filter((span) => span.exit === undefined);
    for (const span of open) this.forgive(span);
    const outermost = open.find((span) => span.parent === undefined);
    return outermost === undefined ? {} : { after: outermost };
  }

  /** The state that made the execution fail: the one that its last event is about, if that one is still open. */
  private failing(prev: number): TraceSpan | undefined {
    const span = this.places.get(prev) ?? this.last;
    return span?.exit === undefined ? span : undefined;
  }
}

/** Why an execution failed: the innermost failed step, the first that failed where there are several. */
export function rootCause(trace: Trace): TraceSpan | undefined {
  const failed = trace.spans.filter(({ status }) => status === 'failed');
  return (
    failed.find((span) => span.kind === 'state' && !span.children.some((child) => hasFailed(child))) ?? failed.at(-1)
  );
}

/**
 * The step that an event is about, where its previous event is inside another: what ends a Map or a Parallel follows the failure inside it, and the ends of what ran
 * beside that follow it too.
 */
function placeOf({ type, more }: TraceEvent, inside: TraceSpan): TraceSpan {
  const { isOfIteration, ends } = kindOf(type);
  if (isOfIteration) {
    // Nearly always the item that it follows; else one of the Map around.
    if (inside.kind === 'item' && inside.index === more?.index) return inside;
    const map = ancestor(
      inside,
      ({ type: own, children }) => own === 'Map' && children.some(({ index }) => index === more?.index),
    );
    return map?.children.findLast(({ index }) => index === more?.index) ?? inside;
  }
  if (ends === undefined) return inside;
  const { type: wanted, how } = ends;
  if (how === 'Aborted' && (inside.type !== wanted || inside.error !== undefined)) {
    const around = ancestor(inside, (span) => span.type === 'Map' || span.type === 'Parallel');
    return (around === undefined ? undefined : openOf(around, wanted)) ?? inside;
  }
  return ancestor(inside, (span) => span.type === wanted) ?? inside;
}

/** The nearest that fits: the step itself, or one around it. */
function ancestor(from: TraceSpan, fits: (span: TraceSpan) => boolean): TraceSpan | undefined {
  let at: TraceSpan | undefined = from;
  while (at !== undefined && !fits(at)) at = at.parent;
  return at;
}

/** An open step of a type inside another, that didn't fail. */
function openOf(span: TraceSpan, type: string): TraceSpan | undefined {
  for (const child of span.children) {
    if (child.type === type && child.end === undefined && child.error === undefined) return child;
    const found = openOf(child, type);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What is still open inside a step that didn't succeed ends with it. */
function closeInside(span: TraceSpan, time: number): void {
  for (const child of span.children) {
    if (child.exit === undefined && child.status !== 'stopped') {
      child.status = child.error === undefined ? 'stopped' : 'failed';
      child.end ??= time;
      settle(openAttempt(child), 'stopped', time);
    }
    closeInside(child, time);
  }
}

function hasFailed(span: TraceSpan): boolean {
  return span.status === 'failed' || span.children.some(hasFailed);
}

function both(span: TraceSpan) {
  return { after: span, about: span };
}

function settle(
  attempt: Attempt | undefined,
  status: Attempt['status'],
  time: number,
  more: TraceEvent['more'] = {},
): void {
  if (attempt === undefined || attempt.end !== undefined) return;
  attempt.status = status;
  attempt.end = time;
  if (more.error !== undefined) attempt.error = more.error;
  if (more.cause !== undefined) attempt.cause = more.cause;
}

function openAttempt(span: TraceSpan): Attempt | undefined {
  return span.attempts.findLast(({ end }) => end === undefined);
}

function firstError(span: TraceSpan): string | undefined {
  for (const child of span.children) {
    const error = child.error ?? firstError(child);
    if (error !== undefined) return error;
  }
  return undefined;
}

function isInside(inner: TraceSpan, outer: TraceSpan): boolean {
  for (let at = inner.parent; at !== undefined; at = at.parent) if (at === outer) return true;
  return false;
}
