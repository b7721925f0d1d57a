import { describe, expect, it } from '@jest/globals';
import type { SpeechChunk } from '@parley/ports';
import { httpAlignment, socketAlignment } from './alignment.js';
import { SpeechAssembly } from './speech-assembly.js';

const RATE = 1000;
/** Samples that count up, a ms each. */
const bytes = Buffer.from(Int16Array.from({ length: 400 }, (_, n) => n).buffer);
const audio = (from: number, to: number) => bytes.subarray(from, to).toString('base64');
const times = (text: string, startMs: number, eachMs: number) =>
  [...text].map((character, n) => ({
    text: character,
    startMs: startMs + n * eachMs,
    endMs: startMs + (n + 1) * eachMs,
  }));

function assemble(text: string, ...taken: Parameters<SpeechAssembly['take']>[]): SpeechChunk[] {
  const assembly = new SpeechAssembly(text, RATE);
  const chunks = taken.map((each) => assembly.take(...each));
  return [...chunks, assembly.end()].filter((chunk) => chunk !== undefined);
}

describe('SpeechAssembly', () => {
  it('puts samples together that are cut in two, and loses none', () => {
    const chunks = assemble('no', [audio(0, 1), undefined, 'audio'], [audio(1, 101), undefined, 'audio'], [audio(101, 800), undefined, 'audio']); // prettier-ignore
    expect(chunks.flatMap(({ pcm }) => [...pcm])).toEqual(Array.from({ length: 400 }, (_, n) => n));
  });

  it('gives a word with the voice that it is over in, and the last with the end', () => {
    const chunks = assemble(
      'One two.',
      [audio(0, 300), times('One', 0, 40), 'audio'],
      [audio(300, 800), times(' two.', 0, 40), 'audio'],
    );
    expect(chunks.map(({ words = [] }) => words)).toEqual([
      [],
      [{ word: 'One', startMs: 0, endMs: 120 }],
      [{ word: 'two.', startMs: 190, endMs: 350 }],
    ]);
  });

  it('takes times of the whole text as they are', () => {
    const chunks = assemble(
      'One two.',
      [audio(0, 300), times('One ', 0, 30), 'text'],
      [audio(300, 800), times('two.', 200, 40), 'text'],
    );
    expect(chunks.flatMap(({ words = [] }) => words)).toEqual([
      { word: 'One', startMs: 0, endMs: 90 },
      { word: 'two.', startMs: 200, endMs: 360 },
    ]);
  });

  it('keeps words apart and within the voice, whatever their times', () => {
    const pieces = [...times('One ', 0, 100), ...times('two ', 150, 100), { text: 'go', startMs: 900, endMs: 900 }];
    const words = assemble('One two go', [audio(0, 800), pieces, 'text']).flatMap((chunk) => chunk.words ?? []);
    expect(words.map(({ word }) => word)).toEqual(['One', 'two', 'go']);
    expect(words[1]?.startMs).toBeGreaterThanOrEqual(words[0]?.endMs ?? Infinity);
    for (const { endMs } of words) expect(endMs).toBeLessThanOrEqual(400);
  });

  it('fails when there is less voice than text, and not when it is only spelled otherwise', () => {
    const protocol = expect.objectContaining({ code: 'engine_protocol', retryable: true });
    expect(() => assemble('One two.', [audio(0, 800), times('One', 0, 30), 'text'])).toThrow(protocol);
    expect(() => assemble('One.')).toThrow(protocol);
    expect(() => assemble('One.', [7, undefined, 'text'])).toThrow(protocol);
    expect(assemble('€ 5', [audio(0, 800), times('five euros', 0, 30), 'text'])).toHaveLength(2);
    expect(assemble('One two.', [audio(0, 800), undefined, 'text'])).toHaveLength(2);
    expect(assemble('…')).toEqual([]);
  });
});

describe('alignments', () => {
  it.each([
    ['charDurationsMs', { chars: ['a'], charStartTimesMs: [10], charDurationsMs: [5] }],
    ['charsDurationsMs', { chars: ['a'], charStartTimesMs: [10], charsDurationsMs: [5] }],
    ['char_durations_ms', { chars: ['a'], char_start_times_ms: [10], char_durations_ms: [5] }],
  ])('are read from a socket with %s', (_, alignment) => {
    expect(socketAlignment(alignment)).toEqual([{ text: 'a', startMs: 10, endMs: 15 }]);
  });

  it('are read from an answer in seconds', () => {
    const alignment = { characters: ['a'], characterStartTimesSeconds: [0.01], characterEndTimesSeconds: [0.015] };
    expect(httpAlignment(alignment)).toEqual([{ text: 'a', startMs: 10, endMs: 15 }]);
  });

  it.each([
    null,
    'a',
    { chars: ['a'] },
    { chars: ['a'], charStartTimesMs: [], charDurationsMs: [] },
    { chars: [1], charStartTimesMs: [1], charDurationsMs: [1] },
  ])('are none in %j', (alignment) => {
    expect(socketAlignment(alignment)).toBeUndefined();
    expect(httpAlignment(alignment)).toBeUndefined();
  });
});
