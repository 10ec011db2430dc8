/** Step Functions' limit for an execution's input, a state's output and a task's result, in bytes of UTF-8. */
export const MAX_HUB_PAYLOAD_BYTES = 262_144;

/** Deepest nesting of arrays and objects that the hub takes. */
export const MAX_HUB_JSON_DEPTH = 200;

/** Longest name of an external event, in characters. */
export const MAX_EVENT_NAME_LENGTH = 256;

/** Longest id of an event that is given, in characters: it is part of a sort key, which holds 1,024 bytes. */
export const MAX_EVENT_ID_LENGTH = 256;

/** Most events of one name that an instance keeps for waits to come. */
export const MAX_QUEUED_EVENTS = 10_000;

/** Longest reason kept for a termination, in characters. */
export const MAX_REASON_LENGTH = 4_096;

/** Longest wait for completion in one request, in seconds: API Gateway gives up at 30. */
export const MAX_WAIT_SECONDS = 25;

/** How often a workflow's state calls a function of the hub again that failed. */
export const HUB_RETRIES = 6;

/** Most instances on one page of a list. */
export const MAX_PAGE_SIZE = 100;

/**
 * Largest history in an answer, in bytes of the JSON that Lambda carries in a string: of its 6 MB (https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html), the rest is for
 * the instance's own input, output and custom status.
 */
export const MAX_HISTORY_BYTES = 4_000_000;

/** Texts up to this many bytes live in the instance record itself; larger ones in an item of their own. */
export const INLINE_BYTES = 4_096;

/** How long, in milliseconds, a function of the hub that stored a fact is trusted to see to what follows from it: longer than it may run. */
export const GRACE = 30_000;
