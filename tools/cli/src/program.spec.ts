import { Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { readCliConfig } from './cli.config.js';
import { runProgram } from './program.js';
import { ManualClock } from './testing/manual-clock.js';

/** Runs a command line that must fail before it connects. */
async function refused(...args: string[]) {
  let errors = '';
  const exitCode = await runProgram(args, {
    config: readCliConfig({}),
    command: () => ({
      connect: () => Promise.reject(new Error('it connected')),
      clock: new ManualClock(),
      terminal: { write: () => {}, rewritable: false, colors: false, columns: 80 },
      signal: new AbortController().signal,
      interrupt: () => {},
    }),
    input: Readable.from([]),
    writeError: (text) => void (errors += text),
  });
  return { exitCode, errors };
}

describe('parley', () => {
  it.each([
    ['an unknown option', ['call', 'a.wav', '--loud'], /^error usage: unknown option '--loud'\n/],
    ['no WAV', ['call'], /^error usage: missing required argument 'wav'\n/],
    [
      'a URL that is none',
      ['chat', '--url', 'localhost:8080'],
      /^error usage: .*It must be an http, https, ws or wss URL, or several with commas between\.\n/,
    ],
    ['a URL of several that is none', ['chat', '--url', 'http://a,b'], /^error usage: .*It must be an http/],
    ['a timeout that is none', ['chat', '--turn-timeout', 'soon'], /^error usage: .*It must be a number of seconds/],
    ['an unknown command', ['listen'], /^error usage: unknown command 'listen'\n/],
    ['a missing file', ['call', 'missing.wav'], /^error wav_unreadable: missing\.wav cannot be read \(ENOENT\)\n$/],
    ['a file it cannot write', ['chat', '--json', 'no/such/folder/x'], /^error file_unwritable: no\/such\/folder\/x /],
  ])('exits with 2 and a coded error for %s', async (_what, args, message) => {
    const { exitCode, errors } = await refused(...args);
    expect(exitCode).toBe(2);
    expect(errors).toMatch(message);
  });

  it('shows where an error came from only with --debug', async () => {
    expect((await refused('chat')).errors).toBe('error internal: it connected\n');
    expect((await refused('chat', '--debug')).errors).toMatch(/\n {4}at /);
  });
});

describe('readCliConfig', () => {
  it('reads the gateway and the wish for no colours', () => {
    expect(readCliConfig({})).toMatchObject({ url: 'http://localhost:8080', noColor: false });
    expect(readCliConfig({ PARLEY_URL: 'wss://voice.example', NO_COLOR: '1' })).toMatchObject({
      url: 'wss://voice.example',
      noColor: true,
    });
  });

  it('refuses a PARLEY_URL that is no URL', () => {
    expect(() => readCliConfig({ PARLEY_URL: 'voice.example' })).toThrow(
      expect.objectContaining({ code: 'invalid_config', exitCode: 2 }),
    );
  });
});
