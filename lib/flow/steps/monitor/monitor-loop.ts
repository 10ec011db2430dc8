import { DurableStepsError } from '../../../errors.js';
import { type ChoiceRule, Exit, type State } from '../../compiler/state.js';
import type { AnyStep, Site } from '../../compiler/step.js';
import { evaluateMapping, makeReference, type Position } from '../../language/expression.js';
import { renderLiteral, type Template } from '../../language/template.js';
import { type CheckedInterval, renderSeconds } from './monitor-interval.js';

/** A monitor whose options are known to fit together. */
export interface Loop {
  readonly where: string;
  readonly poll: AnyStep;
  readonly until: (result: Template) => Template;
  readonly interval: CheckedInterval;
  readonly deadlineSeconds: number;
}

/** What a monitor's states lead out to: one way where `until` held, and one where the deadline came. */
export interface MonitorFragment {
  readonly start: string;
  readonly completed: readonly Exit[];
  readonly timedOut: readonly Exit[];
}

/** Where a loop begins: at zero, or in the window of a longer one. */
export interface LoopStart {
  /** JSONata for the number of polls before. */
  readonly polls: string;
  /** JSONata for the deadline in milliseconds, in the state that polls and in later ones. @default - counted from the first poll */
  readonly deadline?: string;
  /** How many polls may be made here; then the loop is left by `full`. @default - any number */
  readonly window?: number;
  /** Renders what the callbacks of the outer flow gave. */
  readonly position: () => Position;
}

/** The last poll's result: it passes from the poll through the Choice and the Wait. */
const pollResult: Template = makeReference({ label: 'result', text: () => '$states.input' });

/** Compiles the loop: poll, Choice, Wait. */
export function compileLoop(
  site: Site,
  input: Template,
  loop: Loop,
  start: LoopStart = { polls: '0', position: () => site.scope.position() },
): MonitorFragment & { readonly full: readonly Exit[] } {
  const { scope } = site;
  const polls = scope.variable(`${site.name}_polls`).name;
  const deadline = start.deadline ?? `$${scope.variable(`${site.name}_deadline`).name}`;
  const begun = `$exists($${polls}) ? $${polls} : ${start.polls}`;
  if (scope.isEmpty) scope.loops();
  const poll = scope.repeating(`(${begun})`, () =>
    loop.poll.compile({ ...site, input: { kind: 'template', template: input } }),
  );
  for (const exit of poll.exits) {
    exit.assign(polls, `{% (${begun}) + 1 %}`);
    if (start.deadline === undefined) exit.assign(deadline.slice(1), `{% ${renderDeadline(deadline, loop)} %}`);
  }
  const choice = compileChoice(site, loop, start, `$${polls}`, deadline);
  for (const exit of poll.exits) exit.next(choice.start);
  choice.again.next(poll.start);
  return { ...choice, start: poll.start };
}

function renderDeadline(deadline: string, { deadlineSeconds }: Loop): string {
  const first = `$toMillis($states.context.State.EnteredTime) + ${deadlineSeconds * 1000}`;
  return `$exists(${deadline}) ? ${deadline} : ${first}`;
}

/** Done? Else too late for another poll? Else wait. */
function compileChoice(site: Site, loop: Loop, start: LoopStart, polls: string, deadline: string) {
  const { scope, name } = site;
  const context = [...site.context, name];
  const seconds = renderSeconds(loop.interval, polls, (choose) =>
    renderLiteral(
      evaluateMapping(`${loop.where}.interval.seconds`, choose, () => pollResult),
      start.position(),
      name,
    ),
  );
  const until = renderCondition(loop, start);
  const done: ChoiceRule = { Condition: until };
  const late: ChoiceRule = { Condition: `{% $millis() + ${times1000(seconds)} >= ${deadline} %}` };
  const over: ChoiceRule = { Condition: `{% ${polls} - ${start.polls} >= ${start.window} %}` };
  const rules = [done, late, ...(start.window === undefined ? [] : [over])];
  const choice: State = { Type: 'Choice', Choices: rules };
  const choiceName = scope.add('Done?', choice, context);
  const wait: State = { Type: 'Wait', Seconds: renderWait(seconds) };
  choice['Default'] = scope.add('Wait', wait, context);
  const last: State = {
    Type: 'Wait',
    Seconds: `{% $max([0, $ceil((${deadline} - $millis()) / 1000)]) %}`,
    ...renderOutcome('timedOut', polls),
  };
  late.Next = scope.add('Wait for the deadline', last, context);
  const full: Exit[] = [];
  if (start.window !== undefined) {
    const rest: State = { Type: 'Wait', Seconds: renderWait(seconds), ...renderOutcome('continued', polls) };
    over.Next = scope.add('Wait for the next window', rest, context);
    full.push(Exit.ofState(rest, outcomeText('continued', polls)));
  }
  return {
    start: choiceName,
    again: Exit.ofState(wait, '$states.input'),
    completed: [withResult(Exit.ofRule(choice, done), 'completed', polls)],
    timedOut: [Exit.ofState(last, outcomeText('timedOut', polls))],
    full,
  };
}

function renderWait(seconds: string): unknown {
  return /^\d+$/.test(seconds) ? Number(seconds) : `{% ${seconds} %}`;
}

function times1000(seconds: string): string {
  return /^\d+$/.test(seconds) ? String(Number(seconds) * 1000) : `${seconds} * 1000`;
}

function renderCondition(loop: Loop, start: LoopStart): string {
  const condition = loop.until(pollResult);
  if (
    typeof condition === 'boolean' ||
    condition === null ||
    typeof condition === 'object' ||
    typeof condition === 'function'
  ) {
    return `{% ${renderLiteral(condition, start.position(), `${loop.where}.until`)} %}`;
  }
  throw new DurableStepsError('InvalidCondition', {
    where: `${loop.where}.until`,
    expected: 'a reference or an expr`…` that gives true or false',
    got: JSON.stringify(condition),
  });
}

type Outcome = 'completed' | 'timedOut' | 'continued';

function renderOutcome(outcome: Outcome, polls: string): { readonly Output: unknown } {
  return {
    Output: { outcome, timedOut: outcome === 'timedOut', result: '{% $states.input %}', polls: `{% ${polls} %}` },
  };
}

function outcomeText(outcome: Outcome, polls: string): string {
  return `{"outcome": "${outcome}", "timedOut": ${outcome === 'timedOut'}, "result": $states.input, "polls": ${polls}}`;
}

function withResult(exit: Exit, outcome: Outcome, polls: string): Exit {
  exit.output(renderOutcome(outcome, polls).Output, outcomeText(outcome, polls));
  return exit;
}
