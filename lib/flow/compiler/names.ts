import { createHash } from 'node:crypto';
import { JSONATA_FUNCTIONS } from '../../asl/language/jsonata-names.js';

/** The longest name that Step Functions takes for a state, and for a variable. */
const longest = 80;

/** What a variable of the same name would hide. */
const hidden: ReadonlySet<string> = new Set([...JSONATA_FUNCTIONS, 'eval', 'states']);

/** Gives out names that are unique within one state machine. */
export class Names {
  private readonly states = new Set<string>();
  private readonly variables = new Set<string>();

  /** A state's name: as wanted, else qualified by where it stands, else numbered; at most 80 characters. */
  state(wanted: string, context: readonly string[] = []): string {
    const clean = wanted.replace(/\p{Cc}+/gu, ' ').trim() || 'Step';
    return claim(this.states, [clean, ...(context.length > 0 ? [[...context, clean].join(': ')] : [])], ' ');
  }

  /** Marks a name given by somebody else, such as a state of a hand-written definition; false when it is taken. */
  reserveState(name: string): boolean {
    return !this.states.has(name) && this.states.add(name) !== undefined;
  }

  /** A variable's name: an identifier as the specification has it (no digit and no underscore at its start) that hides no function. */
  variable(wanted: string): string {
    const identifier = wanted.replace(/[^\p{ID_Continue}]/gu, '_').replace(/^(?!\p{ID_Start})/u, 'v');
    return claim(this.variables, [hidden.has(identifier) ? `${identifier}Result` : identifier], '_');
  }
}

function claim(taken: Set<string>, candidates: readonly string[], separator: string): string {
  const fitting = candidates.map(shorten);
  let name = fitting.find((candidate) => !taken.has(candidate));
  for (let number = 2; name === undefined; number++) {
    const numbered = shorten(`${fitting.at(-1)}${separator}${number}`);
    if (!taken.has(numbered)) name = numbered;
  }
  taken.add(name);
  return name;
}

function shorten(name: string): string {
  if (name.length <= longest) return name;
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 8);
  // A pair of surrogates isn't cut in two.
  return `${name.slice(0, longest - 9).replace(/[\uD800-\uDBFF]$/, '')}_${digest}`;
}
