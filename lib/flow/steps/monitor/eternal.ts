import { CONTINUED_INPUT } from '../../../contract/continued.js';
import { type Checks, checkOptions } from '../../../options/check-options.js';
import { ANYTHING, CALLBACK, needed, STEP, options as shapeOf } from '../../../options/kinds.js';
import { type ChoiceRule, Exit, type Fragment, type State } from '../../compiler/state.js';
import type { AnyStep, Site, Step } from '../../compiler/step.js';
import { evaluateMapping, makeReference } from '../../language/expression.js';
import type { Ref, Resolvable } from '../../language/reference.js';
import type { Resolved } from '../../language/resolved.js';
import { patientRetrier } from '../../language/retry.js';
import { renderLiteral, type Template } from '../../language/template.js';
import { checkInterval, INTERVAL, type Interval, longestSeconds, renderSeconds } from './monitor-interval.js';
import { budgetPolls } from './poll-budget.js';

/** What the callbacks of an eternal monitor receive. */
export interface EternalScope<I, Initial> {
  readonly input: Ref<I>;
  /** What was carried over from the poll before. */
  readonly carried: Ref<Resolved<Initial>>;
}

/** State that one poll hands over to the next, across executions too. */
export interface Carry<I, Result, Initial> {
  /** What the first poll finds: a value, or a callback that reads the orchestration's input. */
  readonly initial: Initial | ((scope: { readonly input: Ref<I> }) => Initial);
  /** What the next poll finds. */
  readonly next: (result: Ref<Result>, scope: EternalScope<I, Initial>) => Resolvable<Resolved<Initial>>;
}

/** Options of a monitor that never ends. */
export interface EternalOptions<I, PollIn, Result, Initial> {
  /** What is done again and again: an activity, an orchestration, a flow. */
  readonly poll: Step<PollIn, Result>;
  /** State that one poll hands over to the next, across executions too. Give it before `input`, so that the compiler knows its type there. @default - none */
  readonly carry?: Carry<I, Result, Initial>;
  /** Makes the input of `poll` from the orchestration's input and what is carried over. @default - the orchestration's input */
  readonly input?: (scope: EternalScope<I, Initial>) => Resolvable<PollIn>;
  /** How long to wait between polls. */
  readonly interval: Interval<Result>;
}

/** What the options of a monitor that never ends take. */
export const ETERNAL: Checks<EternalOptions<never, never, never, never>> = {
  poll: needed(STEP),
  carry: shapeOf({ initial: ANYTHING, next: needed(CALLBACK) }),
  input: CALLBACK,
  interval: needed(INTERVAL),
};

/** The options with their types erased. */
// biome-ignore lint/suspicious/noExplicitAny: the callbacks' own types were checked where the monitor was written
type AnyEternal = EternalOptions<any, any, any, any>;

/** No execution polls longer than this: Step Functions ends one after a year. */
const longestGeneration = 30 * 86_400;

const executionInput = '$states.context.Execution.Input';
const executionName = '$states.context.Execution.Name';
const generation = `($contains(${executionName}, '..') ? $number($substringAfter(${executionName}, '..')) : 1)`;

/**
 * A loop without end: poll, Wait, Choice. Before its history is full, the execution starts the next one, which is another generation of the same instance (its name
 * is `<key>..<generation>`), and ends with `{ continuedAsNew: <generation> }`.
 */
export function eternalStep(path: string, options: AnyEternal): AnyStep {
  return { stepName: options?.poll?.stepName ?? 'Monitor', compile: (site) => compileEternal(site, path, options) };
}

