import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { Compilation, Grant } from '../flow/compiler/compilation.js';
import { compileStates, type States } from '../flow/compiler/machine.js';
import { Exit, type State } from '../flow/compiler/state.js';
import { type AnyStep, renderInput, type Site } from '../flow/compiler/step.js';

/** A hand-written piece of definition as a step, or undefined for anything else. Its states keep their names. */
export function tryAdoptChainable(foreign: object): AnyStep | undefined {
  if (!('startState' in foreign) || !(foreign.startState instanceof sfn.State)) return undefined;
  const { startState } = foreign;
  return { stepName: startState.stateId, compile: (site) => adopt(site, startState) };
}

function adopt(site: Site, startState: sfn.State) {
  const { scope, compilation } = site;
  const graph = new sfn.StateGraph(startState, site.name);
  const rendered = graph.toGraphJson(sfn.QueryLanguage.JSONATA) as { StartAt: string; States: Record<string, State> };
  const entry = site.input.kind === 'piped' ? undefined : addInputPass(site);
  const result: State = { Type: 'Pass' };
  const ends: State[] = [];
  for (const [name, state] of Object.entries(rendered.States)) {
    scope.adopt(name, state);
    if (state.End === true) ends.push(state);
  }
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
  return { start, exits: [Exit.ofState(result, '$states.input')] };
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
  if (states.length > 1) return { Type: 'Parallel', Branches: [inner], Output: '{% $states.result[0] %}' };
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
