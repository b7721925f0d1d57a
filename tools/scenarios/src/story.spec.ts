import { describe, expect, it } from '@jest/globals';
import type { EdgeEvent, ParleyEvent } from '@parley/contracts';
import { speakScripted } from '@parley/testing/engines';
import type { CallerDoor } from './caller-door.js';
import { Caller, type Timed } from './caller.js';
import { parseScenario } from './scenario-file.js';
import type { SessionWatch } from './session-watch.js';
import { Story } from './story.js';
import { RATE_HZ, scriptedVoices } from './voices.js';

const nowMs = () => performance.now();

/** A caller in a session that the test plays the gateway of. */
async function begin() {
  const sent: unknown[] = [];
  const door: CallerDoor = {
    sessionId: 's1',
    audio: () => true,
    send: (message) => {
      sent.push(message);
      return Promise.resolve();
    },
    leave: () => Promise.resolve(),
  };
  const request = {
    gatewayUrl: '',
    agent: 'a',
    mode: 'text-to-voice' as const,
    direction: 'incoming' as const,
    frameMs: 20,
    pausable: true,
  };
  const caller = await Caller.connect({ request, open: () => Promise.resolve(door), nowMs });
  const watch = { events: [] as Timed<ParleyEvent>[], history: [] } as unknown as SessionWatch;
  const story = new Story({ caller, watch, voices: scriptedVoices(), nowMs, said: [], patienceMs: 60 });
  const take = (step: string) => {
    const [parsed] = parseScenario(`name: n\nsteps:\n  - ${step}`, 'f', 'f').steps;
    return story.take(parsed!);
  };
  const told = (event: EdgeEvent) => caller.event(event);
  return { caller, sent, take, told };
}

describe('a story', () => {
  it('finds what came since the step before, in any order', async () => {
    const { take, told, sent } = await begin();
    await take('text: hello');
    told({ type: 'reply_started', reply: 1, turn: 1 });
    told({ type: 'agent_end', reply: 1, turn: 1, outcome: 'completed', text: 'Hi.' });
    expect(await take('{ expect: agent_end, with: { outcome: completed } }')).toBeUndefined();
    expect(await take('{ expect: reply_started, with: { reply: 1 } }')).toBeUndefined();
    expect(sent).toEqual([{ type: 'text', text: 'hello' }]);
  });

  it('does not take what came before that for it, unless it may be anywhere', async () => {
    const { take, told } = await begin();
    told({ type: 'turn_ended', turn: 1, transcript: 'tea', eouDelayMs: 700 });
    await take('wait_ms: 5');
    expect(await take('{ expect: turn_ended, within_ms: 20 }')).toBe('no turn_ended came within 20 ms');
    expect(await take('{ expect: turn_ended, ever: true }')).toBeUndefined();
  });

  it('says what came instead', async () => {
    const { take, told } = await begin();
    await take('wait_ms: 1');
    told({ type: 'reply_started', reply: 2, turn: 1 });
    expect(await take('{ expect: reply_started, with: { reply: 1 }, within_ms: 10 }')).toBe(
      'what came within 10 ms was reply_started reply=2 turn=1 (reply was 2)',
    );
  });

  it('fails when something comes that must not', async () => {
    const { take, told } = await begin();
    await take('wait_ms: 1');
    expect(await take('{ expect: audio_flush, absent: true, within_ms: 10 }')).toBeUndefined();
    told({ type: 'audio_flush', reply: 1 });
    await take('wait_ms: 1');
    expect(await take('{ expect: audio_flush, absent: true, ever: true, within_ms: 10 }')).toBe(
      'it came: audio_flush reply=1',
    );
  });

  it('hears what the speaker has played, when it has played it', async () => {
    const { take, told, caller } = await begin();
    told({ type: 'playout_started', reply: 1 });
    caller.audio(speakScripted('two words', RATE_HZ, { wordMs: 30, gapMs: 5 }), { reply: 1, sentence: 0, pts: 0 });
    expect(await take('{ when: sentence 1 playing }')).toBeUndefined();
    expect(await take('{ expect_heard: two words }')).toBeUndefined();
    expect(await take('{ when: sentence 1 over }')).toBeUndefined();
    expect(await take('{ expect_heard: three words, within_ms: 10 }')).toMatch(/^the speaker played "two words"/u);
  });

  it('holds the speaker at a pause, says where, and goes on', async () => {
    const { told, caller, sent, take } = await begin();
    told({ type: 'playout_started', reply: 1 });
    caller.audio(new Int16Array(RATE_HZ), { reply: 1, sentence: 0, pts: 0 });
    told({ type: 'audio_pause', reply: 1 });
    const [played] = sent as { type: string; pts: number }[];
    expect(played).toMatchObject({ type: 'played', reply: 1, sentence: 0 });
    expect(caller.quietFromMs).toBe(Infinity);
    told({ type: 'audio_resume', reply: 1 });
    expect(await take('{ when: sentence 1 playing }')).toBeUndefined();
    expect(caller.speaker.pieces.reduce((sum, { pcm }) => sum + pcm.length, 0)).toBe(RATE_HZ);
  });
});