function compileEternal(site: Site, path: string, options: AnyEternal): Fragment {
  const { scope, compilation } = site;
  checkOptions(path, options, ETERNAL);
  const interval = checkInterval(path, options.interval, compilation.surroundings);
  const names = {
    input: scope.variable('input').name,
    carried: scope.variable('carried').name,
    polls: scope.variable('polls').name,
  };
  const known = { input: reference('input', `$${names.input}`), carried: reference('carried', `$${names.carried}`) };
  const map = (where: string, mapping: (scope: never) => unknown, values: object = known) =>
    evaluateMapping(`${path}.${where}`, mapping, () => values as never);
  const start = scope.add('Begin', renderBegin(site, names, map, options));
  const input = options.input === undefined ? known.input : map('input', options.input);
  const budget = budgetPolls(site, options.poll);
  const poll = scope.repeating(`$${names.polls}`, () =>
    budget.poll.compile({ ...site, name: options.poll.stepName, input: { kind: 'template', template: input } }),
  );
  scope.states.get(start)!.Next = poll.start;
  for (const exit of poll.exits) {
    const { next } = options.carry ?? {};
    exit.assign(names.polls, `{% $${names.polls} + 1 %}`);
    if (next === undefined) continue;
    const carried = map('carry.next', (values) => next(reference('result', exit.result), values));
    exit.assign(names.carried, scope.render(carried, 'carry.next', { state: exit.state }));
  }
  const chosen = (choose: (result: never) => unknown) =>
    renderLiteral(
      evaluateMapping(`${path}.interval`, choose, () => reference('result', '$states.input') as never),
      scope.position(),
      'interval',
    );
  const seconds = renderSeconds(interval, `$${names.polls}`, chosen);
  const wait = scope.add('Wait', {
    Type: 'Wait',
    Seconds: /^\d+$/.test(seconds) ? Number(seconds) : `{% ${seconds} %}`,
  });
  for (const exit of poll.exits) exit.next(wait);
  const window = Math.max(
    1,
    Math.min(budget.perHistory, Math.floor(longestGeneration / (longestSeconds(interval) ?? 1))),
  );
  const rule: ChoiceRule = { Condition: `{% $${names.polls} >= ${window} %}` };
  const choice: State = { Type: 'Choice', Choices: [rule], Default: poll.start };
  scope.states.get(wait)!.Next = scope.add('History full?', choice);
  const next = renderContinue(compilation.integration('states:startExecution'), names);
  rule.Next = scope.add('Continue as new', next);
  compilation.grant({ actions: ['states:StartExecution'], resources: ['self'] });
  return { start, exits: exitsOf(next) };
}

function exitsOf(state: State): readonly Exit[] {
  return [
    Exit.ofState(state, '$states.result'),
    ...(state.Catch ?? []).map((caught) => Exit.ofCatcher(state, caught, '{}')),
  ];
}

interface VariableNames {
  readonly input: string;
  readonly carried: string;
  readonly polls: string;
}

type Map = (where: string, mapping: (scope: never) => unknown, values?: object) => Template;

/** The first state: it takes over from the execution before, or begins. */
function renderBegin({ scope }: Site, names: VariableNames, map: Map, { carry }: AnyEternal): State {
  const before = `${executionInput}.${CONTINUED_INPUT}`;
  const takeOver = (member: string, otherwise: string) =>
    `{% $exists(${before}) ? ${before}.${member} : ${otherwise} %}`;
  const initial =
    carry === undefined
      ? undefined
      : renderLiteral(
          typeof carry.initial === 'function'
            ? map('carry.initial', carry.initial, { input: reference('input', executionInput) })
            : carry.initial,
          scope.position(),
          'carry.initial',
        );
  return {
    Type: 'Pass',
    Assign: {
      [names.input]: takeOver('input', executionInput),
      ...(initial !== undefined && { [names.carried]: takeOver('carried', initial) }),
      [names.polls]: 0,
    },
  };
}

const started = 'StepFunctions.ExecutionAlreadyExistsException';

/** Some four hours, a minute apart; an eternal monitor has nobody who would start it again. */
const startAttempts = 250;

function renderContinue(resource: string, names: VariableNames): State {
  const continued = { continuedAsNew: `{% ${generation} + 1 %}` };
  return {
    Type: 'Task',
    Resource: resource,
    Arguments: {
      StateMachineArn: '{% $states.context.StateMachine.Id %}',
      Name: `{% $substringBefore(${executionName}, '..') & '..' & (${generation} + 1) %}`,
      Input: {
        [CONTINUED_INPUT]: {
          input: `{% $${names.input} %}`,
          carried: `{% $exists($${names.carried}) ? $${names.carried} : null %}`,
        },
      },
    },
    TimeoutSeconds: 60,
    Retry: [{ ErrorEquals: [started], MaxAttempts: 0 }, patientRetrier(['States.ALL'], startAttempts)],
    // The answer to an attempt was lost, and the next generation is there, maybe finished already.
    Catch: [{ ErrorEquals: [started], Output: continued }],
    Output: continued,
  };
}

function reference(label: string, text: string): Ref<never> {
  return makeReference<never>({ label, text: () => text });
}
