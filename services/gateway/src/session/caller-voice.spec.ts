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

  it('passes sound on at once, and joins what a quiet caller sends', () => {
    const { voice, bus } = setUp();
    const sent = () => bus.frames('s1', 'in').map(({ pts, payload }) => [pts / 16, payload.byteLength / 32]);
    const loud = Buffer.alloc(640, 0x11);
    voice.take(loud);
    for (let n = 0; n < 30; n++) voice.take(Buffer.alloc(640));
    expect(sent()).toEqual(Array.from({ length: 31 }, (_, n) => [n * 20, 20]));
    for (let n = 0; n < 7; n++) voice.take(Buffer.alloc(640));
    expect(sent().slice(31)).toEqual([[620, 100]]);
    voice.take(loud);
    expect(sent().slice(32)).toEqual([[720, 60]]);
    expect(voice.position).toBe(780 * 16);
  });

  it('lets nothing wait that is asked for, nor beyond what is dropped', () => {
    const { voice, bus } = setUp();
    const sent = () => bus.frames('s1', 'in').map(({ pts, payload }) => [pts / 16, payload.byteLength / 32]);
    voice.take(Buffer.alloc(600 * 32));
    voice.take(Buffer.alloc(640));
    voice.flush();
    voice.flush();
    expect(sent().slice(1)).toEqual([[600, 20]]);
    voice.take(Buffer.alloc(640));
    expect(voice.refuse(Buffer.alloc(640))).toBe('audio_not_expected');
    voice.take(Buffer.alloc(3200));
    expect(sent().slice(2)).toEqual([
      [620, 20],
      [660, 100],
    ]);
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
