import { beforeEach, describe, expect, it } from '@jest/globals';
import { FakeClock } from '@parley/testing';
import { createScriptedSpeechToText, speakScripted } from '@parley/testing/engines';
import { LateLoudnessDetector, loudnessActivity } from '../spec-support/loudness-activity.js';
import { RunningSttSession, samplesOf, silence } from '../spec-support/running-stt-session.js';

let clock: FakeClock;

beforeEach(() => {
  clock = new FakeClock();
});

describe('SttSession whose voice is judged late', () => {
  it('makes the same of it, as soon as it is judged', async () => {
    const detector = new LateLoudnessDetector();
    const engine = createScriptedSpeechToText({ clock, latencyMs: 0 });
    const voiceActivity = { ...loudnessActivity, open: () => detector };
    const running = new RunningSttSession({ engine, clock, voiceActivity });
    running.session.onLive();
    await running.send(silence(500), speakScripted('one turkey club', 16_000), silence(1000));
    expect(running.told).toEqual([]);
    // 500 ms, the words, and the silence that ends an utterance
    detector.judge(74);
    await running.settle();
    expect(running.types).toEqual(['speech.started', 'speech.stopped', 'transcript.final']);
    detector.judge();
    expect(running.told.at(-1)).toMatchObject({
      type: 'turn.ended',
      turn: 1,
      text: 'one turkey club',
      eouDelayMs: 700,
      endPts: samplesOf(1180),
    });
  });
});
