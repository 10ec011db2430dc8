import {
  APPROVAL_TIMED_OUT,
  APPROVAL_UNSETTLED,
  APPROVERS_UNREACHABLE,
  type ApprovalDetails,
  type ApprovalResult,
  INVALID_APPROVAL,
  type Quorum,
} from '../../../contract/approval.js';
import { DurableStepsError } from '../../../errors.js';
import type { Checks } from '../../../options/check-options.js';
import type { ScopedStep, ScopeMapping } from '../../compiler/scoped-step.js';
import { Exit, type Fragment, type RenderedCatcher, type State } from '../../compiler/state.js';
import type { Site } from '../../compiler/step.js';
import type { AnyMapping } from '../../language/expression.js';
import type { Resolvable } from '../../language/reference.js';
import { checkSpan, type Span } from '../../language/span.js';
import { renderLiteral, type Template } from '../../language/template.js';
import { hubRetry, noHub, renderField, secondsUntil } from '../wait-for-event.js';
import { approvalTimeline, type TimelineOptions, type WindowPlan } from './approval-timeline.js';
import { checkQuestionOptions, QUESTION } from './check-question.js';

/** A value, or a callback that takes it from the flow around. */
export type FromScope<S, V> = V | ((scope: S) => Resolvable<V>);

/** Further approvers, asked when the first ones take too long. Each of them may settle it alone; the first ones may still settle it too. */
export interface Escalation<S> {
  /** How long after the request; less than the approval's time-out. */
  readonly after: Span;
  readonly approvers: FromScope<S, readonly string[]>;
}

interface ApprovalOptions<S> {
  /**
   * Who decides: mail addresses, 50 at most. Each gets a mail with a link of their own. With `Mail.sns` and `Mail.activity` names of any kind.
   */
  readonly approvers: FromScope<S, readonly string[]>;
  /** What is asked, in a line; 200 characters are shown. The mail's subject. */
  readonly subject: FromScope<S, string>;
  /** More to know: a text, or values by label. 10,000 characters at most. @default - nothing */
  readonly details?: FromScope<S, ApprovalDetails>;
  /** Who asks, as the page and the mail say it. @default - the name of the state machine */
  readonly requestedBy?: FromScope<S, string>;
  /**
   * How many approvals it takes: `any` (one), `all`, or so many, from 1 to the number of approvers.
   * @default 'any'
   */
  readonly quorum?: FromScope<S, Quorum>;
  /** Whether one rejection ends it. Otherwise it is rejected once too few are left who could still approve. @default true */
  readonly rejectEarly?: boolean;
  /**
   * When those who haven't decided are reminded, counted from the request: 20 times at most. Each reminder is a state.
   * @default - never
   */
  readonly reminders?: readonly Span[] | { readonly every: Span; readonly atMost?: number };
  /** Who is asked when nobody has settled it for some time. @default - nobody */
  readonly escalation?: Escalation<S>;
  /**
   * What the deadline means: the outcome `timedOut`; the outcome `rejected`; an error named `ApprovalTimedOut`, which a `catch` can handle; or that others are asked,
   * for so much longer.
   * @default 'timedOut'
   */
  readonly onTimeout?:
    | 'timedOut'
    | 'reject'
    | 'fail'
    | { readonly escalateTo: FromScope<S, readonly string[]>; readonly timeout: Span };
}

/** Options of {@link humanApproval}. */
export type HumanApprovalOptions<S> = ApprovalOptions<S> &
  (
    | {
        /** How long they may take: whole seconds, less than the orchestration's own time-out. */
        readonly timeout: Span;
        readonly deadline?: never;
      }
    | {
        /** Until when they may decide: an ISO 8601 timestamp, for example of {@link deadlineIn}. */
        readonly deadline: (scope: S) => Resolvable<string>;
        readonly timeout?: never;
      }
  );

/** What the options of an approval take. */
export const APPROVAL: Checks<HumanApprovalOptions<never>> = QUESTION;

