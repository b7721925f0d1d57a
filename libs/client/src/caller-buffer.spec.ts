import { describe, expect, it } from '@jest/globals';
import { CallerBuffer } from './caller-buffer.js';

const frame = (samples: number, value: number) => new Uint8Array(samples * 2).fill(value);

describe('CallerBuffer', () => {
  it('gives what was added from any sample on, a single frame as it is', () => {
    const buffer = new CallerBuffer(100);
    const first = frame(10, 1);
    buffer.push(first);
    expect(buffer.from(0, 1000)).toEqual(first);
    buffer.push(frame(10, 2));
    expect([...buffer.from(8, 1000)!]).toEqual([1, 1, 1, 1, ...Array<number>(20).fill(2)]);
    expect(buffer.from(20, 1000)).toBeUndefined();
  });

  it('joins frames up to a length, and never cuts one', () => {
    const buffer = new CallerBuffer(1000);
    for (let i = 1; i <= 5; i++) buffer.push(frame(10, i));
    expect(buffer.from(0, 25)).toHaveLength(40);
    expect(buffer.from(0, 5)).toHaveLength(20);
  });

  it('forgets the oldest beyond its limit', () => {
    const buffer = new CallerBuffer(25);
    for (let i = 1; i <= 4; i++) buffer.push(frame(10, i));
    expect([buffer.start, buffer.end]).toEqual([20, 40]);
    expect(buffer.from(19, 100)).toBeUndefined();
    expect(buffer.from(20, 100)).toHaveLength(40);
  });

  it('begins anew at a place further on', () => {
    const buffer = new CallerBuffer(100);
    buffer.push(frame(10, 1));
    buffer.skipTo(50);
    buffer.push(frame(10, 2));
    expect([buffer.start, buffer.end]).toEqual([50, 60]);
    expect(buffer.from(50, 100)).toEqual(frame(10, 2));
  });
});
