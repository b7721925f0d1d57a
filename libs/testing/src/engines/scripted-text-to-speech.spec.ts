import { describe, expect, it } from '@jest/globals';
import type { SpeechChunk } from '@parley/ports';
import { FakeClock } from '../fake-clock.js';
import { readScripted } from './scripted-reader.js';
import { createScriptedTextToSpeech } from './scripted-text-to-speech.js';

const request = { sessionId: 's1', text: 'Good morning to you.', language: 'en', sampleRateHz: 16_000 };

function speak(more: Partial<typeof request> & { signal?: AbortSignal; voice?: string } = {}) {
  const clock = new FakeClock();
  const engine = createScriptedTextToSpeech({ firstAudioMs: 50, realTimeFactor: 0.5, clock });
  const chunks: SpeechChunk[] = [];
  const done = (async () => {
    for await (const chunk of engine.synthesize({ ...request, ...more })) chunks.push(chunk);
  })();
  return { clock, chunks, done };
}

describe('scripted text to speech', () => {
  it('speaks so that it can be read back, with word times', async () => {
    const { clock, chunks, done } = speak();
    await clock.advance(10_000);
    await done;
    const pcm = Int16Array.from(chunks.flatMap((chunk) => [...chunk.pcm]));
    expect(readScripted(pcm).text).toBe(request.text);
    expect(chunks.flatMap(({ words }) => words?.map(({ word, startMs }) => [word, startMs]))).toEqual([['Good', 0], ['morning', 240], ['to', 480], ['you.', 720]]); // prettier-ignore
  });

  it('keeps its pace: the first chunk after its time, the others by their length', async () => {
    const { clock, chunks, done } = speak();
    await clock.advance(49);
    expect(chunks).toHaveLength(0);
    await clock.advance(1);
    expect(chunks).toHaveLength(1);
    await clock.advance(100);
    expect(chunks).toHaveLength(3);
    await clock.advance(10_000);
    await done;
  });

  it.each([
    [undefined, 0],
    ['scripted-3', 2],
  ])('speaks with the voice asked for: %s', async (voice, heard) => {
    const { clock, chunks, done } = speak({ ...(voice && { voice }) });
    await clock.advance(10_000);
    await done;
    const { words } = readScripted(Int16Array.from(chunks.flatMap((chunk) => [...chunk.pcm])));
    expect(new Set(words.map((word) => word.voice))).toEqual(new Set([heard]));
  });

  it('gives no chunk for a text without words', async () => {
    const { chunks, done } = speak({ text: ' \n' });
    await done;
    expect(chunks).toEqual([]);
  });

  it('stops at once when aborted', async () => {
    const abort = new AbortController();
    const { clock, chunks, done } = speak({ signal: abort.signal });
    const outcome = expect(done).rejects.toMatchObject({ code: 'engine_aborted' });
    await clock.advance(50);
    abort.abort();
    await outcome;
    expect(chunks).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });

  it.each([{ sampleRateHz: 11_025 }, { voice: 'nobody' }])('refuses %j', async (more) => {
    await expect(speak(more).done).rejects.toMatchObject({ code: 'engine_settings' });
  });
});
