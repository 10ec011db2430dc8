import { MAX_APPROVERS, type Quorum } from '../../../contract/approval.js';
import { DurableStepsError } from '../../../errors.js';

/** What is checked. A callback's values are known at run time only, where the hub checks them. */
interface CheckedOptions {
  readonly approvers?: unknown;
  readonly subject?: unknown;
  readonly quorum?: unknown;
  readonly rejectEarly?: unknown;
  readonly escalation?: { readonly approvers?: unknown } | undefined;
  readonly onTimeout?: unknown;
}

/**
 * Refuses options of the wrong kind, and constants that the hub would refuse in every run.
 * @throws DurableStepsError `InvalidOption`
 */
export function checkQuestionOptions(where: string, options: CheckedOptions): void {
  const { approvers, subject, quorum, rejectEarly, escalation, onTimeout } = options;
  const most = checkApprovers(`${where}.approvers`, approvers);
  if (escalation !== undefined) checkApprovers(`${where}.escalation.approvers`, escalation.approvers);
  if (quorum !== undefined && typeof quorum !== 'function') checkQuorum(`${where}.quorum`, quorum, most);
  checkSubject(`${where}.subject`, subject);
  if (rejectEarly !== undefined && typeof rejectEarly !== 'boolean') {
    throw refusal(`${where}.rejectEarly`, '`true` or `false`', describe(rejectEarly));
  }
  checkOnTimeout(`${where}.onTimeout`, onTimeout);
}

function checkSubject(where: string, subject: unknown): void {
  if (typeof subject === 'function' || (typeof subject === 'object' && subject !== null)) return;
  if (typeof subject === 'string' && subject.trim() !== '') return;
  throw refusal(where, 'a text, or a callback that gives one', describe(subject));
}

function checkOnTimeout(where: string, given: unknown): void {
  if (given === undefined || given === 'timedOut' || given === 'reject' || given === 'fail') return;
  if (typeof given === 'object' && given !== null && 'escalateTo' in given) {
    checkApprovers(`${where}.escalateTo`, given.escalateTo);
    return;
  }
  throw refusal(where, '`timedOut`, `reject`, `fail` or `{ escalateTo, timeout }`', describe(given));
}

/** How many approvers there are at most: those named twice are one. */
function checkApprovers(where: string, given: unknown): number {
  if (typeof given === 'function' || isListToken(given)) return MAX_APPROVERS;
  if (!Array.isArray(given)) throw refusal(where, 'a list of texts, or a callback that gives one', describe(given));
  const wrong: unknown = given.find((name) => typeof name !== 'string' && typeof name !== 'object');
  if (wrong !== undefined) throw refusal(where, 'a list of texts', `${describe(wrong)} in it`);
  const count = new Set(given.map((name: unknown) => (typeof name === 'string' ? name.trim() : name))).size;
  if (count >= 1 && count <= MAX_APPROVERS) return count;
  throw refusal(where, `1 to ${MAX_APPROVERS} approvers`, String(count));
}

function checkQuorum(where: string, quorum: unknown, most: number): void {
  if (isQuorum(quorum) && (typeof quorum !== 'number' || quorum <= most)) return;
  if (typeof quorum === 'object' && quorum !== null) return;
  throw refusal(
    where,
    `\`any\`, \`all\` or a whole number from 1 to ${most}, the number of approvers`,
    describe(quorum),
    "say 'all' when everybody must approve",
  );
}

function isQuorum(value: unknown): value is Quorum {
  if (value === 'any' || value === 'all') return true;
  return typeof value === 'number' && (isNumberToken(value) || (Number.isInteger(value) && value >= 1));
}

/** Whether CDK put a token in a list's place: one element that stands for all. */
function isListToken(value: unknown): boolean {
  return Array.isArray(value) && value.length === 1 && typeof value[0] === 'string' && value[0].startsWith('#{Token[');
}

/** CDK writes a number that is known at deployment as one far below any other. */
function isNumberToken(value: number): boolean {
  return value < -1e280;
}

function describe(value: unknown): string {
  if (value === undefined) return 'none';
  return `\`${typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value))}\``;
}

function refusal(where: string, expected: string, got: string, fix?: string): DurableStepsError {
  return new DurableStepsError('InvalidOption', { where, expected, got, ...(fix !== undefined && { fix }) });
}
