import { RealClock, VirtualClock } from '../clock.js';
import type { ExecutionStatusChange } from '../engine/model/api.js';
import { LocalCloud } from '../local/cloud/local-cloud.js';
import type { FunctionCall, FunctionCallResult } from '../local/functions/local-functions.js';
import { paint, renderDuration } from '../local/timeline/terminal-text.js';
import { renderFailure } from '../local/timeline/timeline-lines.js';
import { type AppOptions, locateApp, synthesize } from './app-source.js';
import { functionName } from './function-name.js';
import { renderNextSteps } from './next-steps.js';
import { type Terminal, tellingOnce } from './terminal.js';
import { watchApp } from './watch/watch-app.js';

/** The options of `durable-steps dev`. */
export interface DevOptions extends AppOptions {
  readonly port: number;
  readonly virtual?: boolean;
  readonly json?: boolean;
  /** Whether changes of the app are brought in as they are saved. @default true */
  readonly watch?: boolean;
}

/**
 * Serves an app until it is stopped.
 *
 * With `--json` the only line on standard output is `{ "endpoint", "apis", "mailbox", "studio" }`, once the port is open; otherwise it shows what runs and what to type
 * next, then a line for each execution that starts or ends and for each mail.
 */
export async function devCommand(options: DevOptions, terminal: Terminal, stop: AbortSignal): Promise<number> {
  const human = options.json !== true;
  if (human && options.assembly === undefined) terminal.err('Synthesizing the app …');
  const source = locateApp(options);
  const news = tellingOnce(terminal);
  await synthesize(source, news);
  const clock = options.virtual === true ? new VirtualClock() : new RealClock();
  const cloud = await LocalCloud.load(source.output, {
    clock,
    port: options.port,
    onNotice: (line) => (human ? terminal.out(line) : undefined),
    onWarning: (line) => terminal.err(line),
  });
  const isWatching = options.watch !== false && source.command !== undefined;
  const watch = isWatching ? watchApp(cloud, source, terminal, { news, human }) : undefined;
  try {
    await watch?.ready();
    if (human) {
      for (const line of renderWelcome(cloud, { isVirtual: options.virtual === true, isWatching }, terminal))
        terminal.out(line);
      cloud.stepFunctions.onStatusChange((change) => tellChange(change, cloud, terminal));
      cloud.functions.onLog((call, text) => tellLog(call, text, terminal));
      cloud.functions.onCall((result) => tellFailure(result, terminal));
    } else {
      terminal.out(JSON.stringify(cloud.listen()));
    }
    await untilStopped(stop);
    if (human) terminal.out('Stopped.');
    return 0;
  } finally {
    await watch?.close();
    await cloud.close();
    if (clock instanceof RealClock) clock.close();
  }
}

interface Mode {
  readonly isVirtual: boolean;
  readonly isWatching: boolean;
}

function renderWelcome(cloud: LocalCloud, { isVirtual, isWatching }: Mode, terminal: Terminal): readonly string[] {
  const { endpoint, apis, mailbox, studio } = cloud.listen();
  const title = (text: string): string => paint(terminal, 'bold', text);
  const { orchestrations } = cloud;
  const next = renderNextSteps(cloud);
  return [
    `${title('Studio')}       ${paint(terminal, 'cyan', studio)}`,
    `${title('Local cloud')}  ${endpoint}${isVirtual ? ' (virtual time)' : ''}`,
    '',
    title('Orchestrations'),
    ...(orchestrations.length === 0 ? ['  none'] : orchestrations.map(({ id }) => `  ${id}`)),
    ...renderList(title('HTTP APIs'), Object.entries(apis)),
    '',
    `${title('Mailbox')}  ${mailbox}`,
    '',
    ...(next.length === 0 ? [] : [title('Try next, in another terminal'), ...next.map((line) => `  ${line}`), '']),
    `AWS clients need AWS_ENDPOINT_URL=${endpoint}, the region ${cloud.region} and any credentials.`,
    ...(isWatching ? ['What you change in the app is used as soon as it is saved.'] : []),
    'Ctrl-C stops it.',
    '',
  ];
}

function renderList(title: string, entries: readonly (readonly [string, string])[]): readonly string[] {
  return entries.length === 0 ? [] : ['', title, ...entries.map(([name, url]) => `  ${name}  ${url}`)];
}

function tellChange(
  { status, name, executionArn, stateMachineArn, startDate, stopDate, error }: ExecutionStatusChange,
  cloud: LocalCloud,
  terminal: Terminal,
): void {
  const id =
    cloud.orchestrations.find((orchestration) => orchestration.stateMachineArn === stateMachineArn)?.id ??
    stateMachineArn;
  const time = paint(terminal, 'grey', new Date(stopDate ?? startDate).toISOString().slice(11, 19));
  if (status === 'RUNNING') {
    terminal.out(`${time}  ${paint(terminal, 'cyan', '▶')} ${id}  ${name}`);
    return;
  }
  const took = renderDuration((stopDate ?? startDate) - startDate);
  const mark = status === 'SUCCEEDED' ? paint(terminal, 'green', '✔') : paint(terminal, 'red', '✘');
  const reason = error === undefined || error === '' ? '' : `, ${error}`;
  terminal.out(
    `${time}  ${mark} ${id}  ${name}  ${status === 'SUCCEEDED' ? '' : `${status.toLowerCase()} `}after ${took}${reason}`,
  );
  // Children of a distributed Map have no page of their own.
  if (status === 'SUCCEEDED' || stateMachineArn.includes('/')) return;
  const page = `${cloud.listen().studio}#/instance/${encodeURIComponent(executionArn.split(':').slice(6).join(':'))}`;
  terminal.out(`          ${paint(terminal, 'grey', `why: ${page}`)}`);
}

const FOR_CLOUDWATCH = ['{"_aws":', '{"level":"INFO","audit":'];

function tellLog({ function: { path } }: FunctionCall, text: string, terminal: Terminal): void {
  // Metrics and audit lines that a function writes into its log are for CloudWatch.
  for (const line of text.trimEnd().split('\n'))
    if (!FOR_CLOUDWATCH.some((beginning) => line.startsWith(beginning)))
      terminal.out(paint(terminal, 'grey', `${functionName(path)} │ ${line}`));
}

/** A task's failure shows in its execution; any other would go unseen. */
function tellFailure({ function: { path }, task, invocation }: FunctionCallResult, terminal: Terminal): void {
  if (task !== undefined || invocation.functionError === undefined) return;
  const [message = '', ...trace] = renderFailure('', invocation.payload);
  terminal.out(`${paint(terminal, 'red', '✘')} ${functionName(path)}: ${message}`);
  for (const line of trace) terminal.out(line);
}

function untilStopped(stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (stop.aborted) resolve();
    // A server keeps the process alive; nothing else is needed.
    stop.addEventListener('abort', () => resolve(), { once: true });
  });
}
