import { referenceTo, type Scope, type Variable } from './scope.js';
import type { Exit } from './state.js';
import type { StepInput } from './step.js';

/** The value that leaves some exits as the input of what comes next; it is stored in a variable only if a later state needs it. */
export function pipeFrom(scope: Scope, wanted: string, exits: readonly Exit[]): StepInput {
  let variable: Variable | undefined;
  return {
    kind: 'piped',
    stable: () => {
      variable ??= store(scope, wanted, exits);
      return referenceTo(variable);
    },
  };
}

function store(scope: Scope, wanted: string, exits: readonly Exit[]): Variable {
  const variable = scope.variable(wanted);
  for (const exit of exits) exit.assign(variable.name, `{% ${exit.result} %}`);
  return variable;
}
