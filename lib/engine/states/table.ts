import { compileDataFlow } from '../../asl/data-flow';
import type { Json, JsonObject } from '../../asl/json';
import { readRetryPolicies } from '../../asl/retry';
import type { Branch, QueryLanguage, StateDefinition, StateMachineDefinition, StateType } from '../../asl/types';
import type { EventType } from '../history';
import type { Catcher, CompiledState, Program, StateBehaviour } from '../program';
import { compileChoice } from './choice';
import { compileFail } from './fail';
import { compileMap } from './map';
import { compileParallel } from './parallel';
import { compilePass } from './pass';
import type { StateSource } from './source';
import { compileSucceed } from './succeed';
import { compileTask } from './task';
import { compileWait } from './wait';

const COMPILERS: Readonly<Record<StateType, (source: StateSource) => StateBehaviour>> = {
  Task: compileTask,
  Pass: compilePass,
  Choice: compileChoice,
  Wait: compileWait,
  Succeed: compileSucceed,
  Fail: compileFail,
  Parallel: compileParallel,
  Map: compileMap,
};

/** Compiles a state machine whose definition was found valid. */
export function compileStateMachine(definition: StateMachineDefinition): Program {
  return compileBranch(definition, definition.QueryLanguage ?? 'JSONPath');
}

function compileBranch(branch: Branch, machineLanguage: QueryLanguage): Program {
  const states = new Map<string, CompiledState>();
  for (const [name, state] of Object.entries(branch.States))
    states.set(name, compileState(name, state, machineLanguage));
  return { startAt: branch.StartAt, states };
}

/** Compiles one state, of a machine in the given language. */
export function compileState(name: string, definition: StateDefinition, machineLanguage: QueryLanguage): CompiledState {
  const language = (definition['QueryLanguage'] as QueryLanguage | undefined) ?? machineLanguage;
  const type = definition.Type;
  const behaviour = COMPILERS[type]({
    name,
    definition,
    language,
    compileBranch: (branch) => compileBranch(branch as unknown as Branch, machineLanguage),
  });
  return {
    ...behaviour,
    name,
    type,
    language,
    usesTaskToken: type === 'Task' && String(definition['Resource']).endsWith('.waitForTaskToken'),
    entered: `${type}StateEntered` as EventType,
    exited: type === 'Fail' ? undefined : (`${type}StateExited` as EventType),
    retry: readRetryPolicies(definition['Retry']),
    catchers: ((definition['Catch'] ?? []) as readonly JsonObject[]).map((entry) => compileCatcher(entry, language)),
  };
}

function compileCatcher(entry: JsonObject, language: QueryLanguage): Catcher {
  return {
    errors: entry['ErrorEquals'] as readonly string[],
    next: entry['Next'] as string,
    flow: compileDataFlow(entry as { readonly [field: string]: Json }, language),
  };
}
