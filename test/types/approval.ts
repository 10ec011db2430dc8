/** Type tests of `humanApproval`, `HumanApproval` and `waitForEvent`: see `flow.ts`. */
import { type App, Duration } from 'aws-cdk-lib';
import {
  type ApprovalResult,
  Chain,
  deadlineIn,
  type EventOutcome,
  expr,
  type Flow,
  flow,
  HumanApproval,
  humanApproval,
  Mail,
  type MailActivity,
  type MailMessage,
  present,
  type Step,
  type TaskHub,
  waitForEvent,
} from '../../lib/index.js';

declare const stack: App;
declare const hub: TaskHub;
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const proved = <_T extends true>(): void => {};
type Last<F> = F extends Flow<infer _I, infer _V, infer Out> ? Out : never;

interface Video {
  readonly location: string;
  readonly approver: string;
  readonly size: number;
  readonly approvers: readonly string[];
}
interface Code {
  readonly digits: string;
}
declare const measure: Step<{ readonly location: string }, { readonly seconds: number }>;
declare const publish: Step<{ readonly by: string | null }, string>;
declare const check: Step<Code, boolean>;
const timeout = Duration.hours(24);

// The callbacks see the flow around, typed; the result is an ApprovalResult.
const approved = flow<Video>()
  .step('measured', measure, ({ input }) => ({ location: input.location }))
  .step(
    'approval',
    humanApproval({
      approvers: ({ input }) => [input.approver, 'cio@example.com'],
      subject: ({ input }) => expr<string>`'Publish ' & ${input.location} & '?'`,
      details: ({ input, measured }) => ({ Location: input.location, Seconds: measured.seconds }),
      quorum: ({ input }) => input.size,
      timeout,
      reminders: [Duration.hours(4)],
      escalation: { after: Duration.hours(8), approvers: ({ input }) => input.approvers },
    }),
  );
proved<Equal<Last<typeof approved>, ApprovalResult>>();
approved.choose({
  when: ({ approval }) => approval.approved,
  then: (f) => f.step('published', publish, ({ approval }) => ({ by: approval.decidedBy })),
});
approved.output(({ approval }) => approval.decisions[0]!.comment);
// @ts-expect-error a result has no `accepted`
approved.output(({ approval }) => approval.accepted);

const f = flow<Video>();
f.step('approval', humanApproval({ approvers: ({ input }) => input.approvers, subject: 'Publish?', timeout }));
f.step('approval', humanApproval({ approvers: ['a@example.com'], subject: 'Publish?', quorum: 'all', timeout, onTimeout: 'reject' }));
f.step('approval', humanApproval({ approvers: ['a@example.com'], subject: ({ input }) => input.location, deadline: ({ input }) => input.location }));
// @ts-expect-error approvers are a list
f.step('approval', humanApproval({ approvers: ({ input }) => input.approver, subject: 'Publish?', timeout }));
// @ts-expect-error a subject is a text
f.step('approval', humanApproval({ approvers: ({ input }) => input.approvers, subject: ({ input }) => input.size, timeout }));
// @ts-expect-error the input has no such field
f.step('approval', humanApproval({ approvers: ({ input }) => [input.boss], subject: 'Publish?', timeout }));
// @ts-expect-error there is no such step
f.step('approval', humanApproval({ approvers: ({ measured }) => [measured.by], subject: 'Publish?', timeout }));
// @ts-expect-error a deadline is mandatory
f.step('approval', humanApproval({ approvers: ['a@example.com'], subject: 'Publish?' }));
// @ts-expect-error a time-out or a deadline, not both
f.step('approval', humanApproval({ approvers: ['a@example.com'], subject: 'Publish?', timeout, deadline: () => 'x' }));
// @ts-expect-error no such outcome
f.step('approval', humanApproval({ approvers: ['a@example.com'], subject: 'Publish?', timeout, onTimeout: 'approve' }));

// The construct is an orchestration with the same result, and a step of others.
const construct = new HumanApproval<Video>(stack, 'Approve', {
  hub,
  approvers: ({ input }) => [input.approver],
  subject: ({ input }) => input.location,
  timeout,
});
proved<Equal<typeof construct extends Step<infer I, infer O> ? [I, O] : never, [Video, ApprovalResult]>>();
new Chain(stack, 'Around', { hub, steps: f.step('approval', construct).output(({ approval }) => approval.outcome) });
// @ts-expect-error a construct needs a hub
new HumanApproval<Video>(stack, 'Approve', { approvers: ['a@example.com'], subject: 'Publish?', timeout });

// An event's payload is typed, and missing when the time was up.
const waited = flow<{ readonly id: string }>().step('code', waitForEvent<Code>('Code', { timeout: Duration.minutes(1) }));
proved<Equal<Last<typeof waited>, EventOutcome<Code>>>();
waited.choose({
  when: ({ code }) => code.received,
  then: (g) => g.step('checked', check, ({ code }) => present(code.payload)),
});
waited.output(({ code }) => present(code.payload).digits);
// @ts-expect-error the payload may be missing
waited.step('checked', check, ({ code }) => code.payload);
// @ts-expect-error the payload may be missing, so it has no members yet
waited.output(({ code }) => code.payload.digits);
const shared = flow<unknown>().step('until', deadlineIn(Duration.seconds(90)));
shared.step('code', waitForEvent<Code>('Code'), ({ until }) => ({ deadline: until }));
// @ts-expect-error without a time-out the step's input gives the deadline
shared.step('code', waitForEvent<Code>('Code'));
// @ts-expect-error a deadline is a timestamp
shared.step('code', waitForEvent<Code>('Code'), () => ({ deadline: 90 }));

// Mail can be sent by an activity that takes mails.
declare const slack: MailActivity;
declare const wrong: Step<{ readonly channel: string }, null> & Pick<MailActivity, 'function'>;
Mail.activity(slack);
// @ts-expect-error it takes something else
Mail.activity(wrong);
proved<Equal<MailMessage['to'], string>>();
