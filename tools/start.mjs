import { join } from 'node:path';
import { EXAMPLE_KEY_TERMS, EXAMPLE_WAVS } from './example-call.mjs';
import { elapsed, say, step } from './progress.mjs';
import { portsFromEnv } from './ports.mjs';
import { root, run } from './run.mjs';
import { build, setUp } from './setup.mjs';
import { startSystem } from './system.mjs';
import { ToolError } from './tool-error.mjs';

let system;
let interruptedAtMs = 0;
const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    // A Ctrl-C comes twice at once when npm passes it on; one that comes later means "now": exiting kills what is left.
    if (interruption.signal.aborted && performance.now() - interruptedAtMs > 1000) process.exit(130);
    if (!interruption.signal.aborted) interruptedAtMs = performance.now();
    interruption.abort();
  });
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!interruption.signal.aborted) say(error instanceof ToolError ? error.message : (error.stack ?? String(error)));
  process.exitCode = interruption.signal.aborted ? 130 : 1;
} finally {
  if (system) await step('Stopping', () => system.stop());
}

async function main(args) {
  const { once, call } = optionsFrom(args);
  const { signal } = interruption;
  const startedAtMs = performance.now();
  const ports = portsFromEnv(process.env);
  const dataDir = join(root, '.parley');

  await setUp({ env: process.env, signal });
  signal.throwIfAborted();
  await step('Build', () => build(signal));
  signal.throwIfAborted();
  await step('Broker and services', async () => {
    const env = { STT_KEY_TERMS: EXAMPLE_KEY_TERMS, ...process.env };
    system = await startSystem({ ports, env, dataDir, restartCrashed: true, say, signal });
    return 'ready';
  });
  const { gateway } = system.urls;
  say(`Parley is up at ${gateway} after ${elapsed(performance.now() - startedAtMs)}`);

  const callCode = call ? await placeExampleCall(gateway, signal) : 0;
  if (once || signal.aborted) return callCode;
  say(nextCommands(gateway));
  await untilAborted(signal);
  return 0;
}

function optionsFrom(args) {
  const unknown = args.filter((arg) => arg !== '--once' && arg !== '--no-call');
  if (unknown.length > 0) {
    throw new ToolError('ARGUMENT_UNKNOWN', `Unknown: ${unknown.join(' ')}. There are --once and --no-call.`);
  }
  return { once: args.includes('--once'), call: !args.includes('--no-call') };
}

async function placeExampleCall(url, signal) {
  say('\nAn example call:\n');
  const args = ['tools/cli/bin/parley.mjs', 'call', ...EXAMPLE_WAVS, '--url', url];
  const { code } = await run(process.execPath, args, { signal });
  if (code !== 0 && !signal.aborted) say(`The example call failed with code ${code}; the logs are in .parley/logs.`);
  return code;
}

function nextCommands(url) {
  return `
Parley answers at ${url}; its logs are in .parley/logs. In another terminal:
  npm run parley -- call ${EXAMPLE_WAVS[0]} --url ${url}
  npm run parley -- --help
Ctrl-C stops everything.`;
}

function untilAborted(signal) {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    // A pending promise alone keeps no process alive, and the broker may be somebody else's.
    const alive = setInterval(() => undefined, 60_000);
    signal.addEventListener('abort', () => resolve(clearInterval(alive)), { once: true });
  });
}
