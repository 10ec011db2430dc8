import type { Frame } from '../model/frame.js';
import type { EventType } from '../model/history.js';

const ABORTED: Readonly<Record<string, EventType | undefined>> = {
  Task: 'TaskStateAborted',
  Wait: 'WaitStateAborted',
  Parallel: 'ParallelStateAborted',
  Map: 'MapStateAborted',
};

/**
 * Gives a thread up, and those inside of it: drops its call or timer and, unless it is to be done silently, writes what was aborted, innermost first.
 * A thread keeps its state and input, so that a redrive can go on from there.
 */
export function abortFrame(frame: Frame, how: 'silently' | 'noted' = 'noted'): void {
  frame.cancel?.();
  frame.cancel = undefined;
  if (frame.fork !== undefined) for (const inner of frame.fork.frames) if (inner !== undefined) abortFrame(inner, how);
  if (frame.ended) return;
  frame.ended = true;
  frame.pending = undefined;
  if (how === 'silently' || !frame.begun) return;
  const { execution, parent, state } = frame;
  const type = frame.enteredId === 0 ? undefined : ABORTED[state.type];
  if (type !== undefined) frame.previous = execution.write(type as 'TaskStateAborted', frame.previous, undefined);
  if (parent?.fork.kind === 'map') {
    execution.write('MapIterationAborted', frame.previous, { name: parent.fork.owner.state.name, index: parent.index });
  }
}
