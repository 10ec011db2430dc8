import { isJsonObject, type Json, tryParseJson } from '../../asl/language/json.js';
import type { HistoryEvent } from '../../engine/model/history.js';

/** One thing worth telling about an execution, as it happens. */
export type TimelineEntry = {
  /** Milliseconds since the execution began, on the cloud's clock. */
  readonly at: number;
  /** How deep in fan-outs, branches and sub-orchestrations it happened. */
  readonly depth: number;
  /** The state's name, with the item's number inside a fan-out: `transcode [2]`. */
  readonly step: string;
} & (
  | { readonly kind: 'done'; readonly duration: number; readonly attempts: number }
  | { readonly kind: 'failed'; readonly attempt: number; readonly error: string; readonly cause: string }
  | { readonly kind: 'waiting'; readonly reason: string }
  | { readonly kind: 'nested'; readonly executionArn: string }
);

/** A state that was entered, or an item of a fan-out. */
interface Frame {
  readonly name: string;
  readonly entered: number;
  readonly parent: Frame | undefined;
  readonly item: boolean;
  attempts: number;
}

/** States whose passing tells nothing: they take no time and call nothing. */
const SILENT_TYPES = /^(Pass|Choice|Succeed|Fail)State/;

/**
 * Turns history events into a timeline.
 *
 * An event's place is found by its previous event: what follows an entry is inside that state, what follows an exit is beside it.
 */
export class Timeline {
  private readonly frames = new Map<number, Frame | undefined>();

  /** @param origin the time from which entries count, in milliseconds since the epoch. @default - that of the first event */
  constructor(public origin?: number) {}

  /** Takes the next event; answers with what to tell about it, if anything. */
  add(event: HistoryEvent): TimelineEntry | undefined {
    this.origin ??= event.timestamp;
    const inside = this.frames.get(event.previousEventId);
    const after = this.follow(event, inside);
    this.frames.set(event.id, after);
    return this.tell(event, inside);
  }

  private follow(event: HistoryEvent, inside: Frame | undefined): Frame | undefined {
    const { type, timestamp: entered } = event;
    if (type.endsWith('StateEntered'))
      return { name: nameOf(event), entered, parent: inside, item: false, attempts: 0 };
    if (type === 'MapIterationStarted')
      return { name: `[${event.details.index}]`, entered, parent: inside, item: true, attempts: 0 };
    if (type.endsWith('StateExited') || /^MapIteration(Succeeded|Failed|Aborted)$/.test(type)) return inside?.parent;
    if (inside !== undefined && /Scheduled$/.test(type)) inside.attempts++;
    return inside;
  }

  private tell(event: HistoryEvent, inside: Frame | undefined): TimelineEntry | undefined {
    if (inside === undefined) return undefined;
    const base = { at: event.timestamp - (this.origin ?? 0), depth: depthOf(inside), step: stepName(inside) };
    const { type } = event;
    if (type.endsWith('StateExited')) {
      if (SILENT_TYPES.test(type)) return undefined;
      return {
        ...base,
        kind: 'done',
        duration: event.timestamp - inside.entered,
        attempts: Math.max(1, inside.attempts),
      };
    }
    if (type === 'TaskSubmitted') return { ...base, ...describeWait(event.details) };
    if (/^(Task|LambdaFunction|Activity)(Failed|TimedOut|StartFailed|SubmitFailed|ScheduleFailed)$/.test(type)) {
      return { ...base, kind: 'failed', attempt: Math.max(1, inside.attempts), ...failureOf(event) };
    }
    if (type === 'EvaluationFailed') return { ...base, kind: 'failed', attempt: 1, ...failureOf(event) };
    return undefined;
  }
}

/** A task that goes on after its call: a sub-orchestration, or whoever has the token. */
function describeWait({ output }: { readonly output: Json }) {
  const executionArn = isJsonObject(output) ? output['ExecutionArn'] : undefined;
  return typeof executionArn === 'string'
    ? ({ kind: 'nested', executionArn } as const)
    : ({ kind: 'waiting', reason: 'for an answer' } as const);
}

function nameOf({ details }: HistoryEvent): string {
  return textOf({ ...details }, 'name');
}

function failureOf({ details }: HistoryEvent): { readonly error: string; readonly cause: string } {
  return { error: textOf({ ...details }, 'error'), cause: explain(textOf({ ...details }, 'cause')) };
}

/** The cause of a failed function is its error object as JSON: the message in it is what people look for. */
function explain(cause: string): string {
  const error = tryParseJson(cause);
  const message = isJsonObject(error) ? error['errorMessage'] : undefined;
  return typeof message === 'string' ? message : cause;
}

function textOf(details: Readonly<Record<string, unknown>>, name: string): string {
  const value = details[name];
  return typeof value === 'string' ? value : '';
}

function stepName({ name, parent }: Frame): string {
  return parent?.item === true ? `${name} ${parent.name}` : name;
}

/** Items of a fan-out count with their state, not by themselves. */
function depthOf({ parent }: Frame): number {
  if (parent === undefined) return 0;
  return depthOf(parent) + (parent.item ? 0 : 1);
}
