import { DurableStepsError } from '../../errors.js';
import type { FlowNode, Sequence } from './sequence.js';

/** Refuses a part at the end of a sequence that nothing leads to, or that a hand-written Succeed state was meant to pass by. */
export function checkReachable(sequence: Sequence, { kind, name, atEnd }: Omit<FlowNode, 'compile'>): void {
  if (atEnd === 'handles') return;
  const where = `${sequence.path}.${name ?? kind}`;
  if (!sequence.isOpen) {
    throw new DurableStepsError('Unreachable', {
      where,
      expected: 'a step that can be reached',
      got: 'one behind a part that always ends the workflow',
    });
  }
  if (sequence.endsEarly === undefined || atEnd === 'maps') return;
  throw new DurableStepsError('Unreachable', {
    where,
    expected: `nothing behind \`${sequence.endsEarly}\`, a Succeed state, which ends the workflow`,
    got: 'another part',
    fix: 'leave the Succeed state out to go on, or put what follows into the other branch of a `.choose`',
  });
}
