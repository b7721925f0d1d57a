import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { dtmfTones } from '@parley/audio';
import { readScripted, speakScripted } from '@parley/testing/engines';
import { startSystem, type RunningSystem } from '../tools/system.mjs';
import { ClientCaller, type HeardEvent } from './client-caller.js';

const ended = (reply: number) => (event: HeardEvent) => event.type === 'agent_end' && event.reply === reply;
const over = (reply: number) => (event: HeardEvent) => event.type === 'playout_ended' && event.reply === reply;

describe('an agent that does more than answer, through four processes and a real broker', () => {
  let system: RunningSystem;

  beforeAll(async () => {
    system = await startSystem({
      quiet: true,
      env: {
        AGENT_MODULES: './e2e/agents/guide.mjs',
        DEFAULT_AGENT: 'guide',
        ...{ STT_ENGINE: 'scripted', LLM_ENGINE: 'scripted', TTS_ENGINE: 'scripted', SCRIPTED_LLM_TOKEN_MS: '60' },
      },
    });
  }, 90_000);
  afterAll(() => system?.stop());

  it('greets, lets another speak, is switched between voice and text, and hangs up', async () => {
    const caller = await ClientCaller.connect({ url: system.urls.gateway, mode: 'text-to-text' });
    const { client } = caller;
    expect(await caller.until(ended(1))).toMatchObject({ turn: 0, text: 'Welcome! How can I help?' });

    await client.sendText('Who is there?');
    await caller.until(ended(2));
    const chunks = caller.events.filter(({ type, speaker }) => type === 'agent_chunk' && speaker === 'chef');
    expect(chunks.map(({ text }) => text).join('')).toBe('[chef]: The soup is hot.');
    expect(caller.voice).toEqual([]);

    await client.send({ type: 'mode', mode: 'voice-to-voice' });
    await caller.speak(speakScripted('who is there', 16_000));
    await caller.until(over(3), 30_000);
    expect(readScripted(caller.voiceOf(3)).text).toBe('Let me ask. The soup is hot. That was the chef.');

    await caller.speak(speakScripted('a long story', 16_000));
    await caller.until(({ type, reply }) => type === 'playout_started' && reply === 4, 30_000);
    await client.send({ type: 'mode', mode: 'voice-to-text' });
    expect(await caller.until(over(4))).toMatchObject({ outcome: 'interrupted' });
    expect(await caller.until(ended(4))).toMatchObject({
      outcome: 'completed',
      text: expect.stringMatching(/^Once.*its end\.$/) as unknown,
    });

    await client.send({ type: 'dtmf', digits: '42#' });
    expect(await caller.until(ended(5))).toMatchObject({ text: 'You said: pressed 4 2 #.' });

    await client.send({ type: 'mode', mode: 'text-to-voice' });
    await client.sendText('Dial.');
    await caller.until(over(6), 30_000);
    const tones = caller.voice.filter(({ reply, sentence }) => reply === 6 && sentence === 1);
    expect(tones.flatMap(({ pcm }) => [...pcm])).toEqual([...dtmfTones('12#', 16_000)]);

    await client.sendText('Bye.');
    const { reason } = await caller.until(({ type }) => type === 'session_ended', 30_000);
    expect(reason).toBe('agent_ended');
    expect(readScripted(caller.voiceOf(7)).text).toBe('Good bye.');
    await caller.hangUp();
  }, 120_000);
});
