import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { DEFAULT_POLICY } from '@parley/contracts';
import { EngineError } from '@parley/ports';
import { createScriptedTextToSpeech, readScripted, speakScripted } from '@parley/testing/engines';
import { ControlledVoice, type Speak } from '../spec-support/controlled-voice.js';
import { event, say } from '../spec-support/reply-events.js';
import { MAX_FRAME_MS } from './frame-cutter.js';
import { RunningTtsSession, type RunningTtsSessionOptions } from '../spec-support/running-tts-session.js';

const chunk = (durationMs: number) => ({ pcm: new Int16Array(durationMs * 16).fill(7) });
const wait = (delayMs: number) => new Promise<void>((resolve) => setTimeout(resolve, delayMs));

/** Speaks each text as 100 ms of voice at once. */
const briefly: Speak = async function* () {
  yield chunk(100);
};

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
});

afterEach(() => {
  jest.useRealTimers();
});

/** A session whose engine speaks scripted voice, 100 ms of it every 10 ms. */
function startScripted(options: Partial<RunningTtsSessionOptions> = {}) {
  return new RunningTtsSession({ engine: createScriptedTextToSpeech({ firstAudioMs: 50 }), ...options });
}

function startControlled(speak: Speak, options: Partial<RunningTtsSessionOptions> = {}) {
  const engine = new ControlledVoice(speak);
  return { engine, running: new RunningTtsSession({ engine, ...options }) };
}

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

describe('TtsSession whose engine gives word times', () => {
  const text = 'one two three four five six seven eight nine ten';
  const toldIn = (running: RunningTtsSession) => running.bus.events(running.sessionId, 'synthesis.words');

  it('tells them in few events, in order', async () => {
    const running = startScripted();
    running.tell(say.started(1), say.sentence(1, 0, text), say.sentence(1, 1, 'Bye.'), say.ended(1, 2));
    await running.pass(1000);
    const told = toldIn(running);
    expect(told.map(({ sentence, first }) => [sentence, first])).toEqual([[0, 0], [0, 5], [0, 9], [1, 0]]); // prettier-ignore
    expect(told.flatMap(({ words }) => words.map(({ word }) => word)).join(' ')).toBe(`${text} Bye.`);
    expect(told[0]?.words[1]).toEqual({ word: 'two', startMs: 240, endMs: 440 });
    expect(await running.counted('parley_tts_timed_words_total{engine="scripted"')).toBe(11);
  });

  it('tells those that it knows of a sentence that is interrupted', async () => {
    const running = startScripted();
    running.tell(say.started(1), say.sentence(1, 0, text));
    await running.pass(80);
    expect(toldIn(running)).toEqual([]);
    running.tell(say.interrupted(1));
    await running.settle();
    expect(toldIn(running).flatMap(({ words }) => words.map(({ word }) => word))).toEqual(['one', 'two']);
  });

  it('tells none when it is closed', async () => {
    const running = startScripted();
    running.tell(say.started(1), say.sentence(1, 0, text));
    await running.pass(80);
    await running.session.close('drained');
    await running.settle();
    expect(toldIn(running)).toEqual([]);
  });

  it('tells nothing of an engine without them', async () => {
    const { running } = startControlled(briefly);
    running.tell(say.sentence(1, 0));
    await running.settle();
    expect(toldIn(running)).toEqual([]);
  });
});

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

