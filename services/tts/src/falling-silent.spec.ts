import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readScripted } from '@parley/testing/engines';
import { briefly, chunk, wait } from '../spec-support/controlled-voice.js';
import { event, say } from '../spec-support/reply-events.js';
import { holdTime, releaseTime, startControlled, startScripted } from '../spec-support/started-sessions.js';

beforeEach(holdTime);
afterEach(releaseTime);

describe('TtsSession that is interrupted', () => {
  const longWinded = 'this is a sentence that goes on and on and on';

  it('sends no further frame and speaks the next reply', async () => {
    const running = startScripted();
    running.tell(say.started(1), say.sentence(1, 0, longWinded), say.sentence(1, 1), say.ended(1, 2));
    await running.pass(80);
    const { length } = running.frames;
    expect(length).toBeGreaterThan(0);
    running.tell(say.interrupted(1));
    await running.pass(1000);
    expect(running.frames).toHaveLength(length);
    running.tell(say.started(2), say.sentence(2, 0, 'Sure.'), say.ended(2, 1));
    await running.pass(1000);
    expect(running.spoken).toEqual(['2/0', 'end 2']);
    expect(readScripted(running.pcm(2, 0)).text).toBe('Sure.');
    expect(await running.counted('parley_tts_sentences_total{engine="scripted",outcome="aborted"')).toBe(1);
    expect(running.bus.events(running.sessionId, 'stage.failed')).toEqual([]);
  });

  it('is not held up by an engine that does not heed the signal', async () => {
    let left = false;
    const { running } = startControlled(async function* ({ text }) {
      try {
        for (;;) {
          yield chunk(100);
          if (text === '2/0') return;
          await wait(10);
        }
      } finally {
        if (text === '1/0') left = true;
      }
    });
    running.tell(say.sentence(1, 0));
    await running.pass(50);
    running.tell(say.interrupted(1), say.started(2), say.sentence(2, 0), say.ended(2, 1));
    await running.pass(50);
    expect(running.spoken).toEqual(['2/0', 'end 2']);
    expect(left).toBe(true);
  });

  it('stops for a newer reply too', async () => {
    const running = startScripted();
    running.tell(say.started(1), say.sentence(1, 0, longWinded));
    await running.pass(80);
    running.tell(say.started(2), say.sentence(2, 0, 'Sure.'), say.ended(2, 1));
    await running.pass(1000);
    expect(running.spoken).toEqual(['2/0', 'end 2']);
  });
});

describe('TtsSession of a caller who reads', () => {
  it('speaks no reply that is shown, and the next one that is not', async () => {
    const { engine, running } = startControlled(briefly);
    running.tell(say.shown(1), say.sentence(1, 0), say.ended(1, 1));
    await running.settle();
    expect([engine.texts, running.frames]).toEqual([[], []]);
    running.tell(say.started(2), say.sentence(2, 0), say.ended(2, 1));
    await running.settle();
    expect(running.spoken).toEqual(['2/0', 'end 2']);
  });

  it('falls silent when the gateway says that the rest is read, whatever the mode is meanwhile', async () => {
    const { running } = startControlled(async function* () {
      for (let i = 0; i < 10; i++) {
        yield chunk(100);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    });
    running.tell(say.started(1), say.sentence(1, 0));
    await running.pass(60);
    running.tell(event('session.mode', { mode: 'voice-to-text' }), say.readOn(1), say.sentence(1, 1), say.ended(1, 2));
    const sent = running.frames.length;
    running.tell(event('session.mode', { mode: 'voice-to-voice' }));
    await running.pass(1000);
    expect([running.frames.length, running.spoken]).toEqual([sent, []]);
  });
});

describe('TtsSession that is closed', () => {
  it('stops in the middle of a sentence', async () => {
    const signals: (AbortSignal | undefined)[] = [];
    const { engine, running } = startControlled(async function* ({ signal }) {
      signals.push(signal);
      for (let i = 0; i < 50; i++) {
        yield chunk(20);
        await wait(10);
      }
    });
    running.tell(say.sentence(1, 0), say.sentence(1, 1), say.ended(1, 2));
    await running.pass(50);
    const { length } = running.frames;
    await running.session.close('drained');
    running.tell(say.sentence(1, 2));
    await running.pass(2000);
    expect(signals.map((signal) => signal?.aborted)).toEqual([true]);
    expect(running.frames).toHaveLength(length);
    expect(engine.texts).toEqual(['1/0']);
  });
});
