import { type Condition, compileChoiceRule, compileJsonataCondition } from '../../asl/evaluate/choice.js';
import { compileDataFlow, type DataFlow } from '../../asl/evaluate/data-flow.js';
import type { JsonObject } from '../../asl/language/json.js';
import { StatesError } from '../../asl/language/states-error.js';
import type { Fields } from '../../asl/language/types.js';
import { effectiveInput, leave } from '../model/exit.js';
import type { StateBehaviour } from '../model/program.js';
import type { StateSource } from '../model/state-source.js';

/** Choice: goes where its first matching rule says, else to `Default`. */
export function compileChoice({ name, definition, language }: StateSource): StateBehaviour {
  const flow = compileDataFlow(definition, language);
  const rules = (definition['Choices'] as readonly JsonObject[]).map((rule, index) => ({
    matches: compileCondition(rule, index, language === 'JSONata'),
    next: rule['Next'] as string,
    flow: ruleFlow(rule, definition, flow, language),
  }));
  const otherwise = definition['Default'] as string | undefined;
  return {
    enter: (frame) => {
      const input = effectiveInput(frame, flow);
      const scope = frame.scope(input);
      for (const rule of rules) {
        if (rule.matches(scope)) return leave(frame, rule.flow, input, rule.next);
      }
      if (otherwise !== undefined) return leave(frame, flow, input, otherwise);
      throw new StatesError('States.NoChoiceMatched', `State '${name}' has no matching choice rule and no Default.`);
    },
  };
}

function compileCondition(rule: JsonObject, index: number, jsonata: boolean): Condition {
  return jsonata ? compileJsonataCondition(rule['Condition']!, `Choices/${index}/Condition`) : compileChoiceRule(rule);
}

/** A rule's own Assign and Output stand in for the state's; the state's paths hold for all. */
function ruleFlow(rule: JsonObject, state: Fields, flow: DataFlow, language: StateSource['language']): DataFlow {
  if (language === 'JSONata') {
    return compileDataFlow(
      {
        ...(rule['Assign'] !== undefined && { Assign: rule['Assign'] }),
        ...(rule['Output'] !== undefined
          ? { Output: rule['Output'] }
          : state['Output'] !== undefined && { Output: state['Output'] }),
      },
      language,
    );
  }
  if (rule['Assign'] === undefined && state['Assign'] === undefined) return flow;
  const { Assign: _own, ...paths } = state;
  return compileDataFlow({ ...paths, ...(rule['Assign'] !== undefined && { Assign: rule['Assign'] }) }, language);
}
