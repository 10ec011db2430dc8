import { DurableStepsError } from '../../errors.js';
import { checkOption } from '../../options/check-options.js';
import { CALLBACK, either, fromScope, named, needed, SPAN, text, whenHas } from '../../options/kinds.js';
import type { FlowNode, Sequence } from '../compiler/sequence.js';
import { Exit, type State } from '../compiler/state.js';
import type { AnyMapping } from '../language/expression.js';
import type { Resolvable } from '../language/reference.js';
import { checkSpan, type Span } from '../language/span.js';

/**
 * How long a flow waits: a fixed span (`Duration` of aws-cdk-lib), a number of seconds known when the workflow runs, or a moment as an ISO 8601 timestamp.
 * Whole seconds, less than the orchestration's `timeout`; a wait that only the running workflow knows, and that is longer, ends with the time-out.
 */
export type DelayTime<Scope> =
  | Span
  | { readonly seconds: (scope: Scope) => Resolvable<number> }
  | { readonly until: string | ((scope: Scope) => Resolvable<string>) };

const TIME = either(
  SPAN,
  named('`{ seconds }`', whenHas('seconds', { seconds: needed(CALLBACK) })),
  named('`{ until }`', whenHas('until', { until: needed(fromScope(text('a moment'))) })),
);

/** The part of a flow that waits: a Wait state. */
// biome-ignore lint/suspicious/noExplicitAny: the callback's own types were checked where the flow was written
export function delayNode(time: DelayTime<any>, name?: string): FlowNode {
  checkOption('delay', time, needed(TIME));
  checkOption('delay.name', name, text());
  return {
    kind: 'delay',
    compile: (sequence) => {
      const { fields, title } = renderTime(sequence, time);
      const state: State = { Type: 'Wait', ...fields };
      const start = () => sequence.scope.add(name ?? title, state, sequence.site.context);
      sequence.addFragment(() => ({ start: start(), exits: [Exit.ofState(state, '$states.input')] }));
    },
  };
}

// biome-ignore lint/suspicious/noExplicitAny: as above
function renderTime(sequence: Sequence, time: DelayTime<any>): { readonly fields: object; readonly title: string } {
  if ('seconds' in time) return { fields: { Seconds: render(sequence, time.seconds, 'delay.seconds') }, title: 'Wait' };
  if ('until' in time) {
    const { until } = time;
    if (typeof until !== 'string')
      return { fields: { Timestamp: render(sequence, until, 'delay.until') }, title: 'Wait until' };
    if (!Number.isNaN(Date.parse(until)) && /T.*(Z|[+-]\d\d:\d\d)$/.test(until))
      return { fields: { Timestamp: until }, title: `Wait until ${until}` };
    throw new DurableStepsError('InvalidOption', {
      where: `${sequence.path}.delay.until`,
      expected: 'an ISO 8601 timestamp with offset, such as `2027-01-31T08:00:00Z`',
      got: `\`${until}\``,
    });
  }
  const { surroundings } = sequence.site.compilation;
  const seconds = checkSpan(`${sequence.path}.delay`, time, { ...surroundings, least: 0 });
  return { fields: { Seconds: seconds }, title: `Wait ${spell(seconds)}` };
}

function render(sequence: Sequence, mapping: AnyMapping, where: string): unknown {
  return sequence.scope.render(sequence.map(where, mapping), where);
}

/** Spells a span in the largest unit that fits: `90 seconds`, `5 minutes`, `1 day`. */
function spell(seconds: number): string {
  const units = [
    ['day', 86_400],
    ['hour', 3600],
    ['minute', 60],
    ['second', 1],
  ] as const;
  const [unit, size] = units.find(([, length]) => seconds >= length && seconds % length === 0) ?? units[3];
  const count = seconds / size;
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}
