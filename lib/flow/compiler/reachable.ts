import { DurableStepsError } from '../../errors.js';
import type { FlowNode, Sequence } from './sequence.js';

/** Parts that handle how a flow ends: they may stand behind its end. */
const handlers: ReadonlySet<string> = new Set(['catch', 'finally']);

/** Refuses a part at the end of a sequence that nothing leads to, or that a hand-written Succeed state was meant to pass by. */
export function checkReachable(sequence: Sequence, { kind, name }: Pick<FlowNode, 'kind' | 'name'>): void {
  if (handlers.has(kind)) return;
  const where = `${sequence.path}.${name ?? kind}`;
  if (!sequence.isOpen) {
    throw new DurableStepsError('Unreachable', {
      where,
      expected: 'a step that can be reached',
      got: 'one behind a part that always ends the workflow',
    });
  }
  if (sequence.endsEarly === undefined || kind === 'output') return;
  throw new DurableStepsError('Unreachable', {
    where,
    expected: `nothing behind \`${sequence.endsEarly}\`, a Succeed state, which ends the workflow`,
    got: 'another part',
    fix: 'leave the Succeed state out to go on, or put what follows into the other branch of a `.choose`',
  });
}
