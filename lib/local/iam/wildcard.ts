const compiled = new Map<string, RegExp>();

/** Whether a text fits a pattern in which `*` is any text and `?` any one character. */
export function matchesWildcard(pattern: string, text: string, { ignoreCase = false } = {}): boolean {
  return compile(pattern, ignoreCase).test(text);
}

/** Whether an ARN fits a pattern: each of the six parts by itself, so that `*` in one part doesn't reach into the next. */
export function matchesArn(pattern: string, arn: string): boolean {
  const wanted = splitArn(pattern);
  const given = splitArn(arn);
  return wanted.length === given.length && wanted.every((part, index) => matchesWildcard(part, given[index] ?? ''));
}

function splitArn(arn: string): readonly string[] {
  const parts = arn.split(':');
  return parts.length <= 6 ? parts : [...parts.slice(0, 5), parts.slice(5).join(':')];
}

function compile(pattern: string, ignoreCase: boolean): RegExp {
  const key = `${ignoreCase ? 'i' : ''} ${pattern}`;
  const known = compiled.get(key);
  if (known !== undefined) return known;
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/\?/g, '.');
  const regexp = new RegExp(`^${source}$`, ignoreCase ? 'is' : 's');
  compiled.set(key, regexp);
  return regexp;
}
