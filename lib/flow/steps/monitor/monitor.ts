import { DurableStepsError, type WorkflowErrorName } from '../../../errors.js';
import { type Checks, checkOptions } from '../../../options/check-options.js';
import { CALLBACK, either, needed, oneOf, SPAN, STEP } from '../../../options/kinds.js';
import { pipeFrom } from '../../compiler/pipe.js';
import type { ScopedStep, ScopeMapping } from '../../compiler/scoped-step.js';
import type { Fragment } from '../../compiler/state.js';
import { type AnyStep, type Site, type Step, stableInput } from '../../compiler/step.js';
import { addThrow } from '../../compiler/throw.js';
import type { AnyMapping } from '../../language/expression.js';
import type { Expr, Ref, Resolvable } from '../../language/reference.js';
import { checkSpan, type Span, type SpanBounds } from '../../language/span.js';
import { checkInterval, INTERVAL, type Interval, leastSeconds, mostPolls } from './monitor-interval.js';
import { compileLoop, type Loop, type MonitorFragment } from './monitor-loop.js';
import { compileWindows } from './monitor-windows.js';
import { budgetPolls } from './poll-budget.js';

/** What a monitor gives. */
export interface MonitorResult<Result> {
  /** `completed` when `until` held, `timedOut` when the deadline came first. */
  readonly outcome: 'completed' | 'timedOut';
  readonly timedOut: boolean;
  /** What the last poll gave. */
  readonly result: Result;
  /** How often was polled. */
  readonly polls: number;
}

/** Options of a {@link monitor}. */
export interface MonitorOptions<S, PollIn, Result, OnTimeout> {
  /** What looks: an activity, an orchestration, a flow. Each poll has an idempotency key of its own. */
  readonly poll: Step<PollIn, Result>;
  /** Makes the input of `poll` from the results of the flow around; it is the same for each poll. @default - the last result */
  readonly input?: (scope: S) => Resolvable<PollIn>;
  /** Whether what a poll gave ends the monitor. */
  readonly until: (result: Ref<Result>, scope: S) => Expr<boolean>;
  /** How long to wait between polls, in whole seconds: a fixed span, a span that grows, or what a poll's result says. */
  readonly interval: Interval<Result>;
  /** How long it may take, from the first poll on. There is no poll at or after the deadline. */
  readonly deadline: Span;
  /**
   * What happens at the deadline. `return`: the monitor gives its result, with `timedOut`. `fail`: it throws `MonitorTimedOut`. A step: it takes the monitor's result, and its
   * output is given instead.
   * @default 'return'
   */
  readonly onTimeout?: OnTimeout;
}

/** What the options of a monitor take. */
export const MONITOR: Checks<MonitorOptions<never, never, never, never>> = {
  poll: needed(STEP),
  input: CALLBACK,
  until: needed(CALLBACK),
  interval: needed(INTERVAL),
  deadline: needed(SPAN),
  onTimeout: either(oneOf('return', 'fail'), STEP),
};

/** What comes out of a monitor. */
export type Monitored<Result, OnTimeout> =
  | MonitorResult<Result>
  | (OnTimeout extends Step<never, infer Out> ? Out : never);

/** The options with their types erased. */
interface AnyMonitor {
  readonly poll: AnyStep;
  readonly input?: AnyMapping;
  // biome-ignore lint/suspicious/noExplicitAny: the callback's own types were checked where the flow was written
  readonly until: (result: any, scope: any) => unknown;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  readonly interval: Interval<any>;
  readonly deadline: Span;
  readonly onTimeout?: 'return' | 'fail' | AnyStep | undefined;
}

/**
 * Polls until a condition holds or a deadline has come. As a state machine of its own, and for monitors that never end, see `Monitor`.
 *
 * Builds a loop of three states: the poll, a Choice and a Wait. Where the deadline allows more polls than one history of 25,000 events holds, even when every poll is
 * retried as often as it may be, the loop runs in windows: child executions of a distributed Map, one after the other, for any number of polls.
 *
 * @example
 * .step('weather', monitor({
 *   poll: getWeather,
 *   input: ({ input }) => ({ city: input.city }),
 *   until: (weather) => weather.isClear,
 *   interval: Duration.minutes(30),
 *   deadline: Duration.hours(6),
 * }))
 * .choose({ when: ({ weather }) => weather.timedOut, then: giveUp, otherwise: alert })
 */
export function monitor<
  S,
  PollIn,
  Result,
  OnTimeout extends 'return' | 'fail' | Step<MonitorResult<Result>, unknown> | undefined = undefined,
>(options: MonitorOptions<S, PollIn, Result, OnTimeout>): ScopedStep<S, Monitored<Result, OnTimeout>> {
  const erased: AnyMonitor = options;
  return {
    stepName: options?.poll?.stepName ?? 'Monitor',
    compileScoped: (site, map) => compileMonitor(site, map, erased),
  };
}

function compileMonitor(site: Site, map: ScopeMapping, options: AnyMonitor): Fragment {
  const where = `${site.scope.options.path}.${site.name}`;
  checkOptions(where, options, MONITOR);
  const { poll, perHistory: window } = budgetPolls(site, options.poll);
  const loop: Loop = {
    where,
    poll,
    until: (result) => map('until', (scope) => options.until(result, scope)),
    interval: checkInterval(where, options.interval),
    deadlineSeconds: checkDeadline(where, options, site.compilation.surroundings),
  };
  const input = options.input === undefined ? stableInput(site) : map('input', options.input);
  const polls = mostPolls(loop.interval, loop.deadlineSeconds);
  const fragment =
    polls <= window ? compileLoop(site, input, loop) : compileWindows(site, input, loop, { window, polls });
  return withTimeout(site, fragment, options.onTimeout);
}

function withTimeout(site: Site, fragment: MonitorFragment, onTimeout: AnyMonitor['onTimeout']): Fragment {
  const { start, completed, timedOut } = fragment;
  const { scope, name, context } = site;
  if (onTimeout === undefined || onTimeout === 'return') return { start, exits: [...completed, ...timedOut] };
  if (onTimeout === 'fail') {
    const cause = '"not done by the deadline, after " & $states.input.polls & " polls"';
    const literal: WorkflowErrorName = 'MonitorTimedOut';
    const thrown = { literal, name: JSON.stringify(literal), cause, at: name };
    const failed = addThrow(scope, 'Timed out', thrown, [...context, name]);
    for (const exit of timedOut) exit.next(failed);
    return { start, exits: completed };
  }
  const input = pipeFrom(scope, 'monitored', timedOut);
  const after = onTimeout.compile({ ...site, name: onTimeout.stepName, context: [...context, name], input });
  for (const exit of timedOut) exit.next(after.start);
  return { start, exits: [...completed, ...after.exits] };
}

function checkDeadline(where: string, { deadline, interval }: AnyMonitor, bounds: SpanBounds): number {
  const seconds = checkSpan(`${where}.deadline`, deadline, bounds);
  const least = leastSeconds(checkInterval(where, interval));
  if (seconds >= least) return seconds;
  throw new DurableStepsError('InvalidOption', {
    where: `${where}.deadline`,
    expected: `at least the interval of ${least} s`,
    got: `${seconds} s`,
  });
}
