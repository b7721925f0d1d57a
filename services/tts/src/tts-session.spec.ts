import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DEFAULT_POLICY } from '@parley/contracts';
import { EngineError } from '@parley/ports';
import { readScripted } from '@parley/testing/engines';
import { briefly, chunk } from '../spec-support/controlled-voice.js';
import { event, say } from '../spec-support/reply-events.js';
import { holdTime, releaseTime, startControlled, startScripted } from '../spec-support/started-sessions.js';

beforeEach(holdTime);
afterEach(releaseTime);

describe('TtsSession', () => {
  it('speaks sentences in order while later ones arrive, and then the end', async () => {
    const running = startScripted();
    running.tell(say.started(1), say.sentence(1, 0, 'One turkey club.'));
    await running.pass(60);
    running.tell(say.sentence(1, 1, 'Anything else?'));
    await running.pass(500);
    expect(running.spoken).toEqual(['1/0', '1/1']);
    running.tell(say.sentence(1, 2, 'Bye.'), say.ended(1, 3));
    await running.pass(500);
    expect(running.spoken).toEqual(['1/0', '1/1', '1/2', 'end 1']);
    expect([0, 1, 2].map((sentence) => readScripted(running.pcm(1, sentence)).text)).toEqual([
      'One turkey club.',
      'Anything else?',
      'Bye.',
    ]);
    expect(running.frames.at(-1)).toMatchObject({ reply: 1, sentence: 2, lastOfReply: true, lastOfSentence: false });
    expect(await running.counted('parley_tts_sentences_total{engine="scripted",outcome="spoken"')).toBe(3);
    expect(await running.counted('parley_tts_ttfb_seconds_count')).toBe(3);
  });

  it('asks the engine for the configured voice in the language of the session', async () => {
    const { engine, running } = startControlled(briefly, { config: { TTS_VOICE: 'one' }, opened: { language: 'de' } });
    running.tell(say.sentence(1, 0, 'Hallo'));
    await running.settle();
    expect(engine.requests).toMatchObject([{ text: 'Hallo', voice: 'one', language: 'de', sampleRateHz: 16_000 }]);
  });

  it("speaks each sentence with its speaker's voice, and the agent's own where the engine has no such", async () => {
    const { engine, running } = startControlled(briefly, { config: { TTS_VOICE: 'one' } });
    const policy = { ...DEFAULT_POLICY, voice: 'two', speakers: { chef: 'three', waiter: 'nobody' } };
    running.tell(event('session.policy', policy), say.sentence(1, 0, 'I.'), say.sentence(1, 1, 'Soup.', 'chef'));
    running.tell(say.sentence(1, 2, 'Yes.', 'waiter'));
    await running.settle();
    expect(engine.requests.map(({ text, voice }) => [text, voice])).toEqual([
      ['I.', 'two'],
      ['Soup.', 'three'],
      ['Yes.', 'two'],
    ]);
    expect(await running.counted('parley_tts_voice_fallbacks_total{engine="controlled",reason="unknown"')).toBe(1);
  });

  it('takes another voice when one fails before its first sound', async () => {
    const { engine, running } = startControlled(async function* ({ voice }) {
      if (voice === 'three') throw new EngineError('engine_unavailable', 'hoarse', true);
      yield chunk(100);
    });
    running.tell(event('session.policy', { ...DEFAULT_POLICY, speakers: { chef: 'three' } }));
    running.tell(say.sentence(1, 0, 'Soup.', 'chef'), say.ended(1, 1));
    await running.settle();
    expect(engine.requests.map(({ voice }) => voice)).toEqual(['three', undefined]);
    expect(running.spoken).toEqual(['1/0', 'end 1']);
    expect(running.pcm(1, 0)).toHaveLength(1600);
    expect(await running.counted('parley_tts_voice_fallbacks_total{engine="controlled",reason="failed"')).toBe(1);
    expect(running.bus.events(running.sessionId, 'stage.failed')).toEqual([]);
  });

  it('plays the recording in place of the first sentence of a reply that no engine speaks, and once a reply', async () => {
    const apology = Int16Array.from({ length: 1600 }, (_, n) => n);
    const silent = async function* () {
      throw new EngineError('engine_unavailable', 'dumb', true);
      yield chunk(1);
    };
    const { running } = startControlled(silent, { apology });
    running.tell(say.sentence(1, 0, 'One.'), say.sentence(1, 1, 'Two.'), say.ended(1, 2));
    await running.settle();
    expect(running.pcm(1, 0)).toEqual(apology);
    expect(running.pcm(1, 1)).toHaveLength(0);
    running.tell(say.started(2), say.sentence(2, 0, 'Three.'), say.ended(2, 1));
    await running.settle();
    expect(running.pcm(2, 0)).toEqual(apology);
    expect(await running.counted('parley_tts_apologies_total')).toBe(2);
  });

  it('does not apologise in the middle of a sentence', async () => {
    const breaking = async function* () {
      yield chunk(100);
      throw new EngineError('engine_unavailable', 'hoarse', true);
    };
    const { running } = startControlled(breaking, { apology: new Int16Array(16_000) });
    running.tell(say.sentence(1, 0, 'One.'), say.ended(1, 1));
    await running.settle();
    expect(running.pcm(1, 0)).toHaveLength(1600);
  });

  it('marks a sentence with nothing to say and makes no voice for it', async () => {
    const { running } = startControlled(async function* () {
      throw new Error('asked');
      yield chunk(1);
    });
    running.tell(say.sentence(1, 0, ''), say.ended(1, 1));
    await running.settle();
    expect(running.spoken).toEqual(['1/0', 'end 1']);
    expect(running.bus.events(running.sessionId, 'stage.failed')).toEqual([]);
    expect(running.frames[0]?.payload).toHaveLength(0);
  });

  it('leaves no event unspoken that arrives when its work has just ended', async () => {
    const { engine, running } = startControlled(briefly);
    const total = 60;
    // Each sentence comes one microtask later after the one before than the last, so that some hit the end of the work.
    for (let sentence = 0; sentence < total; sentence++) {
      running.tell(say.sentence(1, sentence));
      for (let turn = 0; turn < sentence; turn++) await Promise.resolve();
    }
    await running.settle();
    expect(engine.texts).toHaveLength(total);
  });

  it('does not begin before everything stored has been delivered', async () => {
    const { engine, running } = startControlled(briefly, {
      replayed: [say.started(1), say.sentence(1, 0), say.interrupted(1), say.started(2), say.sentence(2, 0)],
    });
    await running.settle();
    expect(engine.texts).toEqual(['2/0']);
    expect(running.spoken).toEqual(['2/0']);
  });

  it('goes on at the sentence that is being played when it takes over', async () => {
    const past = [say.started(1), say.sentence(1, 0), say.sentence(1, 1), say.sentence(1, 2), say.ended(1, 3)];
    const { running } = startControlled(briefly, { replayed: [...past, say.progress(1, 0), say.progress(1, 1)] });
    await running.settle();
    expect(running.spoken).toEqual(['1/1', '1/2', 'end 1']);
  });

  it('says nothing again that was played out when it takes over', async () => {
    const past = [say.started(1), say.sentence(1, 0), say.ended(1, 1), say.played(1)];
    const { running } = startControlled(briefly, { replayed: past });
    await running.settle();
    expect(running.frames).toEqual([]);
  });
});
