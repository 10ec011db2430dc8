/** Where a command writes, so that tests can read it. */
export interface Terminal {
  /** Results: what a script reads. */
  out(line: string): void;
  /** Everything else: progress of a synthesis, warnings. */
  err(line: string): void;
  /** Whether to colour lines of `out`. */
  readonly colour: boolean;
}

/** The terminal of this process: no colour when the output isn't a terminal, or `NO_COLOR` is set (https://no-color.org). */
export function processTerminal(environment: NodeJS.ProcessEnv = process.env): Terminal {
  return {
    out: (line) => void process.stdout.write(`${line}\n`),
    err: (line) => void process.stderr.write(`${line}\n`),
    colour: process.stdout.isTTY === true && (environment['NO_COLOR'] ?? '') === '',
  };
}

/** Hears the same text once, however often it comes. */
export function tellingOnce(terminal: Terminal): Pick<Terminal, 'err'> {
  const told = new Set<string>();
  return {
    err: (line) => {
      if (!told.has(line)) terminal.err(line);
      told.add(line);
    },
  };
}
