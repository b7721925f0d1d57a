import { describe, expect, it } from '@jest/globals';
import { frameBytes, frameSamples } from './pcm.js';

describe('frames', () => {
  it('copies exactly the view it is given', () => {
    const ring = Int16Array.from([1, 2, -3, 4]);
    const bytes = frameBytes(ring.subarray(1, 3));
    ring.fill(0);
    expect([...bytes]).toEqual([2, 0, 0xfd, 0xff]);
  });

  it('refuses an odd number of bytes and a frame above the limit', () => {
    expect(() => frameBytes(new Uint8Array(3))).toThrow(expect.objectContaining({ code: 'audio_odd_length' }));
    expect(() => frameBytes(new Uint8Array(65_538))).toThrow(expect.objectContaining({ code: 'frame_too_large' }));
  });

  it('reads samples from a view that does not begin at an even offset', () => {
    expect(frameSamples(new Uint8Array([9, 2, 0, 0xfd, 0xff]).subarray(1))).toEqual(Int16Array.from([2, -3]));
    expect(frameSamples(new Uint8Array([2, 0]).buffer)).toEqual(Int16Array.from([2]));
  });

  it('gives nothing for what is no PCM16', () => {
    expect(frameSamples(new Uint8Array(3))).toBeUndefined();
    expect(frameSamples('text')).toBeUndefined();
  });
});
