import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { PcmWindows, SpeechSegmenter, concatPcm, decodeWav, silencePcm } from '@parley/audio';
import type { VoiceActivity } from '@parley/ports';
import { voiceActivityConformance } from '@parley/ports/conformance';
import { createSilero } from './create-silero.js';

const example = (name: string) =>
  decodeWav(readFileSync(new URL(`../../../../examples/audio/${name}.wav`, import.meta.url))).samples;
/** 200 ms of silence before each, and 300 ms after it. */
const EXAMPLES = { menu: example('menu'), order: example('order'), add: example('add'), confirm: example('confirm') };
const SECOND = silencePcm(1000, 16_000);

voiceActivityConformance('silero', () => createSilero(), {
  sampleRateHz: 16_000,
  speech: EXAMPLES.menu.subarray(3200, -4800),
});

/** White noise whose samples are the same in every run. */
function noise(samples: number, amplitude: number): Int16Array {
  let state = 1;
  return Int16Array.from({ length: samples }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return Math.round((state / 0x7fff_ffff) * 2 * amplitude - amplitude);
  });
}

describe('silero', () => {
  let gated: VoiceActivity;
  let ungated: VoiceActivity;
  let judged = 0;
  let quiet = 0;

  beforeAll(async () => {
    gated = createSilero({ onBatch: (windows) => (judged += windows), onQuiet: () => quiet++ });
    ungated = createSilero({ energyGate: false });
    await Promise.all([gated.warm(), ungated.warm()]);
  });

  /** Where utterances begin and end, in ms. */
  async function utterances(source: VoiceActivity, pcm: Int16Array): Promise<[string, number][]> {
    const detector = source.open({ sampleRateHz: 16_000 });
    const segmenter = new SpeechSegmenter({ sampleRateHz: 16_000, minSilenceMs: 300, ...detector.cut });
    const found: [string, number][] = [];
    await new Promise<void>((resolve) => {
      let waiting = Math.floor(pcm.length / detector.windowSamples);
      new PcmWindows(detector.windowSamples).push(pcm, (window) =>
        detector.accept(window.slice(), (probability) => {
          const boundary = segmenter.accept(probability, window.length);
          if (boundary) found.push([boundary.type, boundary.atSamples / 16]);
          if (--waiting === 0) resolve();
        }),
      );
    });
    detector.close();
    return found;
  }

  /** Soft sounds at either end are lost in noise. */
  const near = (found: [string, number][], startMs: number, stopMs: number, byMs = 120) => {
    expect(found.map(([type]) => type)).toEqual(['speech_started', 'speech_stopped']);
    expect(Math.abs(found[0]![1] - startMs)).toBeLessThanOrEqual(byMs);
    expect(Math.abs(found[1]![1] - stopMs)).toBeLessThanOrEqual(byMs);
  };

  describe.each(Object.entries(EXAMPLES))('finds the one utterance of %s.wav', (_, pcm) => {
    const call = concatPcm([SECOND, pcm, SECOND]);
    const stopMs = 1000 + pcm.length / 16 - 300;

    it('as it is', async () => near(await utterances(gated, call), 1200, stopMs));

    it('a tenth as loud', async () => {
      near(await utterances(gated, call.map((sample) => sample / 10)), 1200, stopMs); // prettier-ignore
    });

    it('in noise, loud and quiet', async () => {
      const noisy = noise(call.length, 1500).map((sample, i) => sample + call[i]!);
      near(await utterances(gated, noisy), 1200, stopMs, 250);
      near(await utterances(gated, noisy.map((sample) => sample / 10)), 1200, stopMs, 250); // prettier-ignore
    });

    it('where it would be found without the gate, to within a window or two', async () => {
      const noisy = noise(call.length, 300).map((sample, i) => sample + call[i]!);
      const found = await utterances(gated, noisy);
      (await utterances(ungated, noisy)).forEach(([type, atMs], i) => {
        expect(found[i]![0]).toBe(type);
        expect(Math.abs(found[i]![1] - atMs)).toBeLessThanOrEqual(64);
      });
    });
  });

  it('finds no speech in noise, a tone or clicks, and judges little of a steady noise', async () => {
    const seconds = 20 * 16_000;
    [judged, quiet] = [0, 0];
    expect(await utterances(gated, noise(seconds, 1000))).toEqual([]);
    expect(quiet).toBeGreaterThan(10 * judged);
    expect(
      await utterances(
        gated,
        new Int16Array(seconds).map((_, i) => 5000 * Math.sin(i / 6)),
      ),
    ).toEqual([]);
    const clicks = noise(seconds, 20_000).map((sample, i) => (i % 4000 < 80 ? sample : 0));
    expect(await utterances(gated, clicks)).toEqual([]);
  });

  it('judges about as many windows as there is speech', async () => {
    [judged, quiet] = [0, 0];
    const pause = silencePcm(3000, 16_000);
    await utterances(gated, concatPcm([pause, EXAMPLES.order, pause]));
    expect(judged * 32).toBeLessThan(EXAMPLES.order.length / 16 + 128);
    expect((judged + quiet) * 32).toBeGreaterThan(8000);
  });
});
