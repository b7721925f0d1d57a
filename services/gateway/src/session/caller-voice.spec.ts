import { describe, expect, it } from '@jest/globals';
import { createMetrics } from '@parley/telemetry';
import { FakeBus } from '@parley/testing';
import { ManualClock } from '../../spec-support/manual-clock.js';
import { createGatewayMetrics } from '../gateway-metrics.js';
import { CallerAudio } from './caller-audio.js';
import { CallerVoice } from './caller-voice.js';

/** Every byte of a loud sample. */
const LOUD = 0x11;

function setUp(startPts = 0) {
  const bus = new FakeBus();
  const writer = bus.writer({ stage: 'gateway', sessionId: 's1', epoch: 2 });
  const metrics = createGatewayMetrics(createMetrics('gateway', { processMetrics: false }));
  const clock = new ManualClock();
  const voice = new CallerVoice({ metrics }, writer, new CallerAudio(clock, 1000), startPts);
  const pts = () => bus.frames('s1', 'in').map(({ pts }) => pts);
  /** Where what was sent begins, and how much it is, in ms. */
  const sent = () => bus.frames('s1', 'in').map(({ pts, payload }) => [pts / 16, payload.byteLength / 32]);
  /** So many frames in real time. */
  const take = (count: number, ms: number, sample: number) => {
    for (let n = 0; n < count; n++) {
      clock.advance(ms);
      expect(voice.take(Buffer.alloc(32 * ms, sample))).toBeUndefined();
    }
  };
  return { voice, pts, bus, sent, take };
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
    again.take(Buffer.alloc(1280));
    again.take(Buffer.alloc(1280));
    expect(ptsAgain()).toEqual([0, 640]);
  });

  it('lets sound after quiet leave as it comes for 200 ms, and then in frames of 40 ms', () => {
    const { sent, take } = setUp();
    take(14, 20, LOUD);
    const single = Array.from({ length: 10 }, (_, n) => [n * 20, 20]);
    expect(sent()).toEqual([...single, [200, 40], [240, 40]]);
    take(1, 20, 0);
    take(1, 20, LOUD);
    expect(sent().slice(12)).toEqual([[280, 40]]);
  });

  it('joins more the longer a caller is quiet, until there is sound', () => {
    const { voice, sent, take } = setUp();
    take(50, 20, 0);
    const quiet = sent() as [number, number][];
    expect(quiet.filter(([at]) => at < 320).every(([, ms]) => ms === 40)).toBe(true);
    for (const [at, ms] of quiet) expect(ms).toBeLessThan(Math.max(41, (at + ms) / 10 + 20));
    expect(quiet.at(-1)?.[1]).toBeGreaterThan(60);
    take(1, 20, LOUD);
    const [at, ms] = sent().at(-1) as [number, number];
    expect(at + ms).toBe(1020);
    expect(voice.position).toBe(1020 * 16);
  });

  it('lets long frames be, and joins no more of a long silence than 240 ms need', () => {
    const { voice, sent, take } = setUp();
    take(3, 100, LOUD);
    take(50, 100, 0);
    const lengths = sent().map(([, ms]) => ms as number);
    expect(lengths.slice(0, 13)).toEqual(Array.from({ length: 13 }, () => 100));
    expect(Math.max(...lengths)).toBe(300);
    voice.flush();
    expect(sent().reduce((sum, [, ms]) => sum + (ms as number), 0)).toBe(5300);
  });

  it('lets nothing wait that is asked for, nor beyond what is dropped', () => {
    const { voice, sent } = setUp();
    voice.take(Buffer.alloc(640));
    expect(sent()).toEqual([]);
    voice.flush();
    voice.flush();
    expect(sent()).toEqual([[0, 20]]);
    voice.take(Buffer.alloc(640));
    expect(voice.refuse(Buffer.alloc(640))).toBe('audio_not_expected');
    voice.take(Buffer.alloc(3200));
    expect(sent().slice(1)).toEqual([
      [20, 20],
      [60, 100],
    ]);
  });

  it('lets nothing wait for more that does not come', () => {
    const { voice, sent, take } = setUp();
    take(1, 20, 0);
    voice.tick();
    expect(sent()).toEqual([]);
    voice.tick();
    voice.tick();
    expect(sent()).toEqual([[0, 20]]);
    take(1, 20, 0);
    voice.tick();
    take(1, 20, 0);
    voice.tick();
    expect(sent().slice(1)).toEqual([[20, 40]]);
  });

  it('goes on behind what an earlier gateway took, with a fence', () => {
    const { voice, bus } = setUp(4800);
    voice.fence();
    voice.take(Buffer.alloc(1280));
    expect(bus.frames('s1', 'in').map(({ pts, fence }) => [pts, fence])).toEqual([
      [4800, true],
      [4800, false],
    ]);
  });
});
