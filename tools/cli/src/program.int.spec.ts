import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeWav, encodeWav } from '@parley/audio';
import { connectParley } from '@parley/client';
import { systemClock } from './clock.js';
import { runProgram } from './program.js';
import { FakeGateway, type FakeGatewayOptions } from './testing/fake-gateway.js';

let folder: string;
let speech: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-cli-'));
  speech = join(folder, 'speech.wav');
  const samples = Int16Array.from({ length: 2400 }, (_, i) => Math.round(9000 * Math.sin(i / 5)));
  await writeFile(speech, encodeWav({ sampleRateHz: 8000, samples }));
});
afterAll(() => rm(folder, { recursive: true }));

let gateway: FakeGateway | undefined;
afterEach(() => gateway?.close());

async function listening(options: FakeGatewayOptions): Promise<FakeGateway> {
  return (gateway = await FakeGateway.listen(options));
}

/** Runs the command line in this process, off a terminal. */
async function run(args: string[], options: { input?: string; interruptAt?: string } = {}) {
  const interruption = new AbortController();
  let shown = '';
  let errors = '';
  const write = (text: string) => {
    shown += text;
    if (options.interruptAt && text.includes(options.interruptAt)) interruption.abort();
  };
  const exitCode = await runProgram(args, {
    config: { url: gateway?.url ?? 'http://127.0.0.1:9', noColor: true, natsUrl: 'nats://127.0.0.1:9' },
    command: () => ({
      connect: connectParley,
      clock: systemClock,
      terminal: { write, rewritable: false, colors: false, columns: 80 },
      signal: interruption.signal,
      interrupt: () => interruption.abort(),
    }),
    input: Readable.from([options.input ?? '']),
    writeError: (text) => void (errors += text),
  });
  return { exitCode, shown, errors };
}

