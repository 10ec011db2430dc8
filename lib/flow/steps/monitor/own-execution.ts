import { interceptErrors } from '../../compiler/intercept.js';
import { compileScope, type States } from '../../compiler/machine.js';
import { referenceTo } from '../../compiler/scope.js';
import { type ChoiceRule, Exit, type Fragment, type State } from '../../compiler/state.js';
import { type AnyStep, renderInput, type Site } from '../../compiler/step.js';
import { addThrow } from '../../compiler/throw.js';
import { storedError } from '../../language/workflow-error.js';

/** What the child execution gets. */
interface OwnInput {
  readonly key: string;
  readonly input: unknown;
}

/**
 * The same step in an execution of its own, with a history of its own: the one item of a distributed Map. Its error keeps name and cause; a Choice behind the Map
 * throws it again.
 */
export function inOwnExecution(step: AnyStep): AnyStep {
  return { stepName: step.stepName, compile: (site) => compileOwn(site, step) };
}

function compileOwn(site: Site, step: AnyStep): Fragment {
  const { scope, compilation } = site;
  const name = scope.claim(site.name, site.context);
  const context = [...site.context, name];
  const input = renderInput(site);
  const inner = scope.inner(name, { isolated: true, enveloped: true });
  const processor = compileScope(inner, compilation, {
    stepName: step.stepName,
    compile: (inside) => {
      const own = referenceTo<OwnInput>(inner.input);
      const part = step.compile({ ...inside, context, input: { kind: 'template', template: own.input } });
      for (const exit of part.exits) {
        const { result } = exit;
        exit.output({ output: `{% ${result} %}` }, `{"output": ${result}}`);
      }
      const failed = interceptErrors(inner, [...inner.states.values()], ['States.ALL'], (error) => ({
        Output: { error },
      }));
      return { start: part.start, exits: [...part.exits, ...failed] };
    },
  });
  const state = renderChild({ key: `{% ${scope.runKey(name)} %}`, input }, processor);
  scope.place(name, state);
  grantChildren(site);
  const broken: ChoiceRule = { Condition: '{% $exists($states.input.error) %}' };
  const choice: State = { Type: 'Choice', Choices: [broken] };
  state.Next = scope.add('Failed?', choice, context);
  broken.Next = addThrow(scope, `${name} failed`, storedError('$states.input.error'), site.context);
  const exit = Exit.ofDefault(choice);
  exit.output('{% $states.input.output %}', '$states.input.output');
  return { start: name, exits: [exit] };
}

/** A Map state that runs one child execution. */
export function renderChild(item: object, processor: States, assign?: Readonly<Record<string, string>>): State {
  return {
    Type: 'Map',
    Items: [item],
    MaxConcurrency: 1,
    ItemProcessor: { ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' }, ...processor },
    ...(assign !== undefined && { Assign: { ...assign } }),
    Output: '{% $states.result[0] %}',
  };
}

/** What a state machine needs to run children of a distributed Map. */
export function grantChildren({ compilation }: Site): void {
  compilation.grant({ actions: ['states:StartExecution'], resources: ['self'] });
  compilation.grant({
    actions: ['states:DescribeExecution', 'states:StopExecution', 'states:RedriveExecution'],
    resources: ['self:executions', 'self:children'],
  });
}