/**
 * Asks people, by mail, to approve or reject, and waits for the decision. The mail's link opens a page of the hub; only the buttons there decide. That nobody
 * decides in time is an outcome, not an error. An approver whom the mail provider refuses is in the result, and the others decide; the step fails with
 * `ApproversUnreachable` once the quorum can't be reached any more.
 *
 * A Pass state that notes the time, a Task state (`lambda:invoke.waitForTaskToken`) that asks, one for each reminder and the escalation, and one that reads
 * the decision from the hub, or closes the approval at the deadline. The orchestration needs a `hub` with `mail`. Retries and rewinds send no second link.
 *
 * @example
 * .step('approval', humanApproval({
 *   approvers: ({ input }) => [input.approver],
 *   subject: ({ input }) => expr<string>`'Publish ' & ${input.location} & '?'`,
 *   timeout: Duration.hours(24),
 *   reminders: [Duration.hours(4)],
 *   escalation: { after: Duration.hours(8), approvers: ['cio@example.com'] },
 * }))
 * .choose({ when: ({ approval }) => approval.approved, then: publish, otherwise: reject })
 */
export function humanApproval<S>(options: HumanApprovalOptions<S>): ScopedStep<S, ApprovalResult> {
  return { stepName: 'Approval', compileScoped: (site, map) => new Approval(site, map, options).compile() };
}

/** The options with their types erased, as the compilation sees them. */
type AnyOptions = TimelineOptions & HumanApprovalOptions<never>;

/** One approval while it is compiled. */
class Approval {
  private readonly where: string;
  private readonly functionArn: string;
  /** JSONata of the time when the step began, milliseconds. */
  private readonly askedAt: string;
  /** JSONata of the deadline, milliseconds. */
  private readonly deadline: string;
  private readonly plan: readonly WindowPlan[];
  private readonly options: AnyOptions;
  /** The name of the state that asks, by which the hub knows the approval. */
  private readonly askName: string;
  private readonly begin: { readonly name: string; readonly state: State };

  constructor(
    private readonly site: Site,
    private readonly map: ScopeMapping,
    options: HumanApprovalOptions<never>,
  ) {
    const { scope, compilation } = site;
    this.options = options;
    this.where = `${scope.options.path}.${site.name}`;
    this.functionArn = this.findFunction();
    checkQuestionOptions(this.where, options);
    this.plan = approvalTimeline(this.where, options);
    const total = this.plan.at(-1)!.until;
    if (total !== undefined) checkSpan(`${this.where}.timeout`, total, compilation.surroundings);
    const variable = scope.variable(`${site.name}AskedAt`);
    const state: State = { Type: 'Pass', Assign: { [variable.name]: '{% $millis() %}' } };
    this.askName = scope.claim(site.name, site.context);
    this.begin = { name: scope.add(`${site.name}: begin`, state, site.context), state };
    this.askedAt = `$${variable.name}`;
    this.deadline =
      total === undefined ? `$toMillis(${this.literal('deadline', options.deadline!)})` : this.after(total.toSeconds());
  }

  private findFunction(): string {
    const { hubFunctions } = this.site.compilation.surroundings;
    if (hubFunctions === undefined) throw noHub(this.where);
    if (hubFunctions.askApproval !== undefined) return hubFunctions.askApproval;
    throw new DurableStepsError('NeedsMail', {
      where: this.where,
      expected: 'a hub that can send mail',
      got: 'one without `mail`',
      fix: "configure it, for example `new TaskHub(this, 'Hub', { mail: Mail.ses({ from: 'workflows@example.com' }) })`",
    });
  }

  compile(): Fragment {
    const { scope, compilation, context } = this.site;
    compilation.grant({ actions: ['lambda:InvokeFunction'], resources: [this.functionArn] });
    compilation.awaited.add('approvals');
    const windows = this.plan.map((window) => this.addWindow(window));
    const close: State = {
      Type: 'Task',
      Resource: compilation.integration('lambda:invoke'),
      Arguments: {},
      TimeoutSeconds: 60,
      Retry: hubRetry([APPROVAL_TIMED_OUT, APPROVAL_UNSETTLED]),
      Output: '{% $states.result.Payload %}',
    };
    const name = scope.add(`${this.site.name}: close`, close, context);
    const { onTimeout } = this.options;
    close['Arguments'] = this.call({
      kind: 'close',
      ...this.address(),
      onTimeout: typeof onTimeout === 'string' ? onTimeout : 'timedOut',
    });
    this.begin.state.Next = windows[0]!.name;
    for (const [index, { state, late }] of windows.entries()) {
      // Whoever has the token can end a window. What was decided is in the hub's record alone, which the last state reads.
      Exit.ofState(state, '').next(name);
      Exit.ofCatcher(state, late, '').next(windows[index + 1]?.name ?? name);
    }
    return { start: this.begin.name, exits: [Exit.ofState(close, '$states.result.Payload')] };
  }

