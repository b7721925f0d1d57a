import { describe, expect, it } from '@jest/globals';
import type { CallerWav } from './caller-wav.js';
import { Microphone } from './microphone.js';
import { ManualClock } from './testing/manual-clock.js';

function wav(samples: number, speechEndSample: number): CallerWav {
  return { name: 'a.wav', pcm: new Int16Array(samples).fill(7), speechEndSample };
}

function switchedOn() {
  const clock = new ManualClock();
  const sent: { atMs: number; loud: number }[] = [];
  const microphone = new Microphone({
    clock,
    send: (frame) => sent.push({ atMs: clock.nowMs(), loud: frame.filter((sample) => sample !== 0).length }),
  });
  microphone.start();
  return { clock, sent, microphone };
}

describe('Microphone', () => {
  it('sends silence each 20 ms while nothing is spoken', () => {
    const { clock, sent } = switchedOn();
    clock.advance(70);
    expect(sent).toEqual([
      { atMs: 20, loud: 0 },
      { atMs: 40, loud: 0 },
      { atMs: 60, loud: 0 },
    ]);
  });

  it('speaks from the next frame on, fills the last frame with silence and is silent again', async () => {
    const { clock, sent, microphone } = switchedOn();
    clock.advance(30);
    const spoken = microphone.speak(wav(500, 500), () => {});
    clock.advance(50);
    await spoken;
    expect(sent.map(({ loud }) => loud)).toEqual([0, 320, 180, 0]);
  });

  it('tells when the last sample of speech was heard, inside its frame', () => {
    const { clock, microphone } = switchedOn();
    const ends: number[] = [];
    void microphone.speak(wav(960, 480), (atMs) => ends.push(atMs));
    clock.advance(30);
    expect(ends).toEqual([]);
    clock.advance(30);
    expect(ends).toEqual([30]);
  });

  it('catches up after a short stall and keeps to its schedule', () => {
    const { clock, sent } = switchedOn();
    clock.stall(110);
    clock.advance(0);
    expect(sent).toHaveLength(5);
    clock.advance(10);
    expect(sent).toHaveLength(6);
  });

  it('skips and counts what a long stall has made late', () => {
    const { clock, sent, microphone } = switchedOn();
    clock.stall(2000);
    clock.advance(0);
    expect(sent.length).toBeLessThan(5);
    expect(sent.length + microphone.skippedFrames).toBe(100);
  });

  it('cuts what is being spoken when it is switched off, and sends nothing more', async () => {
    const { clock, sent, microphone } = switchedOn();
    const spoken = microphone.speak(wav(16_000, 16_000), () => {});
    clock.advance(40);
    microphone.stop();
    microphone.stop();
    await spoken;
    clock.advance(100);
    expect(sent).toHaveLength(2);
    await microphone.speak(wav(320, 320), () => {});
  });

  it('refuses to speak two WAVs at once', () => {
    const { microphone } = switchedOn();
    void microphone.speak(wav(320, 320), () => {});
    expect(() => microphone.speak(wav(320, 320), () => {})).toThrow(RangeError);
  });
});
