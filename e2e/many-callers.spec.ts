import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readScripted, speakScripted } from '@parley/testing/engines';
import { startSystem, type RunningSystem } from '../tools/system.mjs';
import { WsCaller } from './ws-caller.js';

const SCRIPTED = { STT_ENGINE: 'scripted', TTS_ENGINE: 'scripted', LLM_ENGINE: 'scripted' };
const RATE_HZ = 16_000;

/** Speaks one sentence and waits until its answer has been played. */
async function turn(caller: WsCaller, words: string): Promise<string> {
  const from = caller.messages.length;
  const audioFrom = caller.audio.length;
  await caller.speak(speakScripted(words, RATE_HZ));
  await caller.until(({ type }) => type === 'agent_end', 20_000, from);
  await caller.until(({ type }) => type === 'playout_ended', 20_000, from);
  const pcm = caller.audio.slice(audioFrom).flatMap((chunk) => [...chunk]);
  const { text } = readScripted(Int16Array.from(pcm));
  // Says what happened instead, when it is not what was expected.
  return text || JSON.stringify(caller.messages.slice(from));
}

describe('many callers on one system', () => {
  let system: RunningSystem;

  beforeAll(async () => {
    system = await startSystem({ quiet: true, env: { ...SCRIPTED } });
  }, 60_000);
  afterAll(async () => {
    await system?.stop();
  });

  it('never lets twenty callers hear or read each other', async () => {
    const callers = await Promise.all(Array.from({ length: 20 }, () => WsCaller.connect(system.urls.gateway)));
    expect(new Set(callers.map(({ sessionId }) => sessionId)).size).toBe(20);
    await Promise.all(
      callers.map(async (caller, i) => {
        for (const round of ['one', 'two']) {
          const words = `caller ${'abcdefghijklmnopqrst'[i]}${i} round ${round}`;
          const heard = await turn(caller, words);
          expect(heard.toLowerCase()).toContain(words);
        }
        const others = JSON.stringify(caller.messages).matchAll(/caller ([a-t]\d+)/g);
        const names = new Set([...others].map(([, name]) => name));
        expect(names).toEqual(new Set([`${'abcdefghijklmnopqrst'[i]}${i}`]));
        const voices = readScripted(caller.voice).text.matchAll(/\b([a-t]\d+)\b/g);
        expect(new Set([...voices].map(([, name]) => name))).toEqual(names);
        caller.close();
      }),
    );
  }, 90_000);

  it('answers bad input with a coded error each, and nobody else notices', async () => {
    const [bad, good] = [await WsCaller.connect(system.urls.gateway), await WsCaller.connect(system.urls.gateway)];
    const answer = turn(good, 'all is well');
    const expectError = (code: string) => bad.until(({ type, code: given }) => type === 'error' && given === code);
    bad.sendBinary(new Uint8Array(641));
    await expectError('audio_odd_length');
    bad.sendBinary(new Uint8Array(65_538));
    await expectError('frame_too_large');
    bad.sendText('this is not JSON');
    await expectError('invalid_json');
    bad.sendText('{"type":"dance"}');
    await expectError('unknown_type');
    bad.sendText('{"type":"text"}');
    await expectError('invalid_message');
    // The session itself goes on.
    await expect(turn(bad, 'still here')).resolves.toContain('still here');
    await expect(answer).resolves.toContain('all is well');
    bad.close();
    good.close();
  }, 60_000);

  it.each(['stt', 'agent', 'tts'])(
    'reports a dead %s within 2 s, and goes on with the call when it is back',
    async (stage) => {
      const caller = await WsCaller.connect(system.urls.gateway);
      await turn(caller, 'before the crash');
      const from = caller.messages.length;
      await system.kill(stage);
      const killedAt = performance.now();
      const error = await caller.until(({ type, stage: which }) => type === 'error' && which === stage, 4000, from);
      expect(error).toMatchObject({ code: 'stage_unavailable', retryable: true });
      expect(performance.now() - killedAt).toBeLessThan(2000);
      await system.restart(stage);
      await caller.until(({ type, stage: which }) => type === 'stage_restored' && which === stage, 15_000, from);
      await expect(turn(caller, 'after the crash')).resolves.toContain('after the crash');
      caller.close();
    },
    60_000,
  );

  it('answers what was said while the agent stage was down', async () => {
    const caller = await WsCaller.connect(system.urls.gateway);
    await turn(caller, 'warm up');
    const from = caller.messages.length;
    await system.kill('agent');
    await caller.speak(speakScripted('said into the gap', RATE_HZ));
    await caller.until(({ type }) => type === 'turn_ended', 10_000, from);
    await system.restart('agent');
    const end = await caller.until(({ type }) => type === 'agent_end', 15_000, from);
    expect(end).toMatchObject({ outcome: 'completed', text: expect.stringContaining('said into the gap') as unknown });
    caller.close();
  }, 60_000);

  it('moves a call to another replica when its own is told to stop', async () => {
    const own = await startSystem({ quiet: true, env: { ...SCRIPTED }, replicas: { stt: 2, agent: 2, tts: 2 } });
    try {
      const callers = await Promise.all(Array.from({ length: 6 }, () => WsCaller.connect(own.urls.gateway)));
      await Promise.all(callers.map((caller) => turn(caller, 'first')));
      for (const stage of ['stt', 'agent', 'tts']) await own.restart(stage);
      for (const [i, caller] of callers.entries()) {
        await expect(turn(caller, `second ${i}`)).resolves.toContain(`second ${i}`);
        expect(caller.messages.filter(({ type }) => type === 'error')).toEqual([]);
        caller.close();
      }
    } finally {
      await own.stop();
    }
  }, 90_000);
});
