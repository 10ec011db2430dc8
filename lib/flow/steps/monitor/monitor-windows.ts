import { DurableStepsError } from '../../../errors.js';
import { interceptErrors } from '../../compiler/intercept.js';
import { compileScope, type States } from '../../compiler/machine.js';
import { referenceTo, type Scope } from '../../compiler/scope.js';
import { type ChoiceRule, Exit, type State } from '../../compiler/state.js';
import type { Site } from '../../compiler/step.js';
import { addThrow } from '../../compiler/throw.js';
import type { NamedValue, Position } from '../../language/expression.js';
import type { Template } from '../../language/template.js';
import { storedError } from '../../language/workflow-error.js';
import { compileLoop, type Loop, type MonitorFragment } from './monitor-loop.js';
import { grantChildren, renderChild } from './own-execution.js';

/** The most windows that the history of the execution around holds, at 10 events each. */
const mostWindows = 2000;

/** What a window gets. */
interface WindowInput {
  readonly key: string;
  readonly input: unknown;
  readonly polls: number;
  readonly deadline: number;
  readonly outer: Readonly<Record<string, unknown>>;
}

/**
 * Compiles a monitor that polls more often than one history holds: each window of polls is the one item of a distributed Map, and so an execution of its own. The
 * execution around goes from window to window.
 */
export function compileWindows(
  site: Site,
  input: Template,
  loop: Loop,
  { window, polls: expected }: { readonly window: number; readonly polls: number },
): MonitorFragment {
  const { scope } = site;
  checkWindows(loop, expected, window);
  const name = scope.claim(site.name, site.context);
  if (scope.isEmpty) scope.loops();
  const polls = scope.variable(`${name}_polls`).name;
  const deadline = scope.variable(`${name}_deadline`).name;
  const before = `($exists($${polls}) ? $${polls} : 0)`;
  const capture = captureOuter(scope);
  const processor = compileWindow(site, name, loop, { window, position: () => capture.position });
  const item = {
    key: `{% ${scope.runKey(name)} & "/" & ${before} %}`,
    input: scope.render(input, `${site.name}.input`),
    polls: `{% ${before} %}`,
    deadline: renderUntil(deadline, loop),
    ...capture.render(),
  };
  const state = renderChild(item, processor, {
    [polls]: `{% $exists($states.result[0].polls) ? $states.result[0].polls : ${before} %}`,
    [deadline]: renderUntil(deadline, loop),
  });
  scope.place(name, state);
  grantChildren(site);
  return goOn(site, name, state);
}

/** What a window does, as an execution of its own: so many polls at most, from where the one before left off. */
function compileWindow(
  site: Site,
  name: string,
  loop: Loop,
  part: { readonly window: number; readonly position: () => Position },
): States {
  const inner = site.scope.inner(name, { isolated: true, enveloped: true });
  return compileScope(inner, site.compilation, {
    stepName: loop.poll.stepName,
    compile: (inside) => {
      const own = referenceTo<WindowInput>(inner.input);
      const text = (member: keyof WindowInput) => `$states.context.Execution.Input.${member}`;
      const start = { polls: text('polls'), deadline: text('deadline'), ...part };
      const polling = compileLoop({ ...inside, context: [...site.context, site.name] }, own.input, loop, start);
      const failed = interceptErrors(inner, [...inner.states.values()], ['States.ALL'], (error) => ({
        Output: { error },
      }));
      return { start: polling.start, exits: [...polling.completed, ...polling.timedOut, ...polling.full, ...failed] };
    },
  });
}

/** Behind a window: the next one, the monitor's end, or its error. */
function goOn({ scope, ...site }: Site, name: string, state: State): MonitorFragment {
  const broken: ChoiceRule = { Condition: '{% $exists($states.input.error) %}' };
  const more: ChoiceRule = { Condition: "{% $states.input.outcome = 'continued' %}", Next: name };
  const late: ChoiceRule = { Condition: '{% $states.input.timedOut %}' };
  const choice: State = { Type: 'Choice', Choices: [broken, more, late] };
  state.Next = scope.add('Next window?', choice, [...site.context, site.name]);
  broken.Next = addThrow(scope, `${name} failed`, storedError('$states.input.error'), site.context);
  return { start: name, completed: [Exit.ofDefault(choice)], timedOut: [Exit.ofRule(choice, late)] };
}

/** The deadline in milliseconds: counted from when the first window began. */
function renderUntil(deadline: string, { deadlineSeconds }: Loop): string {
  const begun = '$toMillis($states.context.State.EnteredTime)';
  return `{% $exists($${deadline}) ? $${deadline} : ${begun} + ${deadlineSeconds * 1000} %}`;
}

function checkWindows(loop: Loop, polls: number, window: number): void {
  if (Math.ceil(polls / window) <= mostWindows) return;
  throw new DurableStepsError('InvalidOption', {
    where: `${loop.where}.deadline`,
    expected: `at most ${mostWindows * window} polls, which is what an execution can oversee`,
    got: `up to ${polls}`,
    fix: 'poll less often',
  });
}

/** Lets a child execution, which sees no outer variable, read outer values: they are handed over with its input. */
function captureOuter(outer: Scope) {
  const captured = new Map<NamedValue, string>();
  const base = '$states.context.Execution.Input.outer';
  const position: Position = {
    render: (value) => {
      const known = captured.get(value) ?? `v${captured.size + 1}`;
      captured.set(value, known);
      return `${base}.${known}`;
    },
  };
  const render = () => {
    const at = outer.position();
    const values = [...captured].map(([value, member]) => [member, `{% ${at.render(value)} %}`]);
    return captured.size === 0 ? {} : { outer: Object.fromEntries(values) };
  };
  return { position, render };
}
