import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { SpeechToText, SpeechToTextOptions, SpeechToTextStream } from '../speech-to-text.js';
import { endOfTurnConformance } from './end-of-turn-conformance.js';
import { EventLog } from './event-log.js';
import { expectWords, frame, writeAll, type SpeechSamples } from './speech-samples.js';
import { codeOf, within } from './within.js';

/**
 * What every speech-to-text engine must do; call it in a test file.
 * @param factory makes an engine that is not warm yet
 */
export function speechToTextConformance(name: string, factory: () => SpeechToText, samples: SpeechSamples): void {
  const { sampleRateHz, language, keyTerms, first, second, deadlineMs = 20_000 } = samples;
  const options: SpeechToTextOptions = { sessionId: 'conformance', sampleRateHz, language, keyTerms };
  const silence = new Int16Array(sampleRateHz / 2);

  describe(`${name} conforms to speech to text`, () => {
    let engine: SpeechToText;
    const streams: SpeechToTextStream[] = [];

    async function open(
      from: SpeechToText = engine,
      more: Partial<SpeechToTextOptions> = {},
    ): Promise<{ stream: SpeechToTextStream; log: EventLog }> {
      const stream = await within(deadlineMs, 'a stream', from.open({ ...options, ...more }));
      streams.push(stream);
      return { stream, log: new EventLog(stream, deadlineMs) };
    }

    beforeAll(async () => {
      engine = factory();
      await engine.warm();
    }, 60_000);

    afterAll(async () => {
      for (const stream of streams) await stream.close();
      await engine.close();
    }, 60_000);

    it('declares the rate and the language it is tested with', () => {
      expect(engine.capabilities.sampleRatesHz).toContain(sampleRateHz);
      expect(engine.capabilities.languages.some((tag) => language.startsWith(tag))).toBe(true);
    });

    it('refuses a sample rate it does not declare with engine_settings', async () => {
      expect(await codeOf(engine.open({ ...options, sampleRateHz: 12_345 }))).toBe('engine_settings');
    });

    it('answers a flush with one final and then flushed, interim results before', async () => {
      const { stream, log } = await open();
      writeAll(stream, first.pcm, frame(sampleRateHz));
      stream.flush();
      await log.flushed(1);

      expect(log.types).toEqual(['final', 'flushed']);
      expectWords(log.finals[0], first, second);
      if (engine.capabilities.interim) {
        const finalAt = log.events.findIndex((event) => event.type === 'final');
        const interims = log.events.flatMap((event, at) => (event.type === 'interim' ? [{ event, at }] : []));
        expect(interims.length).toBeGreaterThan(0);
        for (const { event, at } of interims) {
          expect(at).toBeLessThan(finalAt);
          expect(event.text).not.toBe('');
          expect(event.stableChars ?? 0).toBeLessThanOrEqual(event.text.length);
        }
      }
      await stream.close();
    }, 60_000);

    it('gives confidence and word times within their bounds, where it gives them', async () => {
      const { stream, log } = await open();
      stream.write(first.pcm);
      stream.flush();
      await log.flushed(1);

      const final = log.events.find((event) => event.type === 'final');
      expect(final?.confidence ?? 0.5).toBeGreaterThanOrEqual(0);
      expect(final?.confidence ?? 0.5).toBeLessThanOrEqual(1);
      if (engine.capabilities.wordTimes) {
        const words = final?.words ?? [];
        expect(words.length).toBeGreaterThan(0);
        let previousMs = 0;
        for (const { startMs, endMs } of words) {
          expect(startMs).toBeGreaterThanOrEqual(previousMs);
          expect(endMs).toBeGreaterThan(startMs);
          previousMs = startMs;
        }
        expect(previousMs).toBeLessThan((first.pcm.length * 1000) / sampleRateHz);
      }
      await stream.close();
    }, 60_000);

    it('recognises the same whatever the length of the writes, and keeps no view of them', async () => {
      const texts: (string | undefined)[] = [];
      for (const samplesAtATime of [first.pcm.length, 333]) {
        const { stream, log } = await open();
        const scratch = new Int16Array(samplesAtATime);
        for (let at = 0; at < first.pcm.length; at += samplesAtATime) {
          const part = first.pcm.subarray(at, at + samplesAtATime);
          scratch.set(part);
          stream.write(scratch.subarray(0, part.length));
          scratch.fill(0);
        }
        stream.flush();
        await log.flushed(1);
        texts.push(log.finals[0]);
        await stream.close();
      }
      expect(texts[0]).toBe(texts[1]);
    }, 60_000);

    it('answers a flush of nothing with flushed alone', async () => {
      const { stream, log } = await open();
      stream.flush();
      await log.flushed(1);
      stream.write(new Int16Array(0));
      stream.flush();
      await log.flushed(2);
      expect(log.types).toEqual(['flushed', 'flushed']);
      await stream.close();
    }, 60_000);

    it('gives no final for silence', async () => {
      const { stream, log } = await open();
      stream.write(silence);
      stream.flush();
      await log.flushed(1);
      expect(log.types).toEqual(['flushed']);
      await stream.close();
    }, 60_000);

    it('answers flushes in order when utterances are written without waiting', async () => {
      const { stream, log } = await open();
      for (const { pcm } of [first, second]) {
        stream.write(pcm);
        stream.flush();
      }
      await log.flushed(2);
      expect(log.types).toEqual(['final', 'flushed', 'final', 'flushed']);
      expectWords(log.finals[0], first, second);
      expectWords(log.finals[1], second, first);
      await stream.close();
    }, 60_000);

    endOfTurnConformance({ engine: () => engine, open, samples });

    it('says how much audio waits inside', async () => {
      const { stream, log } = await open();
      const lengthMs = (first.pcm.length * 1000) / sampleRateHz;
      const waitingMs = stream.write(first.pcm);
      expect(waitingMs).toBeGreaterThanOrEqual(0);
      expect(waitingMs).toBeLessThanOrEqual(lengthMs);
      stream.flush();
      await log.flushed(1);
      expect(stream.write(new Int16Array(0))).toBeLessThan(lengthMs);
      await stream.close();
    }, 60_000);

    it('drops what was written before a reset', async () => {
      const { stream, log } = await open();
      stream.reset();
      stream.write(first.pcm);
      stream.reset();
      stream.write(second.pcm);
      stream.flush();
      await log.flushed(1);
      expect(log.finals).toHaveLength(1);
      expectWords(log.finals[0], second, first);
      await stream.close();
    }, 60_000);

    it('still answers a flush that a reset overtakes', async () => {
      const { stream, log } = await open();
      stream.write(first.pcm);
      stream.flush();
      stream.reset();
      await log.flushed(1);
      stream.write(second.pcm);
      stream.flush();
      await log.flushed(2);
      expect(log.types.filter((type) => type === 'flushed')).toHaveLength(2);
      expectWords(log.finals.at(-1), second, first);
      await stream.close();
    }, 60_000);

    it('keeps two streams apart', async () => {
      const [one, two] = [await open(), await open()];
      const samplesAtATime = frame(sampleRateHz);
      for (let at = 0; at < Math.max(first.pcm.length, second.pcm.length); at += samplesAtATime) {
        one.stream.write(first.pcm.subarray(at, at + samplesAtATime));
        two.stream.write(second.pcm.subarray(at, at + samplesAtATime));
      }
      one.stream.flush();
      two.stream.flush();
      await Promise.all([one.log.flushed(1), two.log.flushed(1)]);
      expect(one.log.finals).toHaveLength(1);
      expect(two.log.finals).toHaveLength(1);
      expectWords(one.log.finals[0], first, second);
      expectWords(two.log.finals[0], second, first);
      await Promise.all([one.stream.close(), two.stream.close()]);
    }, 60_000);

    const moments: readonly [string, (stream: SpeechToTextStream) => void][] = [
      ['before anything was written', () => undefined],
      ['in the middle of an utterance', (stream) => void stream.write(first.pcm)],
      [
        'while a flush is not answered',
        (stream) => {
          stream.write(first.pcm);
          stream.flush();
        },
      ],
      [
        'right after a reset',
        (stream) => {
          stream.write(first.pcm);
          stream.reset();
        },
      ],
    ];
    it.each(moments)('closes twice %s, and nothing follows', async (_, prepare) => {
      const { stream, log } = await open();
      prepare(stream);
      await within(deadlineMs, 'close', Promise.all([stream.close(), stream.close()]));
      await within(deadlineMs, 'the end of the events', log.ended);
      const heard = log.events.length;
      stream.flush();
      stream.reset();
      await within(deadlineMs, 'a third close', stream.close());
      expect(log.events).toHaveLength(heard);
      expect(log.finals).toEqual([]);
      expect(await codeOf((async () => stream.write(silence))())).toBe('engine_closed');
    });

    it('goes on with other streams after one was closed in the middle of an utterance', async () => {
      const closed = await open();
      closed.stream.write(first.pcm);
      await closed.stream.close();
      const { stream, log } = await open();
      stream.write(second.pcm);
      stream.flush();
      await log.flushed(1);
      expectWords(log.finals[0], second, first);
      await stream.close();
    }, 60_000);

    it('ends its streams when the engine closes, and opens none after', async () => {
      const own = factory();
      const { stream, log } = await open(own);
      stream.write(first.pcm);
      await within(deadlineMs, 'close', Promise.all([own.close(), own.close()]));
      await within(deadlineMs, 'the end of the events', log.ended);
      expect(await codeOf(within(deadlineMs, 'open', own.open(options)))).toBe('engine_closed');
    }, 60_000);
  });
}
