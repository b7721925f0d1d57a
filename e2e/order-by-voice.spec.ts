import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeWav } from '@parley/audio';
import { EventLog } from '@parley/ports/conformance';
import { createPocketsphinx } from '@parley/provider-pocketsphinx';
import { EXAMPLE_KEY_TERMS, EXAMPLE_WAVS } from '../tools/example-call.mjs';
import { startSystem, type RunningSystem } from '../tools/system.mjs';
import { ROOT, parley } from './parley-command.js';
import { WsCaller } from './ws-caller.js';

async function exampleVoice(name: string): Promise<Int16Array> {
  return decodeWav(await readFile(join(ROOT, 'examples/audio', `${name}.wav`))).samples;
}

/** Reads a voice back to text, so that a test can tell what was really said. */
async function transcribe(pcm: Int16Array): Promise<string> {
  const engine = createPocketsphinx({ decoders: 1 });
  // Flite's voice has noise in it and is never the same twice: the listener knows what the talk is about, as callers do.
  const keyTerms = EXAMPLE_KEY_TERMS.split(',');
  const stream = await engine.open({ sessionId: 'check', sampleRateHz: 16_000, language: 'en', keyTerms });
  const log = new EventLog(stream, 30_000);
  try {
    stream.write(pcm);
    stream.flush();
    await log.flushed(1);
    return log.finals.join(' ');
  } finally {
    await stream.close();
    await engine.close();
  }
}

describe('a caller on real speech, through four processes and a real broker', () => {
  let system: RunningSystem;
  let folder: string;

  beforeAll(async () => {
    system = await startSystem({ quiet: true, env: { STT_KEY_TERMS: EXAMPLE_KEY_TERMS } });
    folder = await mkdtemp(join(tmpdir(), 'parley-e2e-'));
  }, 90_000);
  afterAll(async () => {
    await system?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('orders in three turns, and hears the right total', async () => {
    const [out, json] = [join(folder, 'reply.wav'), join(folder, 'events.jsonl')];
    const run = await parley(['call', ...EXAMPLE_WAVS, '--url', system.urls.gateway, '--out', out, '--json', json]);
    expect(run).toMatchObject({ exitCode: 0 });
    const events = (await readFile(json, 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown> & { type: string });
    const of = (type: string) => events.filter((event) => event.type === type);
    expect(of('stt_output').map(({ transcript }) => transcript)).toEqual([
      expect.stringMatching(/what is on the menu/i),
      expect.stringMatching(/two turkey clubs and a soda/i),
      expect.stringMatching(/confirm my order/i),
    ]);
    expect(of('stt_chunk').length).toBeGreaterThan(3);
    expect(of('tool_call').map(({ tool }) => tool)).toEqual([
      'get_menu',
      'add_to_order',
      'add_to_order',
      'confirm_order',
    ]);
    expect(of('agent_end').map(({ outcome }) => outcome)).toEqual(['completed', 'completed', 'completed']);
    expect(of('agent_end').at(-1)?.['text']).toContain('$22');

    const reply = decodeWav(await readFile(out));
    expect(reply).toMatchObject({ sampleRateHz: 16_000, channels: 1 });
    const spoken = await transcribe(reply.samples);
    expect(spoken).toMatch(/twenty two dollars/i);
  }, 120_000);

  it('answers a raw WebSocket client that falls silent by sending nothing at all', async () => {
    const caller = await WsCaller.connect(system.urls.gateway);
    await caller.speak(await exampleVoice('menu'), 100);
    await caller.until(({ type }) => type === 'stt_output');
    await caller.until(({ type }) => type === 'tool_result');
    const end = await caller.until(({ type }) => type === 'agent_end');
    expect(end).toMatchObject({ outcome: 'completed', text: expect.stringContaining('Turkey Club') as unknown });
    await caller.until(({ type }) => type === 'playout_ended', 30_000);
    expect(caller.messages.filter(({ type }) => type === 'agent_chunk').length).toBeGreaterThan(0);
    expect(await transcribe(caller.voice)).toMatch(/turkey club/i);
    caller.sendText('{"type":"end"}');
    await caller.until(({ type }) => type === 'session_ended');
    await caller.closed();
  }, 60_000);

  it('stops talking when the caller talks over it, and answers what was said', async () => {
    const caller = await WsCaller.connect(system.urls.gateway);
    await caller.speak(await exampleVoice('menu'));
    await caller.until(({ type }) => type === 'playout_started');
    await caller.speak(await exampleVoice('order'));
    expect(await caller.until(({ type }) => type === 'audio_flush')).toMatchObject({ reply: 1 });
    await caller.until(
      ({ type, reply, outcome }) => type === 'playout_ended' && reply === 1 && outcome === 'interrupted',
    );
    const end = await caller.until(({ type, reply }) => type === 'agent_end' && Number(reply) > 1);
    expect(end).toMatchObject({ outcome: 'completed', text: expect.stringContaining('$22') as unknown });
    caller.close();
  }, 60_000);

  it('holds the same conversation in text', async () => {
    const lines = ['what do you have', 'two turkey clubs and a soda', "that's all, thank you"];
    const run = await parley(['chat', '--url', system.urls.gateway], `${lines.join('\n')}\n`);
    expect(run).toMatchObject({ exitCode: 0 });
    expect(run.stdout).toContain('$22');
  }, 60_000);

  it('says what is wrong with a file that is no audio, and with a gateway that is not there', async () => {
    const noAudio = await parley(['call', 'README.md', '--url', system.urls.gateway]);
    expect(noAudio.exitCode).toBe(2);
    expect(noAudio.stderr).toMatch(/^error \w+: /);
    const nobody = await parley(['call', 'examples/audio/order.wav', '--url', 'http://127.0.0.1:9']);
    expect(nobody.exitCode).toBe(3);
    expect(nobody.stderr).toMatch(/^error \w+: /);
  });
});
