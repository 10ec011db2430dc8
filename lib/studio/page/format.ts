/** `350 ms`, `1.5 s`, `2 min 3 s`, `1 d 2 h`. */
export function duration(milliseconds: number): string {
  const clamped = Math.max(0, milliseconds);
  if (clamped < 1000) return `${Math.round(clamped)} ms`;
  if (clamped < 60_000) return `${Number((clamped / 1000).toFixed(1))} s`;
  const units = [
    ['d', 86_400],
    ['h', 3600],
    ['min', 60],
    ['s', 1],
  ] as const;
  let rest = Math.round(clamped / 1000);
  const parts: string[] = [];
  for (const [unit, size] of units) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) parts.push(`${count} ${unit}`);
  }
  return parts.slice(0, 2).join(' ');
}

const CLOCK = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hour12: false,
});
const DAY = new Intl.DateTimeFormat(undefined, { month: 'short', day: 'numeric' });

export function clockTime(time: number): string {
  return CLOCK.format(time);
}

export function dayAndTime(time: number): string {
  return `${DAY.format(time)}, ${CLOCK.format(time)}`;
}

/** Text with its control and direction characters made visible: it comes from workflows, and may pretend to be something else. */
export function visible(text: string): string {
  return text.replace(/(?![\n\t])[\p{Cc}\p{Cf}]/gu, (sign) => `\\u{${sign.codePointAt(0)?.toString(16)}}`);
}

/** A value on one line. */
export function inline(value: unknown, most = 120): string {
  const text = visible(typeof value === 'string' ? value : (JSON.stringify(value) ?? ''));
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}
