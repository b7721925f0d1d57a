import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { speakScripted } from '@parley/testing/engines';
import { ControlledVoice, briefly } from '../spec-support/controlled-voice.js';
import { say } from '../spec-support/reply-events.js';
import { RunningTtsSession } from '../spec-support/running-tts-session.js';
import { holdTime, releaseTime, startScripted } from '../spec-support/started-sessions.js';

beforeEach(holdTime);
afterEach(releaseTime);

describe('TtsSession with a rate of its own', () => {
  it('gives voice at the rate and frame length of the session', async () => {
    const engine = new ControlledVoice(
      async function* () {
        // The first ones are so short that nothing comes out of the resampler yet.
        for (const samples of [2, 2, 23_996]) yield { pcm: new Int16Array(samples).fill(1000) };
      },
      [48_000, 24_000, 8000],
    );
    const running = new RunningTtsSession({ engine, opened: { outputSampleRateHz: 16_000, outputFrameMs: 40 } });
    running.tell(say.sentence(1, 0), say.ended(1, 1));
    await running.pass(100);
    expect(engine.requests[0]?.sampleRateHz).toBe(24_000);
    expect(running.spoken).toEqual(['1/0', 'end 1']);
    expect(running.pcm(1, 0)).toHaveLength(16_000);
    expect(running.pcm(1, 0)[8000]).toBeGreaterThan(950);
    const [first] = running.frames;
    expect(first).toMatchObject({ sampleRateHz: 16_000, codec: 'pcm_s16le' });
    expect(first?.payload).toHaveLength(640 * 2);
    expect(await running.counted('parley_tts_audio_seconds_total')).toBe(1);
    expect(await running.counted('parley_tts_ttfb_seconds_count')).toBe(1);
  });

  it("takes the engine's own rate where it is the session's, and its highest when all are lower", async () => {
    for (const [rates, wanted, taken] of [
      [[48_000, 16_000], 16_000, 16_000],
      [[8000, 16_000], 24_000, 16_000],
    ] as const) {
      // prettier-ignore
      const engine = new ControlledVoice(briefly, rates);
      const running = new RunningTtsSession({ engine, opened: { outputSampleRateHz: wanted } });
      running.tell(say.sentence(1, 0));
      await running.pass(100);
      expect(engine.requests[0]?.sampleRateHz).toBe(taken);
    }
  });

  it('gives back its voice unchanged when no rate differs', async () => {
    const running = startScripted();
    running.tell(say.sentence(1, 0, 'club'), say.ended(1, 1));
    await running.pass(500);
    expect(running.pcm(1, 0)).toEqual(speakScripted('club', 16_000));
  });
});
