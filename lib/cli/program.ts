import { Command, CommanderError } from 'commander';
import { DurableStepsError } from '../errors.js';
import { devCommand } from './dev-command.js';
import { graphCommand } from './graph-command.js';
import { listCommand } from './list-command.js';
import { readPort } from './options.js';
import { runCommand } from './run-command.js';
import type { Terminal } from './terminal.js';

/** The port of `dev`; another than the usual ones of databases, web servers and emulators. */
const DEFAULT_PORT = '4700';

/**
 * The `durable-steps` command line. Answers with the exit status: 0, 1 for an orchestration that failed, 2 for bad usage, an app that doesn't synthesize or
 * can't run here, 130 when it was interrupted. Every refusal is one message on standard error, never a stack trace.
 */
export async function main(
  args: readonly string[],
  version: string,
  terminal: Terminal,
  stop: AbortSignal,
): Promise<number> {
  let status = 0;
  const program = makeProgram(version, terminal, stop, (code) => {
    status = code;
  });
  try {
    await program.parseAsync([...args], { from: 'user' });
    return status;
  } catch (error) {
    // Commander has printed its own message by now; help and version end with 0.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    terminal.err(error instanceof DurableStepsError ? error.message : `Unexpected: ${describe(error)}`);
    return 2;
  }
}

function makeProgram(version: string, terminal: Terminal, stop: AbortSignal, exit: (code: number) => void): Command {
  const program = new Command('durable-steps')
    .description('Runs a CDK app with Step Functions workflows on this machine, from the template that deploys.')
    .version(version)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.out(text.trimEnd()),
      writeErr: (text) => terminal.err(text.trimEnd()),
    });
  withApp(program.command('dev'))
    .description('serve the app: state machines, functions, HTTP APIs, tables, mail')
    .option('--port <number>', 'the port on 127.0.0.1; 0 picks a free one', DEFAULT_PORT)
    .option('--virtual', 'virtual time: waits pass at once, unless a person is awaited')
    .option('--no-watch', 'keep the app as it is now: changes of its sources are not brought in')
    .option('--json', 'print one JSON line when ready: {"endpoint", "apis", "mailbox", "studio"}')
    .action(async (options) => exit(await devCommand({ ...options, port: readPort(options.port) }, terminal, stop)));
  withApp(program.command('run'))
    .description('run one instance of an orchestration to its end, showing what happens')
    .argument('<orchestration>', 'construct id (HelloSequence), Stack/Id, state machine name or ARN')
    .option('--input <json>', 'the input (default: {})')
    .option('--input-file <file>', 'read the input from a file; - is standard input')
    .option('--name <name>', 'the name of the execution (default: a random one)')
    .option('--virtual', 'virtual time: waits pass at once, unless a person is awaited')
    .option('--json', 'print one JSON object at the end instead of lines')
    .action(async (orchestration, options) => exit(await runCommand(orchestration, options, terminal, stop)));
  withApp(program.command('list'))
    .description('list the orchestrations of the app')
    .option('--json', 'print a JSON list')
    .action(async (options) => exit(await listCommand(options, terminal)));
  withApp(program.command('graph'))
    .description('draw an orchestration as a Mermaid flowchart')
    .argument('<orchestration>', 'construct id (HelloSequence), Stack/Id, state machine name or ARN')
    .action(async (orchestration, options) => exit(await graphCommand(orchestration, options, terminal)));
  for (const command of program.commands) command.exitOverride().copyInheritedSettings(program);
  return program;
}

function withApp(command: Command): Command {
  return command
    .option('--app <command>', 'synthesize with this command (default: "app" of cdk.json)')
    .option('--assembly <directory>', 'serve this output of cdk synth as it is, without synthesizing');
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return process.env['DEBUG'] === undefined
    ? `${error.message} (set DEBUG=1 for the stack)`
    : (error.stack ?? error.message);
}
