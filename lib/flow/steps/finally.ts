import { checkOption, checkOptions } from '../../options/check-options.js';
import { CALLBACK, needed, STEP, text } from '../../options/kinds.js';
import { pipeFrom } from '../compiler/pipe.js';
import type { FlowNode } from '../compiler/sequence.js';
import type { AnyStep } from '../compiler/step.js';
import type { AnyMapping } from '../language/expression.js';
import { catchInto, nothingToCatch, rethrow } from './catch.js';
import { compileUndo } from './compensate.js';

/**
 * The part of a flow that runs a step in any case. The step is compiled once for each way that leads here: behind a success the flow goes on with its last result,
 * behind a failure the error is thrown again. A shared state would need a Choice behind it, which every run would pay for.
 */
export function finallyNode(
  step: AnyStep,
  mapping: AnyMapping | undefined,
  options: { readonly name?: string },
): FlowNode {
  checkOption('finally.step', step, needed(STEP));
  checkOption('finally.input', mapping, CALLBACK);
  checkOptions('finally', options, { name: text() });
  const wanted = options.name;
  return {
    kind: 'finally',
    atEnd: 'handles',
    compile: (sequence) => {
      const name = wanted ?? step.stepName;
      compileUndo(sequence);
      const guarded = sequence.guardedValues();
      const finished = sequence.takeFinished();
      const variable = sequence.scope.variable('pendingError', 'error');
      const failed = catchInto(sequence, ['States.ALL'], variable);
      if (failed.length === 0) throw nothingToCatch(`${sequence.path}.finally`);
      const path = `${sequence.path}.${name}`;
      if (sequence.isOpen) sequence.passBy(step, name, mapping);
      if (finished.length > 0) {
        const handled = sequence.handler(path, finished, guarded);
        handled.takeFrom(pipeFrom(sequence.scope, 'handled', finished));
        handled.passBy(step, name, mapping);
        sequence.finish(handled.materialized());
        sequence.include(handled);
      }
      const failing = sequence.handler(path, failed, guarded);
      failing.append(step, name, mapping);
      rethrow(failing, variable);
      sequence.include(failing);
    },
  };
}
