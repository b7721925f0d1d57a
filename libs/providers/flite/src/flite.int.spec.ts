import { describe, expect, it } from '@jest/globals';
import { textToSpeechConformance, within } from '@parley/ports/conformance';
import { createEngine, createFlite } from './create-flite.js';
import type { SpeechCommand } from './speech-protocol.js';
import { startSpeechThread, type SpeechThread } from './speech-thread.js';

textToSpeechConformance('flite', () => createFlite());

const REQUEST = { sessionId: 's', language: 'en-US', sampleRateHz: 16_000 };

async function samplesOf(engine: ReturnType<typeof createFlite>, text: string): Promise<number[]> {
  const samples: number[] = [];
  const read = async () => {
    for await (const { pcm } of engine.synthesize({ ...REQUEST, text })) samples.push(...pcm);
  };
  await within(10_000, 'a text', read());
  return samples;
}

describe('flite', () => {
  it('leaves only a short pause before and after the voice', async () => {
    const engine = createFlite();
    const samples = await samplesOf(engine, 'Hello there.');
    const loud = (sample: number) => Math.abs(sample) >= 160;
    expect(samples.findIndex(loud)).toBeLessThanOrEqual(60 * 16);
    expect(samples.length - samples.findLastIndex(loud)).toBeLessThanOrEqual(110 * 16);
    await engine.close();
  });

  it('says nothing for a text in another script', async () => {
    const engine = createFlite();
    expect(await samplesOf(engine, '你好 ☕')).toEqual([]);
    await engine.close();
  });

  it('speaks text that looks like markup or a format as text', async () => {
    const engine = createFlite();
    const samples = await samplesOf(engine, '<speak> %s %n & "quoted" \\0 </speak>');
    expect(samples.length).toBeGreaterThan(8000);
    await engine.close();
  });

  it('speaks on another thread after one broke', async () => {
    const started: SpeechThread[] = [];
    const engine = createEngine({}, () => {
      const thread = startSpeechThread({ voices: ['slt'] });
      started.push(thread);
      return thread;
    });
    await engine.warm();
    const lost = new Promise<void>((resolve) => {
      const [thread] = started;
      const onExit = thread?.onExit;
      if (thread) {
        thread.onExit = (reason) => {
          onExit?.(reason);
          resolve();
        };
      }
    });
    const broken = samplesOf(engine, 'Hello.').then(
      () => 'spoken',
      (error: { code: string }) => error.code,
    );
    started[0]?.post({ type: 'speak', text: 'Yes.', voice: 'slt' } as SpeechCommand);
    expect(['spoken', 'engine_unavailable']).toContain(await broken);
    await within(10_000, 'the loss', lost);
    expect(engine.stats.lostThreads).toBe(1);
    expect((await samplesOf(engine, 'Hello.')).length).toBeGreaterThan(4000);
    await engine.close();
  });
});
