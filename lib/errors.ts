/** Every code of a {@link DurableStepsError}, by where it is met. `docs/troubleshooting.md` explains each; codes are public API. */
export const ERROR_CODES = [
  // when an app is synthesized
  'BundlingFailed',
  'DuplicateState',
  'DuplicateStep',
  'EmptyFlow',
  'ForeignOrchestration',
  'InvalidCondition',
  'InvalidOption',
  'InvalidStep',
  'InvalidTemplate',
  'NeedsMail',
  'NoDeadLetterQueue',
  'NoEntry',
  'NoHandler',
  'NoHub',
  'NothingToCatch',
  'NothingToUndo',
  'OutOfScope',
  'ReferenceMisused',
  'RefusedDefinition',
  'StackTooLarge',
  'TooManyOrchestrations',
  'UnknownStep',
  'Unreachable',
  // when the command line or the local cloud starts
  'AmbiguousOrchestration',
  'InvalidConfig',
  'InvalidEventPattern',
  'InvalidSchedule',
  'InvalidUsage',
  'MissingPermission',
  'NoApp',
  'NoAssembly',
  'PortUnavailable',
  'SynthesisFailed',
  'UnknownOrchestration',
  'UnreadableAssembly',
  'UnresolvableValue',
  'UnsupportedFunction',
  'UnsupportedJsonata',
  'UnsupportedPolicy',
  'UnsupportedResource',
  'UnsupportedStateMachine',
  'UnsupportedTemplate',
  // in tests
  'AmbiguousActivity',
  'AmbiguousResource',
  'InstanceNotAsExpected',
  'InvalidDefinition',
  'InvalidStub',
  'InvalidTime',
  'NoForm',
  'NoLink',
  'NoMail',
  'NotReached',
  'UnknownActivity',
  'UnknownEvent',
  'UnknownResource',
  'UploadFailed',
  // by a hub, over HTTP or to a client
  'HubUnavailable',
  'InboxFull',
  'InstanceFinished',
  'InstanceInUse',
  'InstanceNotFinished',
  'InstanceNotFound',
  'InvalidJson',
  'InvalidRequest',
  'MethodNotAllowed',
  'NoSubject',
  'NotRewindable',
  'OrchestrationNotFound',
  'PayloadTooLarge',
  'RouteNotFound',
  'Throttled',
  // inside a Lambda function
  'InvalidEnvironment',
  'MissingEnvironment',
  'NoIdempotencyKey',
  'NoResults',
] as const;

/** What went wrong, to look up. */
export type ErrorCode = (typeof ERROR_CODES)[number];

/** The errors that a workflow fails with by what this package puts into it, beside those of AWS. They are data: what a `catch` sees. `docs/troubleshooting.md` explains each. */
export const WORKFLOW_ERRORS = [
  'ApprovalLost',
  'ApprovalTimedOut',
  'ApprovalUnsettled',
  'ApproversUnreachable',
  'InvalidApproval',
  'MonitorTimedOut',
] as const;

/** The name of an error of {@link WORKFLOW_ERRORS}. */
export type WorkflowErrorName = (typeof WORKFLOW_ERRORS)[number];

/** What a {@link DurableStepsError} says: one message shape for every door. */
export interface ErrorDetails {
  /** The construct path, state, option or file that is wrong, for example `FanOutFanIn.maxConcurrency`. */
  readonly where: string;
  /** What would have been right. */
  readonly expected: string;
  /** What was found instead. */
  readonly got: string;
  /** How to mend it. @default - the expectation says enough */
  readonly fix?: string;
}

type UnsupportedCode = Extract<ErrorCode, `Unsupported${string}`>;

/** The way out of what only AWS runs. */
export const LEAVE_OUT_LOCALLY =
  "leave it out of what runs locally, where `node.tryGetContext('durable-steps:local')` is true";

/**
 * The error this package throws when it refuses something: a definition, an option, a template, a command.
 *
 * Its message reads `` `where`: expected …, got …; fix ``. It is never the workflow's own failure: those are data (`{ Error, Cause }`).
 *
 * @example
 * throw new DurableStepsError('InvalidOption', {
 *   where: 'FanOutFanIn.maxConcurrency', expected: 'a positive integer', got: '`0`', fix: 'omit it for the default of 40',
 * });
 */
export class DurableStepsError extends Error {
  override readonly name = 'DurableStepsError';

  /** What the local cloud can't run always says how to go on without. */
  constructor(code: UnsupportedCode, details: ErrorDetails & { readonly fix: string }, options?: ErrorOptions);
  constructor(code: Exclude<ErrorCode, UnsupportedCode>, details: ErrorDetails, options?: ErrorOptions);
  constructor(
    /** A stable code to look up, for example `InvalidOption`. */
    readonly code: ErrorCode,
    readonly details: ErrorDetails,
    options?: ErrorOptions,
  ) {
    const { where, expected, got, fix } = details;
    super(`\`${where}\`: expected ${expected}, got ${got}${fix === undefined ? '' : `; ${fix}`}`, options);
  }
}
