import { describe, expect, it } from '@jest/globals';
import { createMetrics } from '@parley/telemetry';
import { FakeBus } from '@parley/testing';
import { ManualClock } from '../../spec-support/manual-clock.js';
import { createGatewayMetrics } from '../gateway-metrics.js';
import { CallerAudio } from './caller-audio.js';
import { CallerVoice } from './caller-voice.js';

function setUp(startPts = 0) {
  const bus = new FakeBus();
  const writer = bus.writer({ stage: 'gateway', sessionId: 's1', epoch: 2 });
  const metrics = createGatewayMetrics(createMetrics('gateway', { processMetrics: false }));
  const voice = new CallerVoice({ metrics }, writer, new CallerAudio(new ManualClock(), 1000), startPts);
  return { voice, pts: () => bus.frames('s1', 'in').map(({ pts }) => pts), bus };
}

describe('CallerVoice', () => {
  it('counts the time of every well-formed frame, also of one that is dropped', () => {
    const { voice, pts } = setUp();
    expect(voice.take(Buffer.alloc(32_000))).toBeUndefined();
    expect(voice.take(Buffer.alloc(641))).toBe('audio_odd_length');
    expect(voice.take(Buffer.alloc(65_538))).toBe('frame_too_large');
    expect(voice.take(Buffer.alloc(640))).toBe('audio_too_fast');
    expect(pts()).toEqual([0]);
    const { voice: again, pts: ptsAgain } = setUp();
    again.take(Buffer.alloc(641));
    again.take(Buffer.alloc(640));
    again.take(Buffer.alloc(640));
    expect(ptsAgain()).toEqual([0, 320]);
  });

  it('goes on behind what an earlier gateway took, with a fence', () => {
    const { voice, bus } = setUp(4800);
    voice.fence();
    voice.take(Buffer.alloc(640));
    expect(bus.frames('s1', 'in').map(({ pts, fence }) => [pts, fence])).toEqual([
      [4800, true],
      [4800, false],
    ]);
  });
});
