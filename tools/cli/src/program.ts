import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { runCall } from './call-command.js';
import { runChat } from './chat-command.js';
import { CliError, EXIT } from './cli-error.js';
import { gatewayUrls, type CliConfig } from './cli.config.js';
import type { CommandContext } from './hold-conversation.js';
import { runExport, runImport, runReplay, runSessions } from './log-commands.js';

/** What the program needs of its process. */
export interface ProgramContext {
  config: CliConfig;
  /** Makes a command's context. @param color whether colours are wanted, where the output can show them */
  command(color: boolean): CommandContext;
  input: NodeJS.ReadableStream & { isTTY?: boolean };
  writeError(text: string): void;
}

interface SharedFlags {
  url: string;
  agent?: string;
  language?: string;
  json?: string;
  turnTimeout: number;
  quiet: boolean;
  color: boolean;
}

const EXIT_CODES = `
Exit codes:
    0  every turn was answered
    1  something inside the command broke
    2  wrong usage, or a file that cannot be used
    3  no session could be opened
    4  a turn got no reply
    5  the session failed or was closed before its last turn was answered
  130  stopped by Ctrl-C`;

/**
 * Runs the command line and shows its error, if any, as `error <code>: <sentence>`.
 * @param args without the program's own name
 * @returns the exit code
 */
export async function runProgram(args: readonly string[], context: ProgramContext): Promise<number> {
  const program = buildProgram(context);
  try {
    await program.parseAsync(args, { from: 'user' });
    return EXIT.answered;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.answered : EXIT.usage;
    const { code, message, exitCode } =
      error instanceof CliError ? error : new CliError('internal', (error as Error).message, EXIT.internal);
    context.writeError(`error ${code}: ${message}\n`);
    if (program.opts<{ debug?: boolean }>().debug) context.writeError(`${(error as Error).stack}\n`);
    return exitCode;
  }
}

function buildProgram(context: ProgramContext): Command {
  const program = new Command('parley')
    .description("Talks to a Parley gateway, and reads sessions' logs.")
    .option('--debug', 'show where an error came from')
    .addHelpText('after', EXIT_CODES);
  // Subcommands inherit these settings as they stand when the subcommand is made.
  program.exitOverride().configureOutput({
    writeErr: (text) => context.writeError(text),
    outputError: (text, write) => write(text.replace(/^error: /, 'error usage: ')),
  });
  withSharedOptions(program.command('call'), context.config)
    .description('Speak WAV files to an agent, one turn each, in real time.')
    .argument('<wav...>', 'what the caller says: WAV files of any rate and channel count')
    .option('--out <reply.wav>', "write the agent's voice: every reply as far as it was played, without pauses between")
    .option('--outgoing', 'the agent calls: the WAV files are what the one says who is called', false)
    .action((wavs: string[], flags: SharedFlags & { out?: string; outgoing: boolean }) =>
      runCall({ ...flags, wavs, turnTimeoutMs: flags.turnTimeout * 1000 }, context.command(flags.color)),
    );
  withSharedOptions(program.command('chat'), context.config)
    .description('Write to an agent, one turn a line, from the terminal or a pipe.')
    .action((flags: SharedFlags) =>
      runChat(
        { ...flags, input: context.input, turnTimeoutMs: flags.turnTimeout * 1000 },
        context.command(flags.color),
      ),
    );
  addLogCommands(program, context);
  return program;
}

function addLogCommands(program: Command, context: ProgramContext): void {
  const { terminal } = context.command(true);
  const command = (name: string, description: string) =>
    program
      .command(name)
      .description(description)
      .option('--nats <url>', "the sessions' broker; also NATS_URL", context.config.natsUrl);
  command('sessions', 'List the sessions that the broker keeps, the newest first.')
    .option('--poisoned', 'only those that were ended because they crashed their owners', false)
    .option('--since <hours>', 'only those opened in the last hours', hours, Infinity)
    .option('--limit <count>', 'how many at most', positive, 50)
    .option('--json', 'one JSON object a line', false)
    .action((flags: { nats: string; poisoned: boolean; since: number; limit: number; json: boolean }) =>
      runSessions({ ...flags, natsUrl: flags.nats, terminal, sinceMs: Math.max(0, Date.now() - flags.since) }),
    );
  command('replay', "Fold a session's log again, and show what happened and what was known.")
    .argument('<session>', 'its id, or a file that was exported')
    .option('--at <n>', 'only the state after the n-th message of the log', positive)
    .option('--json', 'the state as one JSON object', false)
    .action((session: string, flags: { nats: string; at?: number; json: boolean }) =>
      runReplay({ ...flags, session, natsUrl: flags.nats, terminal }),
    );
  command('export', 'Write a session, events and voice, to a file.')
    .argument('<session>', 'its id')
    .option('--out <file>', '<session>.parley.gz otherwise')
    .action((session: string, flags: { nats: string; out?: string }) =>
      runExport({ ...flags, session, natsUrl: flags.nats, terminal }),
    );
  command('import', 'Store an exported session in the broker, under its own id.')
    .argument('<file>', 'what export wrote')
    .action((file: string, flags: { nats: string }) => runImport({ file, natsUrl: flags.nats, terminal }));
}

function hours(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError('It must be a number of hours.');
  return value * 3_600_000;
}

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('It must be a whole number from 1.');
  return value;
}

function withSharedOptions(command: Command, config: CliConfig): Command {
  return command
    .addOption(
      new Option('--url <url>', 'the gateway, or several with commas between, tried in turn; also PARLEY_URL')
        .default(config.url)
        .argParser(checkedUrls),
    )
    .option('--agent <name>', "the agent to talk to; the gateway's default one otherwise")
    .option('--language <tag>', 'the language to talk in; en otherwise')
    .option('--json <events.jsonl>', 'write everything that happens, one JSON object a line')
    .option('--turn-timeout <seconds>', "how long nothing may come nearer to a turn's answer", seconds, 20)
    .option('--quiet', 'show the summary only', false)
    .option('--no-color', 'no colours; also NO_COLOR')
    .addHelpText('after', EXIT_CODES);
}

function checkedUrls(text: string): string {
  if (!gatewayUrls(text)) throw new InvalidArgumentError('It must be an http, https, ws or wss URL, or several with commas between.'); // prettier-ignore
  return text;
}

function seconds(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= 3600)) throw new InvalidArgumentError('It must be a number of seconds up to 3600.');
  return value;
}
