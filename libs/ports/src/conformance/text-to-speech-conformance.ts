import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { SpeechChunk, SynthesisRequest, TextToSpeech } from '../text-to-speech.js';
import { codeOf, within } from './within.js';

const SHORT = 'Yes.';
const SENTENCE = 'I would like two turkey clubs and a soda please.';
const LONG =
  'Here is the whole order once more, so that you can check it: one turkey club, two veggie wraps, a bowl of soup, ' +
  'three sodas, and a large coffee. Shall I send it to the kitchen now, or is there anything else that you want?';

/** How an engine is tested. */
export interface TextToSpeechConformanceOptions {
  language?: string;
  /** Longest wait for one text. @defaultValue 20 000 */
  deadlineMs?: number;
}

/**
 * What every text-to-speech engine must do; call it in a test file.
 * @param factory makes an engine that is not warm yet
 */
export function textToSpeechConformance(
  name: string,
  factory: () => TextToSpeech,
  { language = 'en', deadlineMs = 20_000 }: TextToSpeechConformanceOptions = {},
): void {
  describe(`${name} conforms to text to speech`, () => {
    let engine: TextToSpeech;

    function request(text: string, more: Partial<SynthesisRequest> = {}): SynthesisRequest {
      const sampleRateHz = engine.capabilities.sampleRatesHz[0] ?? 0;
      return { sessionId: 'conformance', text, language, sampleRateHz, ...more };
    }

    async function speak(text: string, more: Partial<SynthesisRequest> = {}, from = engine): Promise<SpeechChunk[]> {
      return within(deadlineMs, 'a text', collect(from.synthesize(request(text, more))));
    }

    beforeAll(async () => {
      engine = factory();
      await engine.warm();
    }, 60_000);

    afterAll(async () => {
      await engine.close();
    }, 60_000);

    it('speaks a sentence of a plausible length that is not silent', async () => {
      const chunks = await speak(SENTENCE);
      const sampleRateHz = request('').sampleRateHz;
      const lengthMs = (samplesOf(chunks) * 1000) / sampleRateHz;
      expect(lengthMs).toBeGreaterThan(1000);
      expect(lengthMs).toBeLessThan(10_000);
      expect(peakOf(chunks)).toBeGreaterThan(1000);
      for (const { pcm } of chunks) {
        expect(pcm).toBeInstanceOf(Int16Array);
        expect(pcm.length).toBeGreaterThan(0);
      }
      if (engine.capabilities.streaming) expect(chunks.length).toBeGreaterThan(1);
    }, 60_000);

    it('gives the times of all words, in order and within the voice, where it gives times', async () => {
      for (const text of [SHORT, SENTENCE, LONG]) {
        const chunks = await speak(text);
        const msOf = (samples: number) => (samples * 1000) / request('').sampleRateHz;
        const words = chunks.flatMap((chunk) => chunk.words ?? []);
        expect(words.length > 0).toBe(engine.capabilities.alignment);
        if (words.length === 0) return;
        expect(lettersOf(words.map(({ word }) => word).join(''))).toBe(lettersOf(text));
        for (const [n, { startMs, endMs }] of words.entries()) {
          expect(startMs).toBeGreaterThanOrEqual(words[n - 1]?.endMs ?? 0);
          expect(endMs).toBeGreaterThan(startMs);
        }
        expect(words.at(-1)?.endMs).toBeLessThanOrEqual(msOf(samplesOf(chunks)));
        let samples = 0;
        for (const { pcm, words: begin = [] } of chunks) {
          samples += pcm.length;
          for (const { startMs } of begin) expect(startMs).toBeLessThan(msOf(samples));
        }
      }
    }, 60_000);

    it('speaks with every voice and in every sample rate it declares', async () => {
      for (const voice of engine.capabilities.voices) {
        expect(samplesOf(await speak(SHORT, { voice }))).toBeGreaterThan(0);
      }
      for (const sampleRateHz of engine.capabilities.sampleRatesHz) {
        expect(samplesOf(await speak(SHORT, { sampleRateHz }))).toBeGreaterThan(sampleRateHz / 10);
      }
    }, 60_000);

    it.each(['', ' ', '\n\t '])('gives no chunk for a text with nothing to say: %j', async (text) => {
      expect(await speak(text)).toEqual([]);
    });

    it.each(['“Café” — it’s naïve…', 'Hi ☕ there 你好', '$12.50, or 5 €?', 'null \u0000 byte', '\ud83d broken'])(
      'speaks what it can of %j',
      async (text) => {
        expect(peakOf(await speak(text))).toBeGreaterThan(1000);
      },
    );

    it('refuses a voice or a rate it does not declare with engine_settings', async () => {
      expect(await codeOf(speak(SHORT, { voice: 'no-such-voice' }))).toBe('engine_settings');
      expect(await codeOf(speak(SHORT, { sampleRateHz: 12_345 }))).toBe('engine_settings');
    });

    it('does nothing before the first chunk is asked for', async () => {
      const broken = engine.synthesize(request(SHORT, { voice: 'no-such-voice' }));
      const unread = engine.synthesize(request(LONG));
      expect(peakOf(await speak(SHORT))).toBeGreaterThan(1000);
      expect(await codeOf(collect(broken))).toBe('engine_settings');
      expect(samplesOf(await within(deadlineMs, 'a text', collect(unread)))).toBeGreaterThan(0);
    }, 60_000);

    it('throws engine_aborted when aborted before it begins', async () => {
      expect(await codeOf(speak(SENTENCE, { signal: AbortSignal.abort() }))).toBe('engine_aborted');
    });

    it('throws engine_aborted when aborted between two chunks, and speaks on', async () => {
      const controller = new AbortController();
      const speaking = engine.synthesize(request(LONG, { signal: controller.signal }))[Symbol.asyncIterator]();
      expect((await within(deadlineMs, 'a chunk', speaking.next())).done).toBe(false);
      controller.abort();
      expect(await codeOf(within(deadlineMs, 'the abort', speaking.next()))).toBe('engine_aborted');
      expect((await within(deadlineMs, 'the end', speaking.next())).done).toBe(true);
      expect(samplesOf(await speak(SHORT))).toBeGreaterThan(0);
    }, 60_000);

    it('throws engine_aborted when aborted while a chunk is awaited', async () => {
      const controller = new AbortController();
      const speaking = collect(engine.synthesize(request(LONG, { signal: controller.signal })));
      queueMicrotask(() => controller.abort());
      expect(await codeOf(within(deadlineMs, 'the abort', speaking))).toBe('engine_aborted');
    });

    it('stops when the loop is left, and speaks on', async () => {
      const leave = async () => {
        for await (const chunk of engine.synthesize(request(LONG))) return chunk.pcm.length;
        return 0;
      };
      expect(await within(deadlineMs, 'leaving the loop', leave())).toBeGreaterThan(0);
      expect(samplesOf(await speak(SHORT))).toBeGreaterThan(0);
    }, 60_000);

    it('keeps texts apart that are spoken at the same time', async () => {
      const alone = samplesOf(await speak(SHORT));
      const [short, long, other] = await Promise.all([speak(SHORT), speak(LONG), speak(SHORT)]);
      expect(samplesOf(long)).toBeGreaterThan(3 * alone);
      for (const chunks of [short, other]) expect(samplesOf(chunks)).toBeLessThan(2 * alone);
    }, 60_000);

    it('closes twice while it speaks: the text ends, and none begins after', async () => {
      const own = factory();
      const speaking = own.synthesize(request(LONG))[Symbol.asyncIterator]();
      expect((await within(deadlineMs, 'a chunk', speaking.next())).done).toBe(false);
      await within(deadlineMs, 'close', Promise.all([own.close(), own.close()]));
      const rest = async () => {
        while (!(await speaking.next()).done);
      };
      // An engine may have spoken all of it by then.
      expect(['engine_closed', 'resolved']).toContain(await codeOf(within(deadlineMs, 'the end', rest())));
      expect(await codeOf(speak(SHORT, {}, own))).toBe('engine_closed');
      expect(await codeOf(own.warm())).toBe('engine_closed');
    }, 60_000);

    it('closes without ever having spoken', async () => {
      expect(await codeOf(within(deadlineMs, 'close', factory().close()))).toBe('resolved');
    });
  });
}

async function collect(speech: AsyncIterable<SpeechChunk>): Promise<SpeechChunk[]> {
  const chunks: SpeechChunk[] = [];
  for await (const chunk of speech) chunks.push(chunk);
  return chunks;
}

function lettersOf(text: string): string {
  return text.toLowerCase().replace(/[^a-z]/g, '');
}

function samplesOf(chunks: readonly SpeechChunk[]): number {
  return chunks.reduce((sum, { pcm }) => sum + pcm.length, 0);
}

function peakOf(chunks: readonly SpeechChunk[]): number {
  return chunks.reduce((peak, { pcm }) => pcm.reduce((high, sample) => Math.max(high, Math.abs(sample)), peak), 0);
}
