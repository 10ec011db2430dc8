import { readFileSync } from 'node:fs';
import { exactJsonText, tryParseExactJson } from '../asl/language/exact-json.js';
import type { Json } from '../asl/language/json.js';
import { RealClock, VirtualClock } from '../clock.js';
import type { ExecutionStatusChange } from '../engine/model/api.js';
import { ApiError } from '../engine/model/api-errors.js';
import { LocalCloud } from '../local/cloud/local-cloud.js';
import { paint, renderDuration } from '../local/timeline/terminal-text.js';
import type { TimelineEntry } from '../local/timeline/timeline.js';
import { renderEntry, renderFailure } from '../local/timeline/timeline-lines.js';
import { type AppOptions, prepareAssembly } from './app-source.js';
import { Family } from './family.js';
import { usageError } from './options.js';
import type { Terminal } from './terminal.js';

/** The options of `durable-steps run`. */
export interface RunOptions extends AppOptions {
  readonly input?: string;
  readonly inputFile?: string;
  readonly name?: string;
  readonly virtual?: boolean;
  readonly json?: boolean;
}

/**
 * Runs one instance of an orchestration to its end, and tells what happens.
 *
 * Prints a timeline as it happens, then the output; with `--json` one JSON object `{ orchestration, executionArn, status, output | error, cause,
 * milliseconds, timeline, logs }`. Answers with the exit status: 0 when it succeeded, 1 when not. Throws a `DurableStepsError` for bad usage.
 */
export async function runCommand(
  wanted: string,
  options: RunOptions,
  terminal: Terminal,
  stop: AbortSignal,
): Promise<number> {
  const input = readInput(options);
  const directory = await prepareAssembly(options, terminal);
  const clock = options.virtual === true ? new VirtualClock() : new RealClock();
  const cloud = await LocalCloud.load(directory, {
    clock,
    onNotice: (line) => (options.json === true ? undefined : terminal.out(line)),
    onWarning: (line) => terminal.err(line),
  });
  try {
    const follower = new Follower(cloud, options, terminal);
    const finished = follower.start(cloud.orchestration(wanted).stateMachineArn, input);
    if (clock instanceof VirtualClock) void tellHolds(clock, cloud, terminal, () => follower.ended);
    const change = await Promise.race([finished, stopped(stop)]);
    if (change === undefined) return 130;
    const status = follower.finish(change, cloud.orchestration(wanted).id);
    await cloud.visitorsLeft();
    return status;
  } finally {
    await cloud.close();
    if (clock instanceof RealClock) clock.close();
  }
}

/** What a function printed, and for which step. */
interface LogEntry {
  readonly state: string;
  readonly attempt: number;
  readonly text: string;
}

/** Follows one execution from its start to its end. */
class Follower {
  private readonly family = new Family((entry) => this.tell(entry));
  private readonly entries: TimelineEntry[] = [];
  private readonly logs: LogEntry[] = [];
  ended = false;

  constructor(
    private readonly cloud: LocalCloud,
    private readonly options: RunOptions,
    private readonly terminal: Terminal,
  ) {}

  start(stateMachineArn: string, input: string): Promise<ExecutionStatusChange> {
    const { stepFunctions } = this.cloud;
    const name = this.options.name;
    return new Promise((resolve) => {
      stepFunctions.onEvent((arn, event) => this.family.add(arn, event));
      this.cloud.functions.onLog(({ task }, text) => {
        if (task === undefined) return;
        const { executionArn, state, attempt } = task;
        this.family.when(executionArn, () => this.print({ state, attempt, text }));
      });
      let root: string | undefined;
      stepFunctions.onStatusChange((change) => {
        if (change.status === 'RUNNING' || change.status === 'PENDING_REDRIVE') return;
        this.family.when(change.executionArn, () => {
          if (change.executionArn !== root) return;
          this.ended = true;
          resolve(change);
        });
      });
      root = startExecution(this.cloud, { stateMachineArn, input, ...(name === undefined ? {} : { name }) });
      this.family.adopt(root);
    });
  }

  finish(change: ExecutionStatusChange, orchestration: string): number {
    const { status, output, error, cause, executionArn, startDate, stopDate = startDate } = change;
    const succeeded = status === 'SUCCEEDED';
    const milliseconds = stopDate - startDate;
    if (this.options.json === true) {
      const result = succeeded ? { output: parse(output) } : { error, cause };
      this.terminal.out(
        exactJsonText({
          orchestration,
          executionArn,
          status,
          ...result,
          milliseconds,
          timeline: this.entries,
          logs: this.logs,
        }),
      );
      return succeeded ? 0 : 1;
    }
    const mark = succeeded
      ? paint(this.terminal, 'green', '✔ Succeeded')
      : paint(this.terminal, 'red', `✘ ${STATUS_WORDS[status] ?? status}`);
    this.terminal.out(`${mark} in ${renderDuration(milliseconds)}`);
    if (succeeded) this.terminal.out(exactJsonText(parse(output), undefined, 2));
    else for (const line of renderFailure(error, cause)) this.terminal.err(line);
    return succeeded ? 0 : 1;
  }

  /** What the orchestration's functions print. */
  private print(entry: LogEntry): void {
    this.logs.push(entry);
    if (this.options.json === true) return;
    for (const line of entry.text.trimEnd().split('\n'))
      this.terminal.out(paint(this.terminal, 'grey', `${' '.repeat(10)}  │ ${line}`));
  }

  private tell(entry: TimelineEntry): void {
    this.entries.push(entry);
    if (this.options.json !== true) this.terminal.out(renderEntry(entry, this.terminal));
  }
}

const STATUS_WORDS: Readonly<Record<string, string>> = { FAILED: 'Failed', TIMED_OUT: 'Timed out', ABORTED: 'Stopped' };

/** The engine's refusal of a start (a bad name, an input too long) is bad usage here. */
function startExecution(
  cloud: LocalCloud,
  request: { readonly stateMachineArn: string; readonly input: string; readonly name?: string },
): string {
  try {
    return cloud.stepFunctions.startExecution(request).executionArn;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    throw usageError('start', 'a name and an input that Step Functions takes', `${error.name}: ${error.message}`);
  }
}

function readInput({ input, inputFile }: RunOptions): string {
  if (input !== undefined && inputFile !== undefined)
    throw usageError('--input', 'one input', '--input and --input-file');
  if (inputFile === undefined) return checkJson('--input', input ?? '{}');
  return checkJson(inputFile, readText(inputFile).replace(/^\uFEFF/, ''));
}

function readText(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    const reason = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : String(error);
    throw usageError('--input-file', 'a file that can be read', `${file} (${reason})`);
  }
}

function checkJson(where: string, text: string): string {
  try {
    JSON.parse(text);
    return text;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw usageError(
      where,
      'JSON',
      `\`${text.length > 60 ? `${text.slice(0, 57)}...` : text}\` (${reason})`,
      `for example --input '{"name": "Ada"}'`,
    );
  }
}

/** When virtual time can't move because a person is awaited, say so once for each person. */
async function tellHolds(
  clock: VirtualClock,
  cloud: LocalCloud,
  terminal: Terminal,
  ended: () => boolean,
): Promise<void> {
  await clock.settled();
  if (ended() || clock.holds.length === 0) return;
  terminal.err(`Waiting for an answer; time stands still until it comes. Mails: ${cloud.listen().mailbox}`);
}

function stopped(stop: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (stop.aborted) resolve(undefined);
    stop.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}

function parse(text: string | undefined): Json {
  return text === undefined ? null : (tryParseExactJson(text) ?? null);
}
