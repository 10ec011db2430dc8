import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { Compilation, Grant } from '../flow/compiler/compilation.js';
import { compileStates, type States } from '../flow/compiler/machine.js';
import { Exit, type State } from '../flow/compiler/state.js';
import { type AnyStep, renderInput, type Site } from '../flow/compiler/step.js';
import { addThrow, adoptThrow, renderThrow } from '../flow/compiler/throw.js';
import type { Thrown } from '../flow/compiler/thrown.js';
import { checkOption } from '../options/check-options.js';
import { needed, STEP } from '../options/kinds.js';

/** A hand-written piece of definition as a step, or undefined for anything else. Its states keep their names. */
export function tryAdoptChainable(foreign: object): AnyStep | undefined {
  if (!('startState' in foreign) || !(foreign.startState instanceof sfn.State)) return undefined;
  const { startState } = foreign;
  return { stepName: startState.stateId, compile: (site) => adopt(site, startState) };
}

function adopt(site: Site, startState: sfn.State) {
  const { scope, compilation } = site;
  const graph = graphOf(startState);
  const rendered = graph.toGraphJson(sfn.QueryLanguage.JSONATA) as { StartAt: string; States: Record<string, State> };
  const entry = site.input.kind === 'piped' ? undefined : addInputPass(site);
  const result: State = { Type: 'Pass' };
  const { ends, succeed } = adoptStates(site, rendered.States);
  if (entry !== undefined) entry.state.Next = rendered.StartAt;
  compilation.attach((orchestration) => {
    for (const statement of graph.policyStatements)
      (orchestration as { stateMachine: sfn.StateMachine }).stateMachine.addToRolePolicy(statement);
  });
  const start = entry?.name ?? rendered.StartAt;
  if (ends.length === 0) return { start, exits: [] };
  // What a hand-written state puts out is known only behind it: a Pass state of the step's name takes it up.
  const name = scope.add(site.name === startState.stateId ? `${site.name} result` : site.name, result, site.context);
  for (const state of ends) {
    delete state.End;
    state.Next = name;
  }
  return {
    start,
    exits: [Exit.ofState(result, '$states.input')],
    ...(succeed !== undefined && { endsEarly: succeed }),
  };
}

/**
 * Takes hand-written states over, so that how they end is no way around the flow: a Fail state can be caught, undone and finalised as an error of ours, a Succeed state leads
 * to the end of the step, and a Choice that finds no match fails in a Fail state, since the language can't catch what happens in a Choice.
 */
function adoptStates(
  site: Site,
  states: Readonly<Record<string, State>>,
): { readonly ends: readonly State[]; readonly succeed: string | undefined } {
  const { scope, context } = site;
  const ends: State[] = [];
  let succeed: string | undefined;
  for (const [name, state] of Object.entries(states)) {
    scope.adopt(name, state);
    if (state.End === true || state.Type === 'Succeed') ends.push(state);
    if (state.Type === 'Fail') adoptThrow(scope, state);
    if (state.Type === 'Succeed') {
      succeed ??= name;
      state.Type = 'Pass';
    }
    if (state.Type === 'Choice') state['Default'] ??= addThrow(scope, `${name}: no match`, noMatch(name), context);
    closeChoicesWithin(site, state);
  }
  return { ends, succeed };
}

function noMatch(choice: string): Thrown {
  const literal = 'States.NoChoiceMatched';
  const cause = JSON.stringify(`No rule of the Choice state "${choice}" matched, and it has no default.`);
  return { literal, name: JSON.stringify(literal), cause, at: choice };
}

/** The same for the Choices inside of Parallel and Map states, whose Fail states fail the whole of them. */
function closeChoicesWithin(site: Site, state: State): void {
  const inner = [...((state['Branches'] as States[] | undefined) ?? []), state['ItemProcessor'] as States | undefined];
  for (const part of inner) {
    if (part === undefined) continue;
    const states = part.States as Record<string, State>;
    for (const [name, inside] of Object.entries(states)) {
      if (inside.Type === 'Choice' && inside['Default'] === undefined) {
        const fail = site.scope.claim(`${name}: no match`, site.context);
        inside['Default'] = fail;
        states[fail] = renderThrow(noMatch(name));
      }
      closeChoicesWithin(site, inside);
    }
  }
}

/** The CDK lets a state into one graph only, and a step may be compiled more than once: to look at it, or to start over. */
const graphs = new WeakMap<sfn.State, sfn.StateGraph>();

function graphOf(startState: sfn.State): sfn.StateGraph {
  const graph = graphs.get(startState) ?? new sfn.StateGraph(startState, startState.stateId);
  graphs.set(startState, graph);
  return graph;
}

function addInputPass(site: Site): { readonly name: string; readonly state: State } {
  const state: State = { Type: 'Pass', Output: renderInput(site) };
  return { name: site.scope.add(`${site.name} input`, state, site.context), state };
}

/**
 * A step as a state for a hand-written definition: one state, or a Parallel state of one branch around a step of several. Its input is the state's input, its output the
 * step's result.
 *
 * @example new sfn.Pass(this, 'Begin').next(asChainable(this, 'Price', priceOrder))
 */
export function asChainable(scope: Construct, id: string, step: AnyStep): sfn.IChainable & sfn.INextable {
  checkOption('asChainable.step', step, needed(STEP));
  return new StepState(scope, id, step);
}

class StepState extends sfn.State implements sfn.INextable {
  readonly endStates: sfn.INextable[];
  private readonly rendered: State;
  private readonly compilation: Compilation;

  constructor(scope: Construct, id: string, step: AnyStep) {
    super(scope, id, {});
    this.endStates = [this];
    const surroundings = { partition: Stack.of(scope).partition, tryAdopt: tryAdoptChainable };
    const { states, compilation } = compileStates(id, step, surroundings, true);
    this.compilation = compilation;
    this.rendered = asOneState(states);
  }

  next(next: sfn.IChainable): sfn.Chain {
    super.makeNext(next.startState);
    return sfn.Chain.sequence(this, next);
  }

  toStateJson(): object {
    return { ...this.rendered, QueryLanguage: 'JSONata', ...this.renderNextEnd() };
  }

  protected override whenBoundToGraph(graph: sfn.StateGraph): void {
    super.whenBoundToGraph(graph);
    for (const grant of this.compilation.grants) graph.registerPolicyStatement(toStatement(grant));
  }
}

function asOneState(inner: States): State {
  const states = Object.values(inner.States);
  if (states.length > 1 || ['Fail', 'Succeed'].includes(states[0]!.Type))
    return { Type: 'Parallel', Branches: [inner], Output: '{% $states.result[0] %}' };
  const { Next: _next, End: _end, ...state } = states[0]!;
  return state;
}

function toStatement({ actions, resources, conditions }: Grant): iam.PolicyStatement {
  return new iam.PolicyStatement({
    actions: [...actions],
    resources: [...resources],
    ...(conditions !== undefined && { conditions: { ...conditions } }),
  });
}
