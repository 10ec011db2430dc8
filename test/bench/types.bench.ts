import ts from 'typescript';
import { snippetProgram } from '../types/snippet-program.js';
import { type Bench, cost, type Figure } from './bench.js';

const SIZES = [15, 30, 60] as const;

/** How the types of what activities give are written: an interface each, as style guides want, or in place. */
const STYLES = ['named', 'inline'] as const;
type Style = (typeof STYLES)[number];

/**
 * What the compiler does for one flow of N steps, each of an activity of its own with a mapping: type instantiations beyond those of a flow of one step, for each step. The peer of 30 and 60 steps is
 * the figure for 15: a ratio of 1 is linear growth, less is worse. Instantiations don't depend on the machine; the time is of one check of the file.
 */
export const benches: readonly Bench[] = [{ name: 'types', run: async () => STYLES.flatMap(measure) }];

function measure(style: Style): readonly Figure[] {
  const base = check(style, 1).instantiations;
  const figures = SIZES.map((size) => {
    const { instantiations, seconds } = check(style, size);
    return { size, each: (instantiations - base) / (size - 1), seconds };
  });
  const [first] = figures;
  return figures.flatMap(({ size, each, seconds }) => [
    cost(
      `types-${style}-${size}-instantiations`,
      each,
      'instantiations/step',
      size === SIZES[0] ? undefined : first?.each,
    ),
    cost(`types-${style}-${size}-time`, seconds * 1000, 'ms'),
  ]);
}

function check(style: Style, steps: number): { readonly instantiations: number; readonly seconds: number } {
  const { program, fileOf } = snippetProgram({ flow: source(style, steps) });
  const start = performance.now();
  const errors = program.getSemanticDiagnostics(fileOf('flow'));
  const seconds = (performance.now() - start) / 1000;
  if (errors.length > 0) throw new Error(ts.flattenDiagnosticMessageText(errors[0]!.messageText, '\n'));
  return { instantiations: program.getInstantiationCount(), seconds };
}

/** A chain of activities, each of which takes the result of the one before and the input. */
function source(style: Style, steps: number): string {
  const numbers = Array.from({ length: steps }, (_, index) => index);
  const given = (n: number) => `{ lines: { sku: string; count: number }[]; total: number; step${n}: string }`;
  const interfaces = numbers.map((n) => `interface R${n} ${given(n)}`);
  const activities = numbers.map(
    (n) =>
      `const a${n} = new Activity<(event: { id: string; previous: { lines: { sku: string; count: number }[]; total: number } }) => Promise<${style === 'named' ? `R${n}` : given(n)}>>(stack, 'A${n}', { entry: 'x.ts' });`,
  );
  const chain = numbers.map((n) => {
    const previous = n === 0 ? 'input.start' : `s${n - 1}`;
    return `  .step('s${n}', a${n}, ({ input${n === 0 ? '' : `, s${n - 1}`} }) => ({ id: input.id, previous: { lines: ${previous}.lines, total: ${previous}.total } }))`;
  });
  return [
    `import { Activity, flow } from '../../lib/index.js';`,
    `declare const stack: import('constructs').Construct;`,
    ...interfaces,
    ...activities,
    `export const whole = flow<{ readonly id: string; readonly start: { readonly lines: readonly { readonly sku: string; readonly count: number }[]; readonly total: number } }>()`,
    ...chain,
    ';',
  ].join('\n');
}
