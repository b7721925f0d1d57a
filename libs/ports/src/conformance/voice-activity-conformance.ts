import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { PcmWindows, SpeechSegmenter, concatPcm, silencePcm } from '@parley/audio';
import type { VoiceActivity, VoiceActivityDetector } from '../voice-activity.js';
import { within } from './within.js';

/** What a voice activity detector is tested with. */
export interface VoiceActivitySample {
  sampleRateHz: number;
  /** Somebody speaks from the beginning to the end, with no pause of 300 ms; mono. */
  speech: Int16Array;
  /** Longest wait for a judgement. @defaultValue 5000 */
  deadlineMs?: number;
}

/**
 * What every voice activity detector must do; call it in a test file.
 * @param factory makes a source that is not warm yet
 */
export function voiceActivityConformance(
  name: string,
  factory: () => VoiceActivity,
  { sampleRateHz, speech, deadlineMs = 5000 }: VoiceActivitySample,
): void {
  const silence = silencePcm(1000, sampleRateHz);
  const call = concatPcm([silence, speech, silence]);

  describe(`${name} conforms to voice activity`, () => {
    let source: VoiceActivity;
    const opened: VoiceActivityDetector[] = [];

    function open(): VoiceActivityDetector {
      const detector = source.open({ sampleRateHz });
      opened.push(detector);
      return detector;
    }

    /** Probabilities of all whole windows of the audio, in the order in which they were told. */
    function judge(detector: VoiceActivityDetector, pcm: Int16Array): Promise<number[]> {
      const wanted = Math.floor(pcm.length / detector.windowSamples);
      const told: number[] = [];
      return within(
        deadlineMs,
        'judgements',
        new Promise((resolve) => {
          new PcmWindows(detector.windowSamples).push(pcm, (window) =>
            detector.accept(window.slice(), (probability) => {
              if (told.push(probability) === wanted) resolve(told);
            }),
          );
        }),
      );
    }

    beforeAll(async () => {
      source = factory();
      await source.warm();
    }, 60_000);

    afterEach(() => {
      for (const detector of opened.splice(0)) detector.close();
    });

    it('refuses to open before it is warm, and rates that it does not declare', () => {
      const refused = expect.objectContaining({ code: expect.any(String) });
      expect(() => factory().open({ sampleRateHz })).toThrow(refused);
      expect(() => source.open({ sampleRateHz: 12_345 })).toThrow(refused);
      expect(source.sampleRatesHz).toContain(sampleRateHz);
    });

    it('refuses a window of another length, and any once it is closed', () => {
      const refused = expect.objectContaining({ code: expect.any(String) });
      const detector = open();
      const { windowSamples } = detector;
      expect(() => detector.accept(new Int16Array(windowSamples - 1), () => undefined)).toThrow(refused);
      detector.close();
      detector.close();
      expect(() => detector.accept(new Int16Array(windowSamples), () => undefined)).toThrow(refused);
    });

    it('gives probabilities from 0 to 1, high in speech and low in silence', async () => {
      const detector = open();
      const windowsOf = (pcm: Int16Array) => Math.floor(pcm.length / detector.windowSamples);
      const told = await judge(detector, call);
      expect(Math.min(...told)).toBeGreaterThanOrEqual(0);
      expect(Math.max(...told)).toBeLessThanOrEqual(1);
      expect(mean(told.slice(0, windowsOf(silence) - 1))).toBeLessThan(0.1);
      expect(mean(told.slice(windowsOf(silence), windowsOf(call) - windowsOf(silence)))).toBeGreaterThan(0.6);
      expect(mean(told.slice(-windowsOf(silence) / 2))).toBeLessThan(0.1);
    });

    it('finds one utterance when its probabilities are cut as it says', async () => {
      const detector = open();
      const segmenter = new SpeechSegmenter({ sampleRateHz, minSilenceMs: 300, ...detector.cut });
      const told = await judge(detector, call);
      const boundaries = told.flatMap((probability) => segmenter.accept(probability, detector.windowSamples) ?? []);
      expect(boundaries.map(({ type }) => type)).toEqual(['speech_started', 'speech_stopped']);
      const [start, stop] = boundaries.map(({ atSamples }) => (atSamples * 1000) / sampleRateHz - 1000);
      const speechMs = (speech.length * 1000) / sampleRateHz;
      expect(Math.abs(start!)).toBeLessThanOrEqual(100);
      expect(Math.abs(stop! - speechMs)).toBeLessThanOrEqual(150);
    });

    it('keeps sessions apart, and judges the same again', async () => {
      const alone = await judge(open(), call);
      const [together, other] = await Promise.all([
        judge(open(), call),
        judge(
          open(),
          call.map((x) => -x / 2),
        ),
      ]);
      expect(together).toEqual(alone);
      expect(other).toHaveLength(alone.length);
    });

    it('tells nothing once it is closed', async () => {
      const detector = open();
      const { windowSamples } = detector;
      let told = 0;
      for (let at = 0; at < 20; at++) {
        detector.accept(speech.slice(at * windowSamples, (at + 1) * windowSamples), () => told++);
      }
      detector.close();
      const toldBefore = told;
      await judge(open(), call);
      expect(told).toBe(toldBefore);
    });
  });
}

function mean(numbers: number[]): number {
  return numbers.reduce((sum, each) => sum + each, 0) / numbers.length;
}
