import { describe, expect, it } from '@jest/globals';
import { EngineError, type SpeechChunk } from '@parley/ports';
import { codeOf } from '@parley/ports/conformance';
import { SpokenText } from './spoken-text.js';

const RATE_HZ = 8000;

async function read(text: SpokenText): Promise<SpeechChunk[]> {
  const chunks: SpeechChunk[] = [];
  for await (const chunk of text) chunks.push(chunk);
  return chunks;
}

function voice(ms: number): Buffer {
  return Buffer.alloc((ms * RATE_HZ * 2) / 1000, 7);
}

describe('SpokenText', () => {
  it('gives out all samples, in pieces cut anywhere', async () => {
    const text = new SpokenText(RATE_HZ, 1000);
    const bytes = Buffer.from(Int16Array.from({ length: 500 }, (_, n) => n - 250).buffer);
    for (let at = 0, length = 1; at < bytes.length; at += length++) text.acceptAudio(bytes.subarray(at, at + length));
    text.finish();
    const chunks = await read(text);
    expect(chunks.flatMap(({ pcm }) => [...pcm])).toEqual(Array.from({ length: 500 }, (_, n) => n - 250));
    expect(chunks.every(({ pcm }) => pcm.length > 0)).toBe(true);
  });

  it('gives out words with the voice that they begin in, before or after it comes', async () => {
    const text = new SpokenText(RATE_HZ, 1000);
    text.acceptWords([
      { word: 'one', startMs: 0, endMs: 90 },
      { word: 'two', startMs: 150, endMs: 190 },
    ]);
    text.acceptAudio(voice(100));
    text.acceptAudio(voice(100));
    text.acceptWords([{ word: 'three', startMs: 195, endMs: 260 }]);
    text.finish();
    const chunks = await read(text);
    expect(chunks.map(({ words = [] }) => words.map(({ word }) => word))).toEqual([['one'], ['two'], ['three']]);
    expect(chunks.at(-1)?.words?.[0]).toEqual({ word: 'three', startMs: 195, endMs: 200 });
  });

  it('puts words in order that overlap or have no length', async () => {
    const text = new SpokenText(RATE_HZ, 1000);
    text.acceptWords([
      { word: 'one', startMs: 10, endMs: 60 },
      { word: 'two', startMs: 50, endMs: 50 },
      { word: 'three', startMs: 50, endMs: 80 },
    ]);
    text.acceptAudio(voice(100));
    text.finish();
    const times = (await read(text)).flatMap(({ words = [] }) => words.map(({ startMs, endMs }) => [startMs, endMs]));
    expect(times).toEqual([
      [10, 60],
      [60, 61],
      [61, 80],
    ]);
  });

  it('drops what is unread when it fails, and stays failed', async () => {
    const text = new SpokenText(RATE_HZ, 1000);
    text.acceptAudio(voice(100));
    text.fail(new EngineError('engine_unavailable', 'broke', true));
    text.fail(new EngineError('engine_closed', 'closed', false));
    text.acceptAudio(voice(100));
    text.finish();
    expect(await codeOf(read(text))).toBe('engine_unavailable');
  });

  it('fails when nobody reads what comes', async () => {
    const text = new SpokenText(RATE_HZ, 1000);
    for (let seconds = 0; seconds <= 121; seconds++) text.acceptAudio(voice(1000));
    text.finish();
    expect(await codeOf(read(text))).toBe('engine_busy');
  });

  it('fails when nothing comes, but only while it is read', async () => {
    const text = new SpokenText(RATE_HZ, 50);
    text.acceptAudio(voice(100));
    await new Promise((resolve) => setTimeout(resolve, 150));
    const reading = text[Symbol.asyncIterator]();
    expect((await reading.next()).done).toBe(false);
    expect(await codeOf(reading.next())).toBe('engine_timeout');
  });
});
