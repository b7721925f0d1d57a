import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { EngineError } from '@parley/ports';
import { briefly, chunk, type Speak } from '../spec-support/controlled-voice.js';
import { say } from '../spec-support/reply-events.js';
import { holdTime, releaseTime, startControlled } from '../spec-support/started-sessions.js';

beforeEach(holdTime);
afterEach(releaseTime);

describe('TtsSession whose engine fails', () => {
  const broken = (error: unknown): Speak =>
    async function* ({ text }) {
      yield chunk(30);
      if (text === '1/0') throw error;
    };

  it.each([
    ['engine_unavailable', new EngineError('engine_unavailable', 'gone', true)],
    ['internal', new Error('no code')],
  ])('says so, speaks the next sentence and ends the reply: %s', async (code, error) => {
    const { running } = startControlled(broken(error));
    running.tell(say.started(1), say.sentence(1, 0), say.sentence(1, 1), say.ended(1, 2));
    await running.settle();
    expect(running.spoken).toEqual(['1/0', '1/1', 'end 1']);
    expect(running.bus.events(running.sessionId, 'stage.failed')).toMatchObject([
      { code: 'engine_failed', message: `text to speech: ${code}`, retryable: true, reply: 1 },
    ]);
    const outcome = (name: string) => running.counted(`parley_tts_sentences_total{engine="controlled",outcome="${name}"`); // prettier-ignore
    expect([await outcome('failed'), await outcome('spoken')]).toEqual([1, 1]);
    expect(await running.counted(`parley_tts_engine_failures_total{engine="controlled",code="${code}"`)).toBe(1);
  });

  it.each([0, 1])('gives a sentence up when the engine falls silent after %d chunks', async (chunks) => {
    const { running } = startControlled(
      async function* ({ text }) {
        for (let n = 0; n < chunks; n++) yield chunk(100);
        if (text === '1/0') await new Promise(() => undefined);
        yield chunk(100);
      },
      { config: { TTS_TIMEOUT_MS: 500 } },
    );
    running.tell(say.sentence(1, 0), say.sentence(1, 1), say.ended(1, 2));
    await running.pass(400);
    expect(running.spoken).toEqual([]);
    await running.pass(200);
    expect(running.spoken).toEqual(['1/0', '1/1', 'end 1']);
    expect(await running.counted('parley_tts_engine_failures_total{engine="controlled",code="engine_timeout"')).toBe(1);
  });

  it('speaks the next reply when a silent engine was interrupted', async () => {
    const { running } = startControlled(async function* ({ text }) {
      if (text === '1/0') await new Promise(() => undefined);
      yield chunk(100);
    });
    running.tell(say.sentence(1, 0));
    await running.pass(50);
    running.tell(say.interrupted(1), say.sentence(2, 0), say.ended(2, 1));
    await running.pass(50);
    expect(running.spoken).toEqual(['2/0', 'end 2']);
  });

  it('goes on when the engine throws before it speaks', async () => {
    const { running } = startControlled(({ text }) => {
      if (text === '1/0') throw new EngineError('engine_input', 'unspeakable', false);
      return briefly({} as never);
    });
    running.tell(say.started(1), say.sentence(1, 0), say.sentence(1, 1), say.ended(1, 2));
    await running.settle();
    expect(running.spoken).toEqual(['1/0', '1/1', 'end 1']);
  });
});
