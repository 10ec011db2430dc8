import { type App, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { ApiAuth } from '../../lib/constructs/api/api-auth.js';
import { AsyncHttpApi } from '../../lib/constructs/api/async-http-api.js';
import {
  Chain,
  deadlineIn,
  expr,
  flow,
  HumanApproval,
  humanApproval,
  Mail,
  TaskHub,
  waitForEvent,
} from '../../lib/index.js';

/** What is to be published. */
export interface Video {
  readonly location: string;
  readonly approvers: readonly string[];
}

export const ANN = 'ann@example.com';

/** Orchestrations around approvals and events, without activities: all of it is the hub's. */
export class ApprovalsStack extends Stack {
  readonly hub;
  readonly publish;
  readonly approveVideo;
  readonly impatient;
  readonly twoEvents;
  readonly shared;
  readonly around;
  readonly slow;
  readonly api;

  constructor(scope: App, id = 'Approvals') {
    super(scope, id);
    const hub = new TaskHub(this, 'Hub', {
      mail: Mail.ses({ from: 'Workflows <workflows@example.com>' }),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.hub = hub;
    this.publish = new Chain(this, 'Publish', {
      hub,
      steps: flow<Video>()
        .step(
          'approval',
          humanApproval({
            approvers: ({ input }) => input.approvers,
            subject: ({ input }) => expr<string>`'Publish ' & ${input.location} & '?'`,
            details: ({ input }) => ({ Location: input.location, Reviewed: true }),
            requestedBy: 'Video team',
            timeout: Duration.hours(24),
            reminders: [Duration.hours(4)],
            escalation: { after: Duration.hours(8), approvers: ['cio@example.com'] },
          }),
        )
        .choose('result', {
          when: ({ approval }) => approval.approved,
          then: (f) => f.output(({ approval }) => ({ published: true, by: approval.decidedBy, why: approval.comment })),
          otherwise: (f) =>
            f.output(({ approval }) => ({ published: false, by: approval.decidedBy, why: approval.outcome })),
        }),
    });
    this.approveVideo = new HumanApproval<Video>(this, 'ApproveVideo', {
      hub,
      approvers: ({ input }) => input.approvers,
      subject: ({ input }) => input.location,
      quorum: 2,
      timeout: Duration.minutes(10),
    });
    this.impatient = new HumanApproval<Video>(this, 'Impatient', {
      hub,
      approvers: ({ input }) => input.approvers,
      subject: 'Quick!',
      timeout: Duration.minutes(1),
      onTimeout: 'fail',
    });
    this.twoEvents = new Chain(this, 'TwoEvents', {
      hub,
      steps: flow<unknown>()
        .step('first', waitForEvent<number>('Number', { timeout: Duration.minutes(5) }))
        .step('second', waitForEvent<number>('Number', { timeout: Duration.minutes(5) }))
        .output(({ first, second }) => [first, second]),
    });
    this.shared = new Chain(this, 'Shared', {
      hub,
      steps: flow<unknown>()
        .step('until', deadlineIn(Duration.seconds(90)))
        .step('first', waitForEvent<string>('Code'), ({ until }) => ({ deadline: until }))
        .step('second', waitForEvent<string>('Code'), ({ until }) => ({ deadline: until }))
        .output(({ first, second }) => [first, second]),
    });
    this.around = new Chain(this, 'Around', {
      hub,
      steps: flow<Video>()
        .step('approval', this.approveVideo)
        .output(({ approval }) => approval.outcome),
    });
    this.slow = new Chain(this, 'Slow', {
      hub,
      timeout: Duration.hours(2),
      steps: flow<Video>()
        .delay(Duration.minutes(90))
        .step('approval', humanApproval({ approvers: [ANN], subject: 'Late?', timeout: Duration.hours(1) }))
        .output(({ approval }) => approval.outcome),
    });
    this.api = new AsyncHttpApi(this, 'Api', {
      hub,
      auth: ApiAuth.none(),
      orchestrations: {
        publish: this.publish,
        'approve-video': this.approveVideo,
        impatient: this.impatient,
        'two-events': this.twoEvents,
        shared: this.shared,
        around: this.around,
        slow: this.slow,
      },
    });
  }
}