  private addWindow(window: WindowPlan): {
    readonly name: string;
    readonly state: State;
    readonly late: RenderedCatcher;
  } {
    const { scope, compilation, context } = this.site;
    const late: RenderedCatcher = { ErrorEquals: ['States.Timeout'] };
    const state: State = {
      Type: 'Task',
      Resource: compilation.integration('lambda:invoke.waitForTaskToken'),
      Arguments: this.call({
        taskToken: '{% $states.context.Task.Token %}',
        enteredAt: '{% $states.context.State.EnteredTime %}',
        retry: '{% $states.context.State.RetryCount %}',
        ...this.address(),
        ...this.renderWindow(window),
      }),
      TimeoutSeconds: secondsUntil(this.endOf(window)),
      Retry: hubRetry([INVALID_APPROVAL, APPROVERS_UNREACHABLE]),
      Catch: [late],
    };
    const name = window.kind === 'ask' ? this.askName : scope.claim(titleOf(this.site.name, window), context);
    return { name: scope.place(name, state), state, late };
  }

  private renderWindow(window: WindowPlan): Readonly<Record<string, unknown>> {
    switch (window.kind) {
      case 'ask':
        return {
          kind: 'ask',
          stateMachine: '{% $states.context.StateMachine.Name %}',
          deadline: `{% ${this.deadline} %}`,
          question: this.question(),
          ...(this.plan.some(({ kind }) => kind === 'escalate') && { escalates: true }),
        };
      case 'remind':
        return { kind: 'remind', number: window.number };
      case 'escalate':
        return { kind: 'escalate', approvers: this.value('escalation.approvers', window.approvers) };
    }
  }

  private question(): Readonly<Record<string, unknown>> {
    const { approvers, subject, details, requestedBy, quorum, rejectEarly } = this.options;
    return {
      subject: this.value('subject', subject),
      ...(details !== undefined && { details: this.value('details', details) }),
      ...(requestedBy !== undefined && { requestedBy: this.value('requestedBy', requestedBy) }),
      approvers: this.value('approvers', approvers),
      quorum: quorum === undefined ? 'any' : this.value('quorum', quorum),
      rejectEarly: rejectEarly ?? true,
    };
  }

  /** When a window ends, as JSONata in milliseconds: the next one's begin, but not after the deadline. */
  private endOf({ until, isLast }: WindowPlan): string {
    if (isLast || until === undefined) return this.deadline;
    const end = this.after(until.toSeconds());
    return this.options.timeout === undefined ? `$min([${end}, ${this.deadline}])` : end;
  }

  private after(seconds: number): string {
    return `${this.askedAt} + ${seconds * 1000}`;
  }

  private address(): Readonly<Record<string, string>> {
    const { execution, step } = this.site.scope.runAddress(this.askName);
    return { execution: renderField(execution), step: renderField(step), askedAt: renderField(this.askedAt) };
  }

  private call(payload: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
    return { FunctionName: this.functionArn, Payload: payload };
  }

  private template(option: string, given: unknown): Template {
    return typeof given === 'function' ? this.map(option, given as AnyMapping) : given;
  }

  private value(option: string, given: unknown): unknown {
    return this.site.scope.render(this.template(option, given), `${this.site.name}.${option}`);
  }

  private literal(option: string, given: unknown): string {
    return renderLiteral(this.template(option, given), this.site.scope.position(), `${this.where}.${option}`);
  }
}

function titleOf(step: string, window: Exclude<WindowPlan, { kind: 'ask' }>): string {
  return window.kind === 'remind' ? `${step}: remind ${window.number}` : `${step}: escalate`;
}
