import { DurableStepsError } from '../../errors.js';
import { type Checks, checkOptions } from '../../options/check-options.js';
import { CALLBACK, either, listOf, named, needed, options, STEP } from '../../options/kinds.js';
import type { FlowNode, Sequence } from '../compiler/sequence.js';
import { type ChoiceRule, Exit, type State } from '../compiler/state.js';
import type { AnyStep, Step } from '../compiler/step.js';
import type { AnyMapping } from '../language/expression.js';
import type { Expr } from '../language/reference.js';

/** One way of a `choose`: a step that takes the last result, or a callback that continues the flow. */
export type FlowBranch<ChildFlow, Last, Out> = Step<Last, Out> | ((flow: ChildFlow) => Step<never, Out>);

/** A branch and its condition. */
export interface ChooseCase<ChildFlow, Scope, Last, Then> {
  /** A reference or `expr` that gives true or false. The first case whose condition is true is taken. */
  readonly when: (scope: Scope) => Expr<boolean>;
  readonly then: FlowBranch<ChildFlow, Last, Then>;
}

/** Where a flow branches: one condition, or several cases in order. */
export type ChooseProps<ChildFlow, Scope, Last, Then, Otherwise> = (
  | (ChooseCase<ChildFlow, Scope, Last, Then> & { readonly cases?: never })
  | {
      readonly cases: readonly ChooseCase<ChildFlow, Scope, Last, Then>[];
      readonly when?: never;
      readonly then?: never;
    }
) & {
  /** What runs when no condition is true. @default - the flow goes on with its last result */
  readonly otherwise?: FlowBranch<ChildFlow, Last, Otherwise>;
};

/** A branch with its types erased. */
export type AnyBranch = AnyStep | ((flow: never) => unknown);

/** {@link ChooseProps} with its types erased, as the compilation sees it. */
export interface Chooser {
  readonly when?: AnyMapping;
  readonly then?: AnyBranch;
  readonly cases?: readonly { readonly when: AnyMapping; readonly then: AnyBranch }[];
  readonly otherwise?: AnyBranch;
}

/** What stands in a branch. */
export const BRANCH = either(STEP, named('a callback that goes on with the flow', CALLBACK));
const CASE = { when: needed(CALLBACK), then: needed(BRANCH) };
const CASES: Checks<Omit<Chooser, 'when' | 'then'>> = { cases: listOf(options(CASE)), otherwise: BRANCH };

interface ChildFlow {
  compileInto(sequence: Sequence): void;
}

/** The part of a flow that branches: a Choice state and the branches' states. */
export function chooseNode(name: string | undefined, props: Chooser, newFlow: () => object): FlowNode {
  const where = name === undefined ? 'choose' : `choose('${name}')`;
  checkOptions(where, props, props?.cases === undefined ? { ...CASE, otherwise: BRANCH } : CASES);
  const cases = props.cases ?? [{ when: props.when!, then: props.then! }];
  if (cases.length === 0) {
    throw new DurableStepsError('InvalidOption', { where: 'choose.cases', expected: 'at least one case', got: 'none' });
  }
  return {
    kind: 'choose',
    ...(name !== undefined && { name }),
    compile: (sequence) => {
      const wanted = name ?? 'Choice';
      const rules: ChoiceRule[] = cases.map(({ when }, index) => ({
        Condition: renderCondition(sequence, when, `${wanted}.cases[${index}].when`),
      }));
      const state: State = { Type: 'Choice', Choices: rules };
      const exits = [...rules.map((rule) => Exit.ofRule(state, rule)), Exit.ofDefault(state)];
      sequence.addFragment(() => ({ start: sequence.scope.add(wanted, state, sequence.site.context), exits }));
      const branches = [...cases.map(({ then }) => then), props.otherwise].map((branch, index) => {
        const fork = sequence.fork(`${sequence.path}.${wanted}`, [exits[index]!]);
        if (branch !== undefined) compileBranch(fork, branch, newFlow, `.${optionOf(props, index)}`);
        return fork;
      });
      sequence.join(branches);
      if (name !== undefined) sequence.name(name);
    },
  };
}

/** The option behind a branch, for messages. */
function optionOf({ cases }: Chooser, index: number): string {
  if (index === (cases?.length ?? 1)) return 'otherwise';
  return cases === undefined ? 'then' : `cases[${index}].then`;
}

function renderCondition(sequence: Sequence, when: AnyMapping, where: string): string {
  const condition = sequence.scope.render(sequence.map(where, when), where);
  if (typeof condition === 'string' && condition.startsWith('{%')) return condition;
  if (typeof condition === 'boolean') return `{% ${condition} %}`;
  throw new DurableStepsError('InvalidCondition', {
    where: `${sequence.path}.${where}`,
    expected: 'a reference or an expr`…` that gives true or false',
    got: JSON.stringify(condition),
  });
}

/** Compiles a branch at the end of a sequence of its own. `option` is what it was given as, for messages. */
export function compileBranch(fork: Sequence, branch: AnyBranch, newFlow: () => object, option = ''): void {
  if (typeof branch !== 'function') {
    fork.append(branch, branch.stepName);
    return;
  }
  const child: unknown = branch(newFlow() as never);
  if (typeof child === 'object' && child !== null && 'compileInto' in child) {
    (child as ChildFlow).compileInto(fork);
    return;
  }
  throw new DurableStepsError('InvalidStep', {
    where: `${fork.path}${option}`,
    expected: 'a branch callback that returns the flow it continued',
    got: child instanceof Promise ? 'a promise' : `\`${String(child)}\``,
  });
}
