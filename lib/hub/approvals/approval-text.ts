import type { ApprovalDetails } from '../../contract/approval.js';
import { oneLine, printable } from '../printable.js';

/** Details as labelled lines; a plain text has no label. */
export function detailLines(
  details: ApprovalDetails | null,
): readonly { readonly label: string; readonly value: string }[] {
  if (details === null || details === '') return [];
  if (typeof details === 'string') return [{ label: '', value: printable(details) }];
  return Object.entries(details).map(([label, value]) => ({ label: oneLine(label), value: oneLine(showValue(value)) }));
}

function showValue(value: string | number | boolean | null): string {
  if (value === null) return '–';
  return typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value);
}

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

/** A moment as pages and mails show it, for example `Monday 2 March 2026 at 08:00 UTC`: the same in every version of Node.js. */
export function showTime(milliseconds: number): string {
  const time = new Date(milliseconds);
  const day = `${DAYS[time.getUTCDay()]} ${time.getUTCDate()} ${MONTHS[time.getUTCMonth()]} ${time.getUTCFullYear()}`;
  return `${day} at ${time.toISOString().slice(11, 16)} UTC`;
}
