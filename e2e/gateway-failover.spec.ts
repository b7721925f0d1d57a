import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readScripted, speakScripted } from '@parley/testing/engines';
import { startSystem, type RunningSystem } from '../tools/system.mjs';
import { ClientCaller } from './client-caller.js';

const SCRIPTED = { STT_ENGINE: 'scripted', TTS_ENGINE: 'scripted', LLM_ENGINE: 'scripted' };
const RATE_HZ = 16_000;
const WORDS = 'alpha bravo charlie delta echo foxtrot golf hotel india juliet kilo lima mike november oscar papa';

const voiceOf = (words: string) => speakScripted(words, RATE_HZ);
const isEndOf = (reply: unknown) => (event: { type: string; [field: string]: unknown }) =>
  event.type === 'playout_ended' && event['reply'] === reply;

describe('a caller whose gateway dies', () => {
  let system: RunningSystem;
  let caller: ClientCaller;

  beforeEach(async () => {
    system = await startSystem({ quiet: true, env: { ...SCRIPTED }, replicas: { gateway: 2 } });
    caller = await ClientCaller.connect({ url: [system.urls.gateway, system.urls['gateway-2'] as string] });
  }, 60_000);
  afterEach(async () => {
    await caller?.hangUp();
    await system?.stop();
  }, 30_000);

  it('hears the rest of the reply from another gateway, every sample of it once', async () => {
    await caller.speak(voiceOf(WORDS));
    const { reply } = await caller.until(({ type }) => type === 'playout_started');
    await caller.when(() => caller.voiceOf(Number(reply)).length > RATE_HZ);
    await system.kill('gateway');
    const before = caller.voiceOf(Number(reply)).length;
    const ended = await caller.until(isEndOf(reply));
    expect(ended).toMatchObject({ outcome: 'completed' });
    expect(caller.voiceOf(Number(reply)).length).toBeGreaterThan(before);
    expect(caller.breaksIn(Number(reply))).toEqual([]);
    const spoken = readScripted(caller.voiceOf(Number(reply)));
    expect(spoken.text.toLowerCase()).toContain(WORDS);
    expect(spoken.text.toLowerCase().split('alpha')).toHaveLength(2);
    expect(spoken.words.every(({ complete }) => complete)).toBe(true);
    expect(caller.client.counters).toMatchObject({ resumes: 1, droppedFrames: 0, lostVoiceSamples: 0 });
    expect(caller.events.filter(({ type }) => type === 'playout_started' || type === 'playout_ended')).toHaveLength(2);
    expect(caller.events.filter(({ type }) => type === 'error')).toEqual([]);
  }, 90_000);

  it('is answered on what it said while there was no gateway', async () => {
    await caller.speak(voiceOf('warm up'));
    await caller.until(({ type }) => type === 'playout_ended');
    const from = caller.events.length;
    const speaking = caller.speak(voiceOf(WORDS));
    await caller.until(({ type }) => type === 'speech_started', 20_000, from);
    await system.kill('gateway');
    await speaking;
    const said = () =>
      caller.events.slice(from).flatMap(({ type, transcript }) => (type === 'turn_ended' ? [String(transcript)] : []));
    await caller.when(() => said().join(' ').toLowerCase().includes('papa'));
    // The word that the loss falls into may be cut: a caller of whom nothing comes counts as silent after 300 ms.
    expect(said().join(' ').toLowerCase()).toContain(WORDS.slice(WORDS.indexOf('india')));
    expect(said().join(' ').toLowerCase().split('papa')).toHaveLength(2);
    const last = caller.events.filter(({ type }) => type === 'turn_ended').at(-1);
    const end = await caller.until(({ type, turn }) => type === 'agent_end' && Number(turn) >= Number(last?.['turn']));
    expect(String(end['text']).toLowerCase()).toContain('papa');
    await caller.until(isEndOf(end['reply']));
    expect(caller.client.counters).toMatchObject({ resumes: 1, lostVoiceSamples: 0 });
  }, 90_000);

  it('has a text answered once that it wrote while there was no gateway', async () => {
    await caller.client.sendText('first');
    await caller.until(({ type }) => type === 'agent_end');
    const from = caller.events.length;
    const killed = system.kill('gateway');
    const written = caller.client.sendText('into the gap');
    await Promise.all([killed, written]);
    const end = await caller.until(({ type }) => type === 'agent_end', 20_000, from);
    expect(end['text']).toContain('into the gap');
    await caller.until(isEndOf(end['reply']));
    expect(caller.events.filter(({ type }) => type === 'reply_started')).toHaveLength(2);
  }, 90_000);

  it('is moved in the middle of a reply when its gateway is told to stop, and misses nothing', async () => {
    await caller.speak(voiceOf(WORDS));
    const { reply } = await caller.until(({ type }) => type === 'playout_started');
    await caller.when(() => caller.voiceOf(Number(reply)).length > RATE_HZ);
    process.kill(system.pids()['gateway'] as number, 'SIGTERM');
    await caller.until(({ type }) => type === 'session_moved');
    const ended = await caller.until(isEndOf(reply));
    expect(ended).toMatchObject({ outcome: 'completed' });
    expect(caller.breaksIn(Number(reply))).toEqual([]);
    expect(readScripted(caller.voiceOf(Number(reply))).text.toLowerCase()).toContain(WORDS);
    await caller.speak(voiceOf('still there'));
    const end = await caller.until(({ type, reply: other }) => type === 'agent_end' && other !== reply);
    expect(end['text']).toContain('still there');
    expect(caller.states.filter((state) => state === 'closed')).toEqual([]);
  }, 90_000);
});
