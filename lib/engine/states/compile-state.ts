import { compileDataFlow } from '../../asl/evaluate/data-flow.js';
import type { Json, JsonObject } from '../../asl/language/json.js';
import { readRetryPolicies } from '../../asl/language/retry.js';
import type {
  Branch,
  QueryLanguage,
  StateDefinition,
  StateMachineDefinition,
  StateType,
} from '../../asl/language/types.js';
import type { EventType } from '../model/history.js';
import type { Catcher, CompiledState, Program, StateBehaviour } from '../model/program.js';
import type { StateSource } from '../model/state-source.js';
import { compileChoice } from './choice.js';
import { compileFail } from './fail.js';
import { compileMap } from './map.js';
import { compileParallel } from './parallel.js';
import { compilePass } from './pass.js';
import { compileSucceed } from './succeed.js';
import { compileTask } from './task.js';
import { compileWait } from './wait.js';

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
    catchers: ((definition['Catch'] ?? []) as readonly JsonObject[]).map((entry, index) =>
      compileCatcher(entry, index, language),
    ),
  };
}

function compileCatcher(entry: JsonObject, index: number, language: QueryLanguage): Catcher {
  return {
    errors: entry['ErrorEquals'] as readonly string[],
    next: entry['Next'] as string,
    flow: compileDataFlow(entry as { readonly [field: string]: Json }, language, { owner: `Catch[${index}]/` }),
  };
}
