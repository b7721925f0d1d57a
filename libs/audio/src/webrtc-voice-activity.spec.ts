import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { concatPcm, silencePcm } from './pcm-assembly.js';
import { PcmWindows } from './pcm-windows.js';
import { PreRoll } from './pre-roll.js';
import { openResampler } from './resampler.js';
import { SpeechSegmenter, type SpeechBoundary } from './speech-segmenter.js';
import { decodeWav } from './wav-decode.js';
import {
  WebRtcVoiceActivity,
  type WebRtcVoiceActivityDetector,
  type WebRtcVoiceActivityOptions,
} from './webrtc-voice-activity.js';

// "Hello, I would like a table for two.", synthetic, 16 kHz; measured by level: two phrases with a pause of 200 ms
const SPEECH = decodeWav(readFileSync(new URL('./fixtures/hello-table-for-two.wav', import.meta.url))).samples;
const SPEECH_BEGINS_MS = 180;
const SPEECH_ENDS_MS = 2600;

const code = (value: string) => expect.objectContaining({ name: 'AudioError', code: value });

/** White noise whose samples are the same in every run. */
function noise(samples: number, amplitude: number): Int16Array {
  let state = 1;
  return Int16Array.from({ length: samples }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return Math.round((state / 0x7fff_ffff) * 2 * amplitude - amplitude);
  });
}

const opened: WebRtcVoiceActivityDetector[] = [];

async function open(sampleRateHz: number, options?: WebRtcVoiceActivityOptions): Promise<WebRtcVoiceActivityDetector> {
  const voiceActivity = new WebRtcVoiceActivity(options);
  await voiceActivity.warm();
  const detector = voiceActivity.open({ sampleRateHz });
  opened.push(detector);
  return detector;
}

function decisions(detector: WebRtcVoiceActivityDetector, pcm: Int16Array): number[] {
  const found: number[] = [];
  new PcmWindows(detector.windowSamples).push(pcm, (window) =>
    detector.accept(window, (decision) => found.push(decision)),
  );
  return found;
}

const share = (found: number[]) => found.reduce((sum, decision) => sum + decision, 0) / found.length;

function utterances(detector: WebRtcVoiceActivityDetector, pcm: Int16Array, sampleRateHz: number): SpeechBoundary[] {
  const segmenter = new SpeechSegmenter({ sampleRateHz });
  const found: SpeechBoundary[] = [];
  new PcmWindows(detector.windowSamples).push(pcm, (window) => {
    detector.accept(window, (probability) => {
      const boundary = segmenter.accept(probability, window.length);
      if (boundary !== undefined) found.push(boundary);
    });
  });
  return found;
}

afterEach(() => {
  for (const detector of opened.splice(0)) detector.close();
});

