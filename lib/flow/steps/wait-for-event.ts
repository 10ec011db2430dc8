import { HUB_RETRIES } from '../../contract/hub-limits.js';
import { DurableStepsError } from '../../errors.js';
import { type Checks, checkOption, checkOptions } from '../../options/check-options.js';
import { named, needed, SPAN } from '../../options/kinds.js';
import { Exit, type Fragment, type State } from '../compiler/state.js';
import { type Site, type Step, stableInput } from '../compiler/step.js';
import type { Expression } from '../language/expression.js';
import type { Expr, Ref } from '../language/reference.js';
import { lambdaTransientErrors, patientRetrier, type Retrier } from '../language/retry.js';
import { checkSpan, type Span } from '../language/span.js';
import { renderLiteral } from '../language/template.js';
import { referenceToTemplate } from '../language/template-reference.js';

/** What a wait for an event comes to. */
export type EventOutcome<T> = EventReceived<T> | EventTimedOut;

/** The event was raised, before the wait began or while it lasted. */
export interface EventReceived<T> {
  readonly received: true;
  readonly timedOut: false;
  /** What it was raised with. */
  readonly payload: T;
}

/** The time was up. */
export interface EventTimedOut {
  readonly received: false;
  readonly timedOut: true;
  readonly payload: null;
}

/** How long to wait for an event. */
export interface WaitForEventProps {
  /** Whole seconds, less than the orchestration's own time-out. */
  readonly timeout: Span;
}

const WAIT: Checks<WaitForEventProps> = {
  timeout: needed(named('how long to wait, for example `Duration.hours(1)`', SPAN)),
};

/** A moment until which several waits may last. */
export interface EventDeadline {
  /** ISO 8601; see {@link deadlineIn}. */
  readonly deadline: string;
}

/**
 * Waits for an external event, which is raised over HTTP (`sendEventPostUri`) or by `DurableClient`. An event raised before the wait begins is kept by the hub and
 * delivered in order; one event goes to one wait. That the time is up is an outcome, not an error.
 *
 * One Task state (`lambda:invoke.waitForTaskToken` of the hub's function), so the orchestration needs a `hub`.
 *
 * With a `timeout` each wait has its own. Without, the step's input gives the deadline, which several waits may share:
 *
 * @example
 * .step('payment', waitForEvent<Payment>('PaymentReceived', { timeout: Duration.days(3) }))
 * .choose({ when: ({ payment }) => payment.received, then: (f) => f.step('shipped', ship, ({ payment }) => present(payment.payload)) })
 * @example
 * .step('until', deadlineIn(Duration.seconds(90)))
 * .step('first', waitForEvent<string>('Code'), ({ until }) => ({ deadline: until }))
 * .step('second', waitForEvent<string>('Code'), ({ until }) => ({ deadline: until }))
 */
export function waitForEvent<T = unknown>(eventName: string, props: WaitForEventProps): Step<unknown, EventOutcome<T>>;
export function waitForEvent<T = unknown>(eventName: string): Step<EventDeadline, EventOutcome<T>>;
export function waitForEvent(eventName: string, props?: WaitForEventProps): Step<never, EventOutcome<unknown>> {
  checkEventName(eventName);
  if (props !== undefined) checkOptions(`waitForEvent('${eventName}')`, props, WAIT);
  return { stepName: eventName, compile: (site) => compileWait(site, eventName, props?.timeout) };
}

/**
 * A moment so much later than now, as an ISO 8601 timestamp: made once, for several waits to share. One Pass state.
 *
 * @example .step('until', deadlineIn(Duration.seconds(90)))
 */
export function deadlineIn(span: Span): Step<unknown, string> {
  checkOption('deadlineIn', span, needed(SPAN));
  return {
    stepName: 'Deadline',
    compile: (site) => {
      const { surroundings } = site.compilation;
      const seconds = checkSpan(`${site.scope.options.path}.${site.name}`, span, surroundings);
      const text = `$fromMillis($millis() + ${seconds * 1000})`;
      const state: State = { Type: 'Pass', Output: `{% ${text} %}` };
      return { start: site.scope.add(site.name, state, site.context), exits: [Exit.ofState(state, text)] };
    },
  };
}

/**
 * The same reference, said not to be null: for the branch of a `choose` where that is known. Nothing checks it.
 *
 * @example .choose({ when: ({ order }) => order.received, then: (f) => f.step('shipped', ship, ({ order }) => present(order.payload)) })
 */
