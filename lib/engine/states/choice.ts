import { type Condition, compileChoiceRule, compileJsonataCondition } from '../../asl/evaluate/choice.js';
import { compileDataFlow, type DataFlow } from '../../asl/evaluate/data-flow.js';
import type { JsonObject } from '../../asl/language/json.js';
import { runtimeError } from '../../asl/language/states-error.js';
import type { Fields } from '../../asl/language/types.js';
import { effectiveInput, leave } from '../model/exit.js';
import type { StateBehaviour } from '../model/program.js';
import type { StateSource } from '../model/state-source.js';

/** Choice: goes where its first matching rule says, else to `Default`. */
export function compileChoice({ definition, language }: StateSource): StateBehaviour {
  const flow = compileDataFlow(definition, language);
  const rules = (definition['Choices'] as readonly JsonObject[]).map((rule, index) => ({
    matches: compileCondition(rule, index, language === 'JSONata'),
    next: rule['Next'] as string,
    flow: language === 'JSONata' ? jsonataFlow(rule, index, definition) : jsonPathFlow(rule, definition, flow),
  }));
  const otherwise = definition['Default'] as string | undefined;
  return {
    enter: (thread) => {
      const input = effectiveInput(thread, flow);
      const scope = thread.scope(input);
      for (const rule of rules) {
        if (rule.matches(scope)) return leave(thread, rule.flow, input, rule.next);
      }
      if (otherwise !== undefined) return leave(thread, flow, input, otherwise);
      throw runtimeError('Failed to transition out of the state. The state does not point to a next state.');
    },
  };
}

function compileCondition(rule: JsonObject, index: number, jsonata: boolean): Condition {
  return jsonata
    ? compileJsonataCondition(rule['Condition'] ?? null, `Choices[${index}]/Condition`)
    : compileChoiceRule(rule);
}

/** A rule's own Assign and Output stand in for the state's. */
function jsonataFlow(rule: JsonObject, index: number, state: Fields): DataFlow {
  const own = compileDataFlow(rule, 'JSONata', { owner: `Choices[${index}]/` });
  if (rule['Output'] !== undefined || state['Output'] === undefined) return own;
  const shared = compileDataFlow({ Output: state['Output'] }, 'JSONata');
  return {
    input: own.input,
    outcome: (scope, result, at) => ({ ...own.outcome(scope, result, at), ...shared.outcome(scope, result, at) }),
  };
}

/** A rule's own Assign stands in for the state's, whose paths hold for all. */
function jsonPathFlow(rule: JsonObject, state: Fields, flow: DataFlow): DataFlow {
  if (rule['Assign'] === undefined && state['Assign'] === undefined) return flow;
  const { Assign: _own, ...paths } = state;
  return compileDataFlow({ ...paths, ...(rule['Assign'] !== undefined && { Assign: rule['Assign'] }) }, 'JSONPath');
}
