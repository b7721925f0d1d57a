import { connectParley } from '@parley/client';
import { CliError, EXIT } from './cli-error.js';
import { readCliConfig } from './cli.config.js';
import { systemClock } from './clock.js';
import { runProgram } from './program.js';
import { streamTerminal } from './terminal.js';

// A reader that went away, as in `parley call x.wav | head -1`, is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

process.on('uncaughtException', (error) => {
  process.stderr.write(`error internal: ${process.argv.includes('--debug') ? error.stack : error.message}\n`);
  process.exit(EXIT.internal);
});

const interruption = new AbortController();
// The second Ctrl-C finds no handler and ends the process.
process.once('SIGINT', () => interruption.abort());

try {
  const config = readCliConfig();
  process.exitCode = await runProgram(process.argv.slice(2), {
    config,
    command: (color) => ({
      connect: connectParley,
      clock: systemClock,
      terminal: streamTerminal(process.stdout, { color: color && !config.noColor }),
      signal: interruption.signal,
      interrupt: () => interruption.abort(),
    }),
    input: process.stdin,
    writeError: (text) => void process.stderr.write(text),
  });
} catch (error) {
  if (!(error instanceof CliError)) throw error;
  process.stderr.write(`error ${error.code}: ${error.message}\n`);
  process.exitCode = error.exitCode;
}
