import { checkOption, checkOptions, isOptions, type Kind } from './check-options.js';

/** The same, and it can't be left out. */
export function needed(kind: Kind): Kind {
  return { ...kind, needed: true };
}

/** A text that isn't empty. One that CloudFormation makes up is taken for whatever it should be. */
export function text(expected = 'a text', pattern?: RegExp): Kind {
  return {
    expected,
    accepts: (value) =>
      typeof value === 'string' &&
      value.trim() !== '' &&
      (pattern === undefined || isTextToken(value) || pattern.test(value)),
  };
}

/** Any text, the empty one too. */
export const ANY_TEXT: Kind = { expected: 'a text', accepts: (value) => typeof value === 'string' };

/** True or false. */
export const FLAG: Kind = { expected: '`true` or `false`', accepts: (value) => typeof value === 'boolean' };

/** A whole number within bounds. */
export function whole(least: number, most = Number.POSITIVE_INFINITY): Kind {
  return {
    expected: `a whole number ${bounds(least, most)}`,
    accepts: (value) => isNumberToken(value) || (Number.isInteger(value) && isBetween(value, least, most)),
  };
}

/** A number within bounds. */
export function number(least: number, most = Number.POSITIVE_INFINITY): Kind {
  return {
    expected: `a number ${bounds(least, most)}`,
    accepts: (value) => isNumberToken(value) || (Number.isFinite(value) && isBetween(value, least, most)),
  };
}

/** One of some texts. */
export function oneOf(...values: readonly string[]): Kind {
  return either(...values.map((value): Kind => ({ expected: `\`${value}\``, accepts: (given) => given === value })));
}

/** A span of time; how long it may be depends on where it stands. */
export const SPAN: Kind = like('a span of time, for example `Duration.minutes(5)`', 'toSeconds');

/** A function. */
export const CALLBACK: Kind = { expected: 'a callback', accepts: (value) => typeof value === 'function' };

/** A step that needs nothing of the flow around. */
export const STEP: Kind = {
  expected: 'an Activity, an orchestration or a flow',
  accepts: (value) => isOptions(value) && typeof value['compile'] === 'function',
};

/** Whatever it is, somebody else looks at it. */
export const ANYTHING: Kind = { expected: 'a value', accepts: (value) => value !== undefined };

/** An object that is known by its members, such as a construct. */
export function like(expected: string, ...members: readonly [string, ...string[]]): Kind {
  return {
    expected,
    accepts: (value) => typeof value === 'object' && value !== null && members.every((member) => member in value),
  };
}

/** A list of values of a kind. */
export function listOf(of: Kind, least = 0): Kind {
  return {
    expected:
      least === 0 ? `a list, each of it ${of.expected}` : `a list of at least ${least}, each of it ${of.expected}`,
    accepts: (value) => Array.isArray(value) && value.length >= least,
    check: (where, value) => {
      if (isListToken(value)) return;
      for (const [index, one] of (value as readonly unknown[]).entries())
        checkOption(`${where}[${index}]`, one, needed(of));
    },
  };
}

/** Values of a kind by names of the user's own. */
export function recordOf(of: Kind): Kind {
  return {
    expected: `an object whose members are each ${of.expected}`,
    accepts: isOptions,
    check: (where, value) => {
      for (const [name, one] of Object.entries(value as object)) checkOption(`${where}.${name}`, one, of);
    },
  };
}

/** Options within options. */
export function options(checks: Readonly<Record<string, Kind>>): Kind {
  const names = Object.keys(checks).join(', ');
  return {
    expected: `an object \`{ ${names} }\``,
    accepts: (value) => isOptions(value) && !('toSeconds' in value),
    check: (where, value) => checkOptions(where, value, checks),
  };
}

/** A value of one of several kinds: the first that accepts it looks into it. */
export function either(...kinds: readonly Kind[]): Kind {
  const among = kinds.flatMap((kind) => kind.among ?? [kind]);
  const names = among.map(({ expected }) => expected);
  return {
    expected: names.length === 1 ? names[0]! : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`,
    among,
    accepts: (value) => among.some((kind) => kind.accepts(value)),
    check: (where, value) => among.find((kind) => kind.accepts(value))?.check?.(where, value),
  };
}

/** A constant of a kind, or a callback that gives one when the workflow runs. */
export function fromScope(kind: Kind): Kind {
  return either(kind, named('a callback that gives one', CALLBACK));
}

/** The same kind, under a name of its own. */
export function named(expected: string, { among: _among, ...kind }: Kind): Kind {
  return { ...kind, expected };
}

function bounds(least: number, most: number): string {
  if (least === Number.NEGATIVE_INFINITY) return 'of any size';
  return most === Number.POSITIVE_INFINITY ? `of at least ${least}` : `from ${least} to ${most}`;
}

function isBetween(value: unknown, least: number, most: number): boolean {
  return typeof value === 'number' && value >= least && value <= most;
}

function isTextToken(value: string): boolean {
  return value.includes('${Token[');
}

/** Whether CDK put a token in a list's place: one element that stands for all. */
export function isListToken(value: unknown): boolean {
  return Array.isArray(value) && value.length === 1 && typeof value[0] === 'string' && value[0].startsWith('#{Token[');
}

/** CDK writes a number that is known at deployment as one far below any other. */
export function isNumberToken(value: unknown): boolean {
  return typeof value === 'number' && value < -1e280;
}

/** Options that are told from their alternatives by one of them. */
export function whenHas(name: string, checks: Readonly<Record<string, Kind>>): Kind {
  return { ...options(checks), accepts: (value) => isOptions(value) && name in value };
}

/** Options that somebody else looks into, such as the CDK. */
export function others(expected: string): Kind {
  return { expected, accepts: isOptions };
}
