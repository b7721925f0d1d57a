import { describe, expect, it } from '@jest/globals';
import { samplesToMs } from '@parley/audio';
import { EngineError, type SpeechChunk, type SynthesisRequest, type TextToSpeech } from '@parley/ports';
import { textToSpeechConformance } from '@parley/ports/conformance';
import { createScriptedTextToSpeech } from '@parley/testing/engines';
import type { ChainObserver } from './chain-observer.js';
import { CircuitBreaker } from './circuit-breaker.js';
import { FallbackTextToSpeech } from './fallback-text-to-speech.js';
import type { Link } from './link.js';

const TEXT = 'Here is the whole order once more so that you can check it before we begin.';
const RATE = 16_000;

/** A scripted engine that breaks after so much audio of each text, and keeps what it was asked for. */
function breaking(provider: string, afterMs = Infinity, withWords = true) {
  const scripted = createScriptedTextToSpeech({});
  const asked: SynthesisRequest[] = [];
  const engine: TextToSpeech = {
    ...scripted,
    name: provider,
    async *synthesize(request) {
      asked.push(request);
      let ms = 0;
      for await (const { pcm, words } of scripted.synthesize(request)) {
        if (ms >= afterMs) break;
        ms += samplesToMs(pcm.length, request.sampleRateHz);
        yield { pcm, ...(words && withWords && { words }) };
      }
      if (afterMs < Infinity) throw new EngineError('engine_unavailable', 'broken by the test', true);
    },
  };
  const link: Link<TextToSpeech> = { provider, engine, health: new CircuitBreaker() };
  return { link, asked };
}

function chainOf(...links: [Link<TextToSpeech>, ...Link<TextToSpeech>[]]) {
  const fallbacks: string[][] = [];
  const observer: ChainObserver = { onFallback: ({ from, to }) => fallbacks.push([from, to]) };
  return { chain: new FallbackTextToSpeech(links, { observer }), fallbacks };
}

async function speak(chain: TextToSpeech, more: Partial<SynthesisRequest> = {}) {
  const chunks: SpeechChunk[] = [];
  for await (const chunk of chain.synthesize({
    sessionId: 's1',
    text: TEXT,
    language: 'en',
    sampleRateHz: RATE,
    ...more,
  })) {
    chunks.push(chunk);
  }
  const pcm = new Int16Array(chunks.reduce((sum, chunk) => sum + chunk.pcm.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    pcm.set(chunk.pcm, at);
    at += chunk.pcm.length;
  }
  return { pcm, words: chunks.flatMap((chunk) => chunk.words ?? []) };
}

textToSpeechConformance('a chain', () => chainOf(breaking('one').link, breaking('two').link).chain);

describe('a chain of text-to-speech engines', () => {
  it('goes on with the next unspoken word', async () => {
    const [one, two] = [breaking('one', 1000), breaking('two')];
    const { chain, fallbacks } = chainOf(one.link, two.link);
    const { words } = await speak(chain);
    expect(fallbacks).toEqual([['one', 'two']]);
    const rest = two.asked[0]?.text ?? '';
    expect(TEXT.endsWith(rest)).toBe(true);
    expect(rest.length).toBeLessThan(TEXT.length);
    // Words come in order, and each is timed behind the one before it, over the seam.
    const starts = words.map(({ startMs }) => startMs);
    expect(starts).toEqual([...starts].sort((a, b) => a - b));
  });

  it('guesses what was spoken from how long it took, where words are not timed', async () => {
    const [one, two] = [breaking('one', 1000, false), breaking('two')];
    await speak(chainOf(one.link, two.link).chain);
    const rest = two.asked[0]?.text ?? '';
    expect(TEXT.endsWith(rest)).toBe(true);
    expect(rest.length).toBeGreaterThan(0);
    expect(rest.length).toBeLessThan(TEXT.length);
  });

  it('speaks the whole text with the next engine when the first says nothing', async () => {
    const [one, two] = [breaking('one', 0), breaking('two')];
    await speak(chainOf(one.link, two.link).chain);
    expect(two.asked.map(({ text }) => text)).toEqual([TEXT]);
  });

  it('throws the last error when every engine fails', async () => {
    const { chain } = chainOf(breaking('one', 0).link, breaking('two', 0).link);
    await expect(speak(chain)).rejects.toMatchObject({ code: 'engine_unavailable' });
  });

  it('asks another engine for its own voice, not for one that it does not have', async () => {
    const [one, two] = [breaking('one', 0), breaking('two')];
    Object.assign(one.link.engine.capabilities, { voices: [] });
    await speak(chainOf(one.link, two.link).chain, { voice: 'somebody-of-one' });
    expect(two.asked[0]?.voice).toBeUndefined();
  });

  it('does not go on when the caller has stopped it', async () => {
    const [one, two] = [breaking('one', 200), breaking('two')];
    const abort = new AbortController();
    const chunks = chainOf(one.link, two.link).chain.synthesize({ sessionId: 's1', text: TEXT, language: 'en', sampleRateHz: RATE, signal: abort.signal }); // prettier-ignore
    abort.abort();
    await expect(
      (async () => {
        for await (const _ of chunks);
      })(),
    ).rejects.toMatchObject({ code: 'engine_aborted' });
    expect(two.asked).toEqual([]);
  });
});
