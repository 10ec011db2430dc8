import type { Json } from '../../asl/language/json.js';
import type { StatesError } from '../../asl/language/states-error.js';
import type { MapPlan } from '../model/effects.js';
import { Fork } from '../model/fork.js';
import { Frame } from '../model/frame.js';
import { abortFrame } from './abort.js';

/** Puts a thread in the interpreter's queue. */
type Enqueue = (frame: Frame) => void;

/** AWS runs so many iterations of an inline Map at once. */
const INLINE_CONCURRENCY = 40;

/** The branches of the Parallel state that a thread is in, all on one input. */
export function forkParallel(frame: Frame, input: Json): Fork<Frame> {
  const branches = (frame.state.inner ?? []).map((program) => ({ program, input }));
  return new Fork('parallel', frame, branches, Number.POSITIVE_INFINITY);
}

/** The iterations of the inline Map that a thread is in. Throws what the plan's expressions throw. */
export function forkMap(frame: Frame, { iterations, maxConcurrency }: MapPlan): Fork<Frame> {
  const processor = frame.state.inner![0]!;
  const branches = iterations().map(({ input, item }) => ({
    program: processor,
    input,
    ...(item !== undefined && { item }),
  }));
  const limit = maxConcurrency > 0 ? Math.min(maxConcurrency, INLINE_CONCURRENCY) : INLINE_CONCURRENCY;
  return new Fork('map', frame, branches, limit);
}

/** Lets a thread wait for a fork, and starts it. */
export function startFork(fork: Fork<Frame>, enqueue: Enqueue): void {
  const { owner } = fork;
  owner.fork = fork;
  if (fork.branches.length === 0) join(fork, owner.previous, enqueue);
  else startNext(fork, owner.previous, enqueue);
}

/** Starts as many threads of a fork as may run now. */
export function startNext(fork: Fork<Frame>, previous: number, enqueue: Enqueue): void {
  for (let index = fork.takeNext(); index !== undefined; index = fork.takeNext()) {
    const { program, input, item } = fork.branches[index]!;
    const place = { fork, index, ...(item !== undefined && { item }) };
    const frame = new Frame(fork.owner.execution, program, input, previous, place);
    fork.frames[index] = frame;
    enqueue(frame);
  }
}

/** A thread reached its first state: an iteration notes that. */
export function noteBegun(frame: Frame): void {
  frame.begun = true;
  const { parent, execution } = frame;
  if (parent?.fork.kind !== 'map') return;
  const { name } = parent.fork.owner.state;
  frame.previous = execution.write('MapIterationStarted', frame.previous, { name, index: parent.index });
}

/** A thread of a fork came to its end with a result: the next one starts, or the state goes on. */
export function finishInFork({ execution, parent, previous }: Frame, output: Json, enqueue: Enqueue): void {
  const { fork, index } = parent!;
  let joinedAfter = previous;
  if (fork.kind === 'map') {
    const { name } = fork.owner.state;
    joinedAfter = execution.write('MapIterationSucceeded', previous, { name, index });
  }
  if (fork.finish(index, output)) join(fork, joinedAfter, enqueue);
  else startNext(fork, previous, enqueue);
}

function join(fork: Fork<Frame>, last: number, enqueue: Enqueue): void {
  const { owner } = fork;
  owner.fork = undefined;
  owner.previous = last;
  owner.execution.write(fork.kind === 'map' ? 'MapStateSucceeded' : 'ParallelStateSucceeded', last, undefined);
  owner.pending = { kind: 'resume', result: fork.joined() };
  enqueue(owner);
}

/** A thread of a fork failed for good: the others are cut, and the state fails. */
export function failInFork(frame: Frame, failure: StatesError, enqueue: Enqueue): void {
  const { enteredId, execution, parent, previous, state } = frame;
  const { fork, index } = parent!;
  if (fork.failed) return;
  fork.failed = true;
  const { owner } = fork;
  if (fork.kind === 'parallel' && state.type === 'Task' && previous !== enteredId)
    execution.write('TaskStateAborted', previous, undefined);
  for (const other of fork.frames) if (other !== undefined && other !== frame) abortFrame(other, previous);
  if (fork.kind === 'map') execution.write('MapIterationFailed', previous, { name: owner.state.name, index });
  owner.previous = previous;
  owner.pending = { kind: 'raise', failure, fromInside: true };
  enqueue(owner);
}

/** A Map or a Parallel failed, after it had begun. */
export function noteForkFailed(frame: Frame): void {
  const { execution, previous, state } = frame;
  if (state.type === 'Map') frame.previous = execution.write('MapStateFailed', previous, undefined);
  if (state.type === 'Parallel') frame.previous = execution.write('ParallelStateFailed', previous, undefined);
}