export function present<V>(reference: Expr<V>): Ref<NonNullable<V>> {
  return reference as Ref<NonNullable<V>>;
}

const received = (payload: string) => ({ received: true, timedOut: false, payload });
const timedOut = { received: false, timedOut: true, payload: null };

function compileWait(site: Site, eventName: string, timeout: Span | undefined): Fragment {
  const { scope, compilation } = site;
  const where = `${scope.options.path}.${site.name}`;
  const functionArn = compilation.surroundings.hubFunctions?.awaitEvent;
  if (functionArn === undefined) throw noHub(where);
  const seconds =
    timeout === undefined
      ? secondsUntil(renderDeadline(site))
      : checkSpan(`${where}.timeout`, timeout, compilation.surroundings);
  const state: State = {
    Type: 'Task',
    Resource: compilation.integration('lambda:invoke.waitForTaskToken'),
    Arguments: {},
    TimeoutSeconds: seconds,
    Retry: hubRetry(),
    Catch: [{ ErrorEquals: ['States.Timeout'], Output: timedOut }],
    Output: received('{% $states.result %}'),
  };
  const name = scope.add(site.name, state, site.context);
  const address = scope.runAddress(name);
  state['Arguments'] = {
    FunctionName: functionArn,
    Payload: {
      taskToken: '{% $states.context.Task.Token %}',
      instanceKey: renderField(address.execution),
      wait: renderField(address.step),
      name: renderText(eventName),
      enteredAt: '{% $states.context.State.EnteredTime %}',
      timeoutSeconds: seconds,
    },
  };
  compilation.grant({ actions: ['lambda:InvokeFunction'], resources: [functionArn] });
  compilation.awaited.add('events');
  return {
    start: name,
    exits: [
      Exit.ofState(state, '{"received": true, "timedOut": false, "payload": $states.result}'),
      Exit.ofCatcher(state, state.Catch![0]!, '{"received": false, "timedOut": true, "payload": null}'),
    ],
  };
}

/** The deadline in the step's input, as JSONata. */
function renderDeadline(site: Site): string {
  const input = referenceToTemplate(stableInput(site), `${site.name}.input`);
  const deadline: Expression['text'] = (at) => renderLiteral(memberOf(input, 'deadline'), at, `${site.name}.deadline`);
  const first = site.input.kind === 'piped' ? '$states.input.deadline' : deadline(site.scope.position());
  return `$toMillis(${first})`;
}

function memberOf(reference: unknown, key: string): unknown {
  return (reference as Readonly<Record<string, unknown>>)[key];
}

/** JSONata for the whole seconds until a moment in milliseconds: at least one, since Step Functions takes no zero. */
export function secondsUntil(milliseconds: string): string {
  return `{% $max([1, $ceil((${milliseconds} - $millis()) / 1000)]) %}`;
}

/** The hub's functions are safe to call again. `unless` are errors that no repetition mends. */
export function hubRetry(unless: readonly string[] = []): readonly Retrier[] {
  return [
    ...(unless.length === 0 ? [] : [{ ErrorEquals: unless, MaxAttempts: 0 }]),
    patientRetrier([...lambdaTransientErrors, 'States.TaskFailed'], HUB_RETRIES),
  ];
}

/** What waits for events and people needs the hub. */
export function noHub(where: string): DurableStepsError {
  return new DurableStepsError('NoHub', {
    where,
    expected: 'an orchestration with a hub, which keeps events and approvals',
    got: 'one without',
    fix: 'give the orchestration a `hub: new TaskHub(…)`',
  });
}

function checkEventName(name: string): void {
  if (typeof name === 'string' && name !== '' && name.length <= 256 && !/[\p{Cc}\p{Cs}]/u.test(name)) return;
  throw new DurableStepsError('InvalidOption', {
    where: 'waitForEvent',
    expected: 'the name of an event: 1 to 256 characters, none of them a control character',
    got: `\`${String(name)}\``,
  });
}

/** A text as a field of a definition, also one that Step Functions would take for an expression. */
function renderText(text: string): string {
  return text.trimStart().startsWith('{%') ? `{% ${JSON.stringify(text)} %}` : text;
}

/** An expression as a field of a definition; a mere text as itself. */
export function renderField(expression: string): string {
  return /^"(?:[^"\\]|\\.)*"$/.test(expression) ? JSON.parse(expression) : `{% ${expression} %}`;
}