describe('WebRtcVoiceActivity', () => {
  it.each([
    [8000, 160],
    [16_000, 320],
    [32_000, 640],
    [48_000, 960],
  ])('takes 20 ms at %d Hz and finds the speech, not the silence', async (sampleRateHz, windowSamples) => {
    const resampler = await openResampler({ inputRateHz: 16_000, outputRateHz: sampleRateHz });
    const speech = concatPcm([resampler.process(SPEECH), resampler.flush()]);
    resampler.close();
    const detector = await open(sampleRateHz);
    expect(detector.windowSamples).toBe(windowSamples);
    expect(share(decisions(detector, silencePcm(500, sampleRateHz)))).toBe(0);
    expect(share(decisions(detector, speech))).toBeGreaterThan(0.7);
    expect(share(decisions(detector, silencePcm(500, sampleRateHz)))).toBe(0);
  });

  it.each([10, 20, 30] as const)('judges windows of %d ms', async (windowMs) => {
    const detector = await open(16_000, { windowMs });
    expect(detector.windowSamples).toBe(windowMs * 16);
    expect(share(decisions(detector, SPEECH))).toBeGreaterThan(0.7);
  });

  it('hears steady noise as no speech, but for the first moments in which it learns it', async () => {
    const found = decisions(await open(16_000), noise(16_000 * 3, 300));
    expect(share(found.slice(0, 6))).toBeLessThan(1);
    expect(share(found.slice(6))).toBe(0);
  });

  it('never calls speech what is below the energy floor', async () => {
    const quiet = SPEECH.map((sample) => sample / 200);
    expect(share(decisions(await open(16_000), quiet))).toBe(0);
    expect(share(decisions(await open(16_000, { energyFloorDbfs: -Infinity }), quiet))).toBeGreaterThan(0);
    expect(share(decisions(await open(16_000, { energyFloorDbfs: 0 }), SPEECH))).toBe(0);
  });

  it('takes less for speech the more aggressive it is', async () => {
    const noisy = noise(SPEECH.length, 1000).map((sample, i) => sample + SPEECH[i]!);
    const least = share(decisions(await open(16_000, { aggressiveness: 3 }), noisy));
    const most = share(decisions(await open(16_000, { aggressiveness: 0 }), noisy));
    expect(least).toBeLessThan(most);
  });

  it('keeps detectors of one source apart', async () => {
    const voiceActivity = new WebRtcVoiceActivity();
    await voiceActivity.warm();
    const [one, other] = [8000, 16_000].map((sampleRateHz) => voiceActivity.open({ sampleRateHz }));
    const alone = decisions(await open(16_000), SPEECH);
    const mixed: number[] = [];
    new PcmWindows(320).push(SPEECH, (window) => {
      one!.accept(noise(160, 9000), () => undefined);
      other!.accept(window, (decision) => mixed.push(decision));
    });
    expect(mixed).toEqual(alone);
    one!.close();
    other!.close();
  });

  it('serves ten thousand sessions one after the other', async () => {
    const voiceActivity = new WebRtcVoiceActivity();
    await voiceActivity.warm();
    for (let session = 0; session < 10_000; session++) voiceActivity.open({ sampleRateHz: 48_000 }).close();
    const detector = voiceActivity.open({ sampleRateHz: 16_000 });
    expect(share(decisions(detector, SPEECH))).toBeGreaterThan(0.7);
    detector.close();
  });

  it('serves two thousand sessions at a time', async () => {
    const voiceActivity = new WebRtcVoiceActivity();
    await voiceActivity.warm();
    const detectors = Array.from({ length: 2000 }, () => voiceActivity.open({ sampleRateHz: 16_000 }));
    expect(decisions(detectors[0]!, SPEECH)).toEqual(decisions(detectors[1999]!, SPEECH));
    for (const detector of detectors) detector.close();
  });

  it('refuses to open before it is warm', () => {
    expect(() => new WebRtcVoiceActivity().open({ sampleRateHz: 16_000 })).toThrow(code('not_warm'));
  });

  it('refuses settings, rates and windows that it does not have', async () => {
    expect(() => new WebRtcVoiceActivity({ aggressiveness: 4 as 3 })).toThrow(code('invalid_setting'));
    expect(() => new WebRtcVoiceActivity({ windowMs: 25 as 20 })).toThrow(code('invalid_setting'));
    expect(() => new WebRtcVoiceActivity({ energyFloorDbfs: NaN })).toThrow(code('invalid_setting'));
    await expect(open(44_100)).rejects.toEqual(code('invalid_setting'));
    const detector = await open(16_000);
    expect(() => detector.accept(new Int16Array(319), () => undefined)).toThrow(code('wrong_window'));
    detector.close();
    detector.close();
    expect(() => detector.accept(new Int16Array(320), () => undefined)).toThrow(code('closed'));
  });
});

describe('voice activity with segments', () => {
  const lead = silencePcm(1000, 16_000);
  const call = concatPcm([lead, SPEECH, silencePcm(1000, 16_000)]);

  it('finds where speech began and ended to within 100 ms', async () => {
    const found = utterances(await open(16_000), call, 16_000);
    expect(found.map(({ type }) => type)).toEqual([
      'speech_started',
      'speech_stopped',
      'speech_started',
      'speech_stopped',
    ]);
    const beganMs = found[0]!.atSamples / 16 - 1000;
    const endedMs = found[3]!.atSamples / 16 - 1000;
    expect(Math.abs(beganMs - SPEECH_BEGINS_MS)).toBeLessThanOrEqual(100);
    expect(Math.abs(endedMs - SPEECH_ENDS_MS)).toBeLessThanOrEqual(100);
  });

  it('finds the same speech in noise, and none in the noise before it', async () => {
    const noisy = noise(call.length, 300).map((sample, i) => sample + call[i]!);
    const found = utterances(await open(16_000), noisy, 16_000);
    expect(found[0]!.type).toBe('speech_started');
    expect(Math.abs(found[0]!.atSamples / 16 - 1000 - SPEECH_BEGINS_MS)).toBeLessThanOrEqual(100);
    expect(found.at(-1)!.type).toBe('speech_stopped');
  });

  describe('in 30 minutes of silence', () => {
    let collectGarbage: () => void;

    beforeAll(() => {
      setFlagsFromString('--expose-gc');
      collectGarbage = runInNewContext('gc') as () => void;
    });

    it('starts nothing and grows no memory', async () => {
      const detector = await open(16_000);
      const segmenter = new SpeechSegmenter({ sampleRateHz: 16_000 });
      const preRoll = new PreRoll({ sampleRateHz: 16_000 });
      const windows = new PcmWindows(detector.windowSamples);
      const second = silencePcm(1000, 16_000);
      let boundaries = 0;
      const listen = (seconds: number) => {
        for (let i = 0; i < seconds; i++) {
          windows.push(second, (window) => {
            preRoll.push(window);
            detector.accept(window, (probability) => {
              if (segmenter.accept(probability, window.length) !== undefined) boundaries++;
            });
          });
        }
        collectGarbage();
        const { heapUsed, external } = process.memoryUsage();
        return heapUsed + external;
      };
      const before = listen(60);
      const after = listen(30 * 60);
      expect(boundaries).toBe(0);
      expect(segmenter.positionSamples).toBe(31 * 60 * 16_000);
      expect(after - before).toBeLessThan(2_000_000);
    });
  });
});
