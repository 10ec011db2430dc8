import { MAX_APPROVERS } from '../../../contract/approval.js';
import { DurableStepsError } from '../../../errors.js';
import { checkOptions, describeValue, isOptions, type Kind } from '../../../options/check-options.js';
import {
  ANY_TEXT,
  CALLBACK,
  either,
  FLAG,
  fromScope,
  isListToken,
  isNumberToken,
  listOf,
  named,
  needed,
  oneOf,
  options,
  others,
  SPAN,
  text,
  whenHas,
  whole,
} from '../../../options/kinds.js';
import { tryExpression } from '../../language/expression.js';

/** The options with their types erased. A callback's values are known at run time only, where the hub checks them. */
interface CheckedOptions {
  readonly approvers?: unknown;
  readonly quorum?: unknown;
  readonly escalation?: { readonly approvers?: unknown } | undefined;
  readonly onTimeout?: unknown;
  readonly timeout?: unknown;
  readonly deadline?: unknown;
}

/** An expression of a flow stands for a value where a callback is too much. */
const EXPRESSION: Kind = { expected: 'an expression', accepts: (value) => tryExpression(value) !== undefined };

const TEXT = either(fromScope(text()), EXPRESSION);
const APPROVERS: Kind = fromScope(
  named('a list of texts', listOf(either(text('the name or mail address of an approver'), EXPRESSION))),
);

/** What the options of an approval take. */
export const QUESTION = {
  approvers: needed(APPROVERS),
  subject: needed(TEXT),
  details: fromScope(either(ANY_TEXT, others('values by label'))),
  requestedBy: TEXT,
  quorum: fromScope(either(oneOf('any', 'all'), whole(1, MAX_APPROVERS), EXPRESSION)),
  rejectEarly: FLAG,
  reminders: either(
    named('a list of spans', listOf(SPAN)),
    named('`{ every, atMost }`', options({ every: needed(SPAN), atMost: whole(1) })),
  ),
  escalation: options({ after: needed(SPAN), approvers: needed(APPROVERS) }),
  onTimeout: either(
    oneOf('timedOut', 'reject', 'fail'),
    named('`{ escalateTo, timeout }`', whenHas('escalateTo', { escalateTo: needed(APPROVERS), timeout: needed(SPAN) })),
  ),
  timeout: SPAN,
  deadline: CALLBACK,
} satisfies Readonly<Record<string, Kind>>;

/**
 * Refuses options of the wrong kind, and constants that the hub would refuse in every run.
 * @throws DurableStepsError `InvalidOption`
 */
export function checkQuestionOptions(where: string, given: CheckedOptions): void {
  checkOptions(where, given, QUESTION);
  const { approvers, quorum, escalation, onTimeout, timeout, deadline } = given;
  if ((timeout === undefined) === (deadline === undefined)) {
    const got = timeout === undefined ? 'neither' : 'both';
    throw refusal(
      `${where}.${timeout === undefined ? 'timeout' : 'deadline'}`,
      'a span of time, or a `deadline` in its place',
      got,
    );
  }
  const most = checkApprovers(`${where}.approvers`, approvers);
  if (escalation !== undefined) checkApprovers(`${where}.escalation.approvers`, escalation.approvers);
  if (isOptions(onTimeout)) checkApprovers(`${where}.onTimeout.escalateTo`, onTimeout['escalateTo']);
  if (typeof quorum !== 'number' || isNumberToken(quorum) || quorum <= most) return;
  throw refusal(
    `${where}.quorum`,
    `\`any\`, \`all\` or a whole number from 1 to ${most}, the number of approvers`,
    describeValue(quorum),
    "say 'all' when everybody must approve",
  );
}

/** How many approvers there are at most: those named twice are one. */
function checkApprovers(where: string, given: unknown): number {
  if (!Array.isArray(given) || isListToken(given)) return MAX_APPROVERS;
  const count = new Set(given.map((name: unknown) => (typeof name === 'string' ? name.trim() : name))).size;
  if (count >= 1 && count <= MAX_APPROVERS) return count;
  throw refusal(where, `1 to ${MAX_APPROVERS} approvers`, String(count));
}

function refusal(where: string, expected: string, got: string, fix?: string): DurableStepsError {
  return new DurableStepsError('InvalidOption', { where, expected, got, ...(fix !== undefined && { fix }) });
}
