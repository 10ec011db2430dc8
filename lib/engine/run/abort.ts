import type { Frame } from '../model/frame.js';
import type { EventType } from '../model/history.js';

const ABORTED: Readonly<Record<string, EventType | undefined>> = {
  Task: 'TaskStateAborted',
  Wait: 'WaitStateAborted',
  Parallel: 'ParallelStateAborted',
  Map: 'MapStateAborted',
};

/**
 * Gives a thread up, and those inside of it: drops its call or timer and, when it is told after which event, writes what was aborted, outermost first.
 * All of these events are linked to that one event, the last of the thread that failed. A thread keeps its state and input, so that a redrive can go on
 * from there.
 */
export function abortFrame(frame: Frame, after?: number): void {
  frame.cancel?.();
  frame.cancel = undefined;
  if (!frame.ended && frame.begun && after !== undefined) writeAborted(frame, after);
  if (frame.fork !== undefined)
    for (const inner of frame.fork.frames) if (inner !== undefined) abortFrame(inner, after);
  frame.ended = true;
  frame.pending = undefined;
}

function writeAborted({ enteredId, execution, parent, state }: Frame, after: number): void {
  if (parent?.fork.kind === 'map') {
    execution.write('MapIterationAborted', after, { name: parent.fork.owner.state.name, index: parent.index });
  }
  const type = enteredId === 0 ? undefined : ABORTED[state.type];
  if (type !== undefined) execution.write(type as 'TaskStateAborted', after, undefined);
}
