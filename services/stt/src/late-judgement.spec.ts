import { beforeEach, describe, expect, it } from '@jest/globals';
import { LateLoudnessDetector, loudnessActivity } from '../spec-support/loudness-activity.js';
import { samplesOf, silence } from '../spec-support/running-stt-session.js';
import { newClock, spoken, startScripted } from '../spec-support/started-sessions.js';

beforeEach(newClock);

describe('SttSession whose voice is judged late', () => {
  it('makes the same of it, as soon as it is judged', async () => {
    const detector = new LateLoudnessDetector();
    const voiceActivity = { ...loudnessActivity, open: () => detector };
    const running = await startScripted({ voiceActivity }, 0);
    await running.send(silence(500), spoken('one turkey club'), silence(1000));
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
