import { expect, it } from '@jest/globals';
import type { EndOfTurnOptions, SpeechToText, SpeechToTextOptions, SpeechToTextStream } from '../speech-to-text.js';
import type { EventLog } from './event-log.js';
import { expectWords, frame, writeAll, type SpeechSamples } from './speech-samples.js';

/** What the tests of an engine work with. */
export interface EndOfTurnConformanceOptions {
  engine(): SpeechToText;
  open(
    from?: SpeechToText,
    more?: Partial<SpeechToTextOptions>,
  ): Promise<{ stream: SpeechToTextStream; log: EventLog }>;
  samples: SpeechSamples;
}

/** What every speech-to-text engine must do about ends of turns; part of its conformance suite. */
export function endOfTurnConformance({ engine, open, samples }: EndOfTurnConformanceOptions): void {
  const { sampleRateHz, first, second } = samples;
  const endOfTurn: EndOfTurnOptions = { minSilenceMs: 400, maxSilenceMs: 1500 };
  /** More than any engine may wait for. */
  const longSilence = new Int16Array(2 * sampleRateHz);

  it('ends no turn unless it is opened to, and can', async () => {
    const streams = [await open(), ...(engine().capabilities.endOfTurn ? [] : [await open(undefined, { endOfTurn })])];
    for (const { stream, log } of streams) {
      writeAll(stream, first.pcm, frame(sampleRateHz));
      writeAll(stream, longSilence, frame(sampleRateHz));
      stream.flush();
      await log.flushed(1);
      expect(log.types.filter((type) => type === 'end_of_turn')).toEqual([]);
      expectWords(log.finals.join(' '), first, second);
      await stream.close();
    }
  }, 60_000);

  it('ends each turn once, after its final and without being asked, if it can', async () => {
    if (!engine().capabilities.endOfTurn) return;
    const { stream, log } = await open(undefined, { endOfTurn });
    for (const [turn, said, other] of [
      [1, first, second],
      [2, second, first],
    ] as const) {
      writeAll(stream, said.pcm, frame(sampleRateHz));
      writeAll(stream, longSilence, frame(sampleRateHz));
      await log.until(`end ${turn}`, () => log.types.filter((type) => type === 'end_of_turn').length >= turn);
      expectWords(log.finals.at(-1), said, other);
    }
    const writtenMs = ((first.pcm.length + second.pcm.length + 2 * longSilence.length) * 1000) / sampleRateHz;
    const ends = log.events.flatMap((event) => (event.type === 'final' ? [event.endMs ?? 0] : []));
    expect(ends).toEqual(ends.toSorted((a, b) => a - b));
    expect(ends.at(-1)).toBeLessThanOrEqual(writtenMs);
    stream.flush();
    await log.flushed(1);
    expect(log.types.slice(-2)).toEqual(['end_of_turn', 'flushed']);
    expect(log.types.filter((type) => type === 'end_of_turn')).toHaveLength(2);
    await stream.close();
  }, 60_000);

  it('does not end a turn by itself that a flush has ended', async () => {
    if (!engine().capabilities.endOfTurn) return;
    const { stream, log } = await open(undefined, { endOfTurn });
    writeAll(stream, first.pcm, frame(sampleRateHz));
    stream.flush();
    writeAll(stream, longSilence, frame(sampleRateHz));
    stream.flush();
    await log.flushed(2);
    expect(log.types).toEqual(['final', 'flushed', 'flushed']);
    expectWords(log.finals[0], first, second);
    await stream.close();
  }, 60_000);
}
