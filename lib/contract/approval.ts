/**
 * What a workflow and the hub say to each other about approvals. The state machine asks in *windows*: each is one callback task for the same approval,
 * the first sends the request, later ones a reminder or the request to further approvers. A last, ordinary call reads what was decided, or closes the approval at its deadline.
 */

/** How an approval ended. */
export type ApprovalOutcome = 'approved' | 'rejected' | 'timedOut';

/** One approver's decision. */
export interface ApprovalDecision {
  /** The approver, as the workflow named them. */
  readonly by: string;
  readonly approved: boolean;
  readonly comment: string | null;
  /** ISO 8601. */
  readonly at: string;
}

/** An approver whom no mail reached. */
export interface UnreachedApprover {
  /** The approver, as the workflow named them. */
  readonly by: string;
  /** What the mail provider said. */
  readonly reason: string;
}

/** The output of an approval step. */
export interface ApprovalResult {
  readonly outcome: ApprovalOutcome;
  /** Whether the outcome is `approved`. */
  readonly approved: boolean;
  /** Whose decision settled it; null when nobody's did. */
  readonly decidedBy: string | null;
  /** The comment of whoever settled it. */
  readonly comment: string | null;
  /** ISO 8601; null when nobody decided. */
  readonly decidedAt: string | null;
  /** Every decision, in order. */
  readonly decisions: readonly ApprovalDecision[];
  /** Approvers whom no mail reached, and who therefore couldn't decide. */
  readonly unreached: readonly UnreachedApprover[];
}

/** How many approvals are needed: one, everybody's, or so many. */
export type Quorum = 'any' | 'all' | number;

/** What is shown beside the subject: a text, or labelled values. */
export type ApprovalDetails = string | Readonly<Record<string, string | number | boolean | null>>;

/** What is asked, and of whom. */
export interface ApprovalQuestion {
  readonly subject: string;
  readonly details?: ApprovalDetails | null;
  /** Who asks, to be shown. @default - the orchestration and the instance */
  readonly requestedBy?: string | null;
  readonly approvers: readonly string[];
  readonly quorum: Quorum;
  /** Whether one rejection ends it; otherwise it is rejected once the quorum can't be reached any more. */
  readonly rejectEarly: boolean;
}

/** Which approval. The same for retries and redrives, another one when the workflow comes to the step again. */
export interface ApprovalAddress {
  /** `$states.context.Execution.Name` */
  readonly execution: string;
  /** State name, and the item's index inside a fan-out. */
  readonly step: string;
  /** When the step began, epoch milliseconds. */
  readonly askedAt: number;
}

interface CallbackWindow extends ApprovalAddress {
  /** `$states.context.Task.Token` */
  readonly taskToken: string;
  /** `$states.context.State.EnteredTime` and `RetryCount`: which of two tokens is the later one. */
  readonly enteredAt: string;
  readonly retry: number;
}

/** The first window: sends the request. */
export interface AskWindow extends CallbackWindow {
  readonly kind: 'ask';
  /** `$states.context.StateMachine.Name` */
  readonly stateMachine: string;
  /** Epoch milliseconds. */
  readonly deadline: number;
  readonly question: ApprovalQuestion;
  /** Whether further approvers are asked later. @default false */
  readonly escalates?: boolean;
}

/** A later window: reminds those who haven't decided. */
export interface RemindWindow extends CallbackWindow {
  readonly kind: 'remind';
  /** Which reminder, from 1. */
  readonly number: number;
}

/** A later window: asks further approvers, each of whom may settle it alone. */
export interface EscalateWindow extends CallbackWindow {
  readonly kind: 'escalate';
  readonly approvers: readonly string[];
}

/** No window is open any more: the decision is asked for, or the deadline has come and the approval ends, if nobody settled it meanwhile. */
export interface CloseRequest extends ApprovalAddress {
  readonly kind: 'close';
  readonly onTimeout: 'timedOut' | 'reject' | 'fail';
}

export type ApprovalWindow = AskWindow | RemindWindow | EscalateWindow;

/** What a state machine passes to the hub's approval function. */
export type ApprovalRequest = ApprovalWindow | CloseRequest;

/** The error of a step that fails because its approval timed out. */
export const APPROVAL_TIMED_OUT = 'ApprovalTimedOut';

/**
 * The error of a step whose window ended before its deadline though nobody had decided: somebody else than the hub has answered the task's token, which stands in the execution's history.
 */
export const APPROVAL_UNSETTLED = 'ApprovalUnsettled';

/** The error of a step whose question can't be asked: no approver, a malformed address, a quorum that nobody can reach. */
export const INVALID_APPROVAL = 'InvalidApproval';

/** The error of a step whose quorum can't be reached any more, since no mail reaches too many of those who are asked. */
export const APPROVERS_UNREACHABLE = 'ApproversUnreachable';

/**
 * What an activity that sends the hub's mail throws, as the error's name, for a recipient whom it can't ever reach: the mail isn't tried again, and the
 * others decide.
 */
export const RECIPIENT_REFUSED = 'RecipientRefused';

/** Longest reason kept of a recipient that is refused, in characters: those of all approvers must fit into a task's result. */
export const MAX_REFUSAL_LENGTH = 300;

/** Longest comment, in characters. */
export const MAX_COMMENT_LENGTH = 1_000;

/** Most approvers of one approval, further approvers included: their decisions must fit into a task's result. */
export const MAX_APPROVERS = 50;

/** Longest subject, in characters. */
export const MAX_SUBJECT_LENGTH = 200;

/** Longest details, in characters, labels included. */
export const MAX_DETAILS_LENGTH = 10_000;

/** Where the pages are, below the hub's public URL. */
export const APPROVAL_PATH = '/approvals';