describe('parley call', () => {
  it('speaks each WAV after the answer to the one before and leaves voice, events and summary', async () => {
    const { requests, framesHeard } = await listening({ greeting: 'Hi there.', replies: ['One.', 'Two more.'] });
    expect(framesHeard).toBe(0);
    const out = join(folder, 'reply.wav');
    const json = join(folder, 'events.jsonl');
    const { exitCode, shown, errors } = await run([
      'call',
      speech,
      speech,
      '--agent',
      'x',
      '--out',
      out,
      '--json',
      json,
    ]);
    expect({ exitCode, errors }).toEqual({ exitCode: 0, errors: '' });
    expect(requests).toEqual([{ agent: 'x', mode: 'voice-to-voice', resumable: true }]);

    const words = shown.split('\n').filter((line) => /^(you|agent|playing)/.test(line));
    expect(words).toEqual([
      'agent  Hi there.',
      'playing speech.wav',
      'you    hello',
      'agent  One.',
      'playing speech.wav',
      'you    hello',
      'agent  Two more.',
    ]);
    expect(shown).toMatch(/^end of utterance 100 ms, first token \d+ ms, first audio \d+ ms, voice to voice \d+ ms$/m);
    expect(shown).toMatch(/^2 of 2 turns answered in /m);

    const wav = decodeWav(await readFile(out));
    expect(wav.sampleRateHz).toBe(8000);
    expect(wav.samples).toEqual(Int16Array.from({ length: 2400 }, (_, i) => 1000 * (1 + Math.floor(i / 800))));

    const events = (await readFile(json, 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events[0]).toMatchObject({ type: 'session_started', at: expect.any(Number), atMs: expect.any(Number) });
    expect(events.filter(({ type }) => type === 'cli_audio')).toMatchObject([
      { reply: 1, frames: 5, samples: 800, durationMs: 100 },
      { reply: 2, frames: 5 },
      { reply: 3, frames: 5 },
    ]);
    expect(events.at(-1)).toMatchObject({ type: 'cli_summary', turns: [{ answered: true }, { answered: true }] });
  });

  it('says that the agent has called, and speaks first', async () => {
    const { requests } = await listening({ replies: ['One.'] });
    const { exitCode } = await run(['call', speech, '--outgoing']);
    expect(exitCode).toBe(0);
    expect(requests).toEqual([{ mode: 'voice-to-voice', direction: 'outgoing', resumable: true }]);
  });

  it('exits with 4 and no_reply at a turn without an answer', async () => {
    await listening({ replies: ['One.', undefined] });
    const { exitCode, shown, errors } = await run(['call', speech, speech, speech, '--turn-timeout', '0.5']);
    expect({ exitCode, errors }).toEqual({
      exitCode: 4,
      errors: 'error no_reply: turn 2 got no reply within 0.5 s: no reply began\n',
    });
    expect(shown).toMatch(/^1 of 2 turns answered/m);
  });

  it("exits with 5 and the gateway's reason when the session is closed under it", async () => {
    await listening({ replies: ['One.'], closeAtTurn: 1 });
    const { exitCode, errors } = await run(['call', speech]);
    expect({ exitCode, errors }).toEqual({
      exitCode: 5,
      errors: 'error session_closed: the gateway closed the session: session_idle\n',
    });
  });

  it('goes on when the connection is lost in a turn, with the next of several gateways, and says so', async () => {
    const { requests, url } = await listening({ replies: ['One.', 'Two more.'], loseAtTurn: 2 });
    const json = join(folder, 'resumed.jsonl');
    const urls = `http://127.0.0.1:9, ${url}`;
    const { exitCode, shown, errors } = await run(['call', speech, speech, '--url', urls, '--json', json]);
    expect({ exitCode, errors }).toEqual({ exitCode: 0, errors: '' });
    expect(shown).toMatch(/\nconnection lost, resuming\nresumed after \d+ ms\n/);
    expect(shown).toMatch(/^2 of 2 turns answered/m);
    expect(requests.map(({ resume }) => resume)).toEqual([undefined, 's1.secret']);
    const log = await readFile(json, 'utf8');
    expect(log).toContain('"type":"cli_connection_resumed"');
    expect(log).not.toContain('s1.secret');
  });

  it('exits with 130 when it is interrupted while it speaks', async () => {
    await listening({ replies: ['One.'] });
    const { exitCode, errors } = await run(['call', speech], { interruptAt: 'playing' });
    expect({ exitCode, errors }).toEqual({ exitCode: 130, errors: 'error interrupted: stopped before the end\n' });
  });

  it('exits with 3 when the session is refused or nobody listens', async () => {
    const { exitCode, errors } = await run(['call', speech, '--url', 'http://127.0.0.1:9']);
    expect(exitCode).toBe(3);
    expect(errors).toMatch(/^error cannot_connect: no session with http:\/\/127\.0\.0\.1:9: [^\n]+\n$/);
    await listening({ replies: [], refuse: 'capacity_exceeded' });
    expect(await run(['call', speech])).toMatchObject({
      exitCode: 3,
      errors: `error capacity_exceeded: no session with ${gateway!.url}: not today\n`,
    });
  });
});

describe('parley chat', () => {
  it('writes each line of a pipe after the answer to the one before', async () => {
    const { requests, texts } = await listening({ replies: ['One.', 'Two more.'] });
    const { exitCode, shown, errors } = await run(['chat'], { input: 'a tuna sandwich\n\n  and a coke' });
    expect({ exitCode, errors }).toEqual({ exitCode: 0, errors: '' });
    expect(requests).toEqual([{ mode: 'text-to-text', resumable: true }]);
    expect(texts).toEqual(['a tuna sandwich', 'and a coke']);
    expect(shown.split('\n').slice(1, 5)).toEqual([
      'you    a tuna sandwich',
      'agent  One.',
      'you    and a coke',
      'agent  Two more.',
    ]);
  });

  it('goes on after a turn without an answer and exits with 4', async () => {
    await listening({ replies: [undefined, 'Two.'] });
    const { exitCode, shown, errors } = await run(['chat', '--turn-timeout', '0.3'], { input: 'one\ntwo\n' });
    expect({ exitCode, errors }).toEqual({
      exitCode: 4,
      errors: 'error no_reply: turn 1 got no reply within 0.3 s: no reply began\n',
    });
    expect(shown).toContain('agent  Two.\n');
  });

  it('exits with 5 when the session is closed while it waits', async () => {
    await listening({ replies: [], closeAtTurn: 1 });
    const { exitCode, errors } = await run(['chat'], { input: 'one\ntwo\n' });
    expect(exitCode).toBe(5);
    expect(errors).toMatch(/^error session_closed: /);
  });
});
