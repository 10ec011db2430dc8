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
