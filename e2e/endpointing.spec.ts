import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { speakScripted } from '@parley/testing/engines';
import { startSystem, type RunningSystem } from '../tools/system.mjs';
import { WsCaller, type WsMessage } from './ws-caller.js';

const env = {
  STT_ENGINE: 'scripted',
  TTS_ENGINE: 'scripted',
  LLM_ENGINE: 'scripted',
  SCRIPTED_STT_ENDS_TURNS: 'true',
  AGENT_MODULES: join(import.meta.dirname, 'endpointing-agents.mjs'),
};
const RATE_HZ = 16_000;
const COMMIT = JSON.stringify({ type: 'commit' });

/** Words, and silence after them. */
const said = (words: string, silenceMs: number) =>
  Int16Array.from([...speakScripted(words, RATE_HZ), ...new Int16Array((silenceMs * RATE_HZ) / 1000)]);
const turnsOf = ({ messages }: WsCaller) => messages.filter(({ type }) => type === 'turn_ended');

describe('the end of a turn on a running system', () => {
  let system: RunningSystem;

  const call = (agent: string) => WsCaller.connect(system.urls.gateway, `?agent=${agent}`);
  const nextTurn = (caller: WsCaller, from: number): Promise<WsMessage> =>
    caller.until(({ type }) => type === 'turn_ended', 10_000, from);

  beforeAll(async () => {
    system = await startSystem({ quiet: true, env });
  }, 60_000);
  afterAll(async () => {
    await system?.stop();
  });

  it.each([
    ['by-silence', 'one turkey club please', 400, 600],
    ['by-silence', 'one turkey club', 700, 900],
    ['by-silence', 'i would like a', 2400, 2600],
    ['by-engine', 'My number is five.', 400, 700],
    ['by-engine', 'my number is', 2100, 2400],
  ])(
    'comes %s after "%s" in %d ms',
    async (agent, words, leastMs, mostMs) => {
      const caller = await call(agent);
      const speaking = caller.speak(said(words, 3500));
      const turn = await nextTurn(caller, 0);
      expect(turn).toMatchObject({ transcript: words });
      expect(turn['eouDelayMs']).toBeGreaterThanOrEqual(leastMs - 60);
      expect(turn['eouDelayMs']).toBeLessThan(mostMs);
      await speaking;
      caller.close();
    },
    20_000,
  );

  it('comes with the commit of a caller who holds a button, and with nothing else, also when stt dies between', async () => {
    const caller = await call('by-hand');
    await caller.speak(said('one turkey club please', 3000));
    expect(turnsOf(caller)).toEqual([]);
    await caller.speak(speakScripted('and soup', RATE_HZ));
    caller.sendText(COMMIT);
    expect(await nextTurn(caller, 0)).toMatchObject({ turn: 1, transcript: 'one turkey club please and soup' });
    const from = caller.messages.length;
    await caller.speak(said('two coffees', 1000));
    await system.kill('stt');
    await caller.speak(speakScripted('to go', RATE_HZ));
    caller.sendText(COMMIT);
    await system.restart('stt');
    expect(await nextTurn(caller, from)).toMatchObject({ turn: 2, transcript: 'two coffees to go' });
    caller.sendText(COMMIT);
    await caller.speak(said('', 1000));
    expect(turnsOf(caller)).toHaveLength(2);
    caller.close();
  }, 40_000);
});
