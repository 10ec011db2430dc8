import { Exit, type Fragment, type State } from './state.js';
import { renderInput, type Site } from './step.js';

/** What a flow must know of another state machine to run it. */
export interface SubOrchestration {
  readonly stateMachineArn: string;
  /** The construct path, for messages. */
  readonly path: string;
}

/**
 * The Task state that runs another orchestration and waits for its end. The child's id follows from the parent's and the state's name; stopping the parent stops the child.
 */
export function compileSubOrchestration(site: Site, child: SubOrchestration): Fragment {
  const { scope, compilation } = site;
  const input = renderInput(site);
  const state: State = {
    Type: 'Task',
    Resource: compilation.integration('states:startExecution.sync:2'),
    Arguments: {},
    Output: '{% $states.result.Output %}',
  };
  const name = scope.add(site.name, state, site.context);
  state['Arguments'] = {
    StateMachineArn: child.stateMachineArn,
    Name: renderChildName(scope.runKey(name)),
    Input: input,
  };
  compilation.grant({ actions: ['states:StartExecution'], resources: [child.stateMachineArn] });
  return { start: name, exits: [Exit.ofState(state, '$states.result.Output')] };
}

/** A legal execution name from the key of a run: at most 64 characters, hashed where it is longer. */
function renderChildName(runKey: string): string {
  const legal = `$replace($replace(${runKey}, '..', '.g'), /[^A-Za-z0-9_.@=+!'()-]/, '.')`;
  return `{% ($name := ${legal}; $length($name) > 64 ? $hash($name, 'SHA-256') : $name) %}`;
}