describe('TtsSession that is ahead', () => {
  /** Speaks a minute, 100 ms at a time, as fast as it is let. */
  const aMinute: Speak = async function* () {
    for (let i = 0; i < 600; i++) yield chunk(100);
  };

  it('waits for the listener, across sentences', async () => {
    const { running } = startControlled(aMinute, { config: { TTS_MAX_LEAD_MS: 2000 } });
    running.tell(say.sentence(1, 0), say.sentence(1, 1));
    await running.pass(0);
    const sentMs = () => running.frames.reduce((sum, { payload }) => sum + payload.length / 2 / 16, 0);
    expect(sentMs()).toBeGreaterThan(2100 - MAX_FRAME_MS);
    expect(sentMs()).toBeLessThanOrEqual(2100);
    await running.pass(10_000);
    expect(sentMs()).toBeGreaterThan(12_000 - MAX_FRAME_MS);
    expect(sentMs()).toBeLessThanOrEqual(12_100);
    await running.pass(60_000);
    expect(running.spoken).toEqual(['1/0']);
    expect(sentMs()).toBeLessThanOrEqual(72_200);
  });

  it('begins anew with the next reply', async () => {
    const { running } = startControlled(aMinute, { config: { TTS_MAX_LEAD_MS: 2000 } });
    running.tell(say.sentence(1, 0));
    await running.pass(5000);
    running.tell(say.interrupted(1), say.sentence(2, 0));
    await running.pass(20);
    const { length } = running.pcm(2, 0);
    expect(length).toBeGreaterThan((2100 - MAX_FRAME_MS) * 16);
    expect(length).toBeLessThanOrEqual(2100 * 16);
  });

  it('sends longer frames the further ahead it is, and the first ones as short as the session wants them', async () => {
    const { running } = startControlled(aMinute, { config: { TTS_MAX_LEAD_MS: 2000 } });
    running.tell(say.sentence(1, 0));
    await running.pass(0);
    const lengthsMs = running.frames.map(({ payload }) => payload.length / 2 / 16);
    expect(lengthsMs.slice(0, 5)).toEqual([20, 20, 20, 20, 20]);
    expect([...lengthsMs].sort((a, b) => a - b)).toEqual(lengthsMs);
    expect(lengthsMs.at(-1)).toBe(MAX_FRAME_MS);
  });

  it('is busy while the caller is about to need what is being spoken, and not when there is more in hand or nothing', async () => {
    const slowly: Speak = async function* () {
      for (let i = 0; i < 40; i++) {
        await wait(20);
        yield chunk(100);
      }
    };
    const { running } = startControlled(slowly);
    expect(running.session.isBusy()).toBe(false);
    running.tell(say.sentence(1, 0));
    await running.pass(200);
    expect(running.session.isBusy()).toBe(true);
    await running.pass(400);
    expect(running.session.isBusy()).toBe(false);
    await running.pass(1000);
    expect([running.spoken, running.session.isBusy()]).toEqual([['1/0'], false]);
  });

  it('waits while the broker is behind', async () => {
    const { running } = startControlled(aMinute, { config: { TTS_MAX_LEAD_MS: 600_000 } });
    running.unackedFrames = 257;
    running.tell(say.sentence(1, 0));
    await running.pass(5000);
    expect(running.frames).toHaveLength(5);
    running.unackedFrames = 256;
    await running.pass(100);
    expect(running.spoken).toEqual(['1/0']);
  });
});

describe('TtsSession with a rate of its own', () => {
  it('gives voice at the rate and frame length of the session', async () => {
    const engine = new ControlledVoice(
      async function* () {
        // The first ones are so short that nothing comes out of the resampler yet.
        for (const samples of [2, 2, 23_996]) yield { pcm: new Int16Array(samples).fill(1000) };
      },
      [48_000, 24_000, 8000],
    );
    const running = new RunningTtsSession({ engine, opened: { outputSampleRateHz: 16_000, outputFrameMs: 40 } });
    running.tell(say.sentence(1, 0), say.ended(1, 1));
    await running.pass(100);
    expect(engine.requests[0]?.sampleRateHz).toBe(24_000);
    expect(running.spoken).toEqual(['1/0', 'end 1']);
    expect(running.pcm(1, 0)).toHaveLength(16_000);
    expect(running.pcm(1, 0)[8000]).toBeGreaterThan(950);
    const [first] = running.frames;
    expect(first).toMatchObject({ sampleRateHz: 16_000, codec: 'pcm_s16le' });
    expect(first?.payload).toHaveLength(640 * 2);
    expect(await running.counted('parley_tts_audio_seconds_total')).toBe(1);
    expect(await running.counted('parley_tts_ttfb_seconds_count')).toBe(1);
  });

  it("takes the engine's own rate where it is the session's, and its highest when all are lower", async () => {
    for (const [rates, wanted, taken] of [
      [[48_000, 16_000], 16_000, 16_000],
      [[8000, 16_000], 24_000, 16_000],
    ] as const) {
      // prettier-ignore
      const engine = new ControlledVoice(briefly, rates);
      const running = new RunningTtsSession({ engine, opened: { outputSampleRateHz: wanted } });
      running.tell(say.sentence(1, 0));
      await running.pass(100);
      expect(engine.requests[0]?.sampleRateHz).toBe(taken);
    }
  });

  it('gives back its voice unchanged when no rate differs', async () => {
    const running = startScripted();
    running.tell(say.sentence(1, 0, 'club'), say.ended(1, 1));
    await running.pass(500);
    expect(running.pcm(1, 0)).toEqual(speakScripted('club', 16_000));
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
