import { describe, expect, it } from '@jest/globals';
import { RecentFrames } from './recent-frames.js';

const MIB = 1024 * 1024;
const told = (recent: RecentFrames) => recent.takeAll().map(({ subject, payload }) => [subject, payload[0]]);

describe('RecentFrames', () => {
  it('keeps what is younger than its span, in order, whatever became of the bytes since', () => {
    const recent = new RecentFrames(1000);
    const payload = new Uint8Array(100_000);
    for (let n = 0; n < 50; n++) recent.add(`s${n}`, payload.fill(n), n * 100);
    payload.fill(255);
    recent.forgetBefore(4900 - 1000);
    expect(told(recent)).toEqual(Array.from({ length: 11 }, (_, i) => [`s${39 + i}`, 39 + i]));
  });

  it('gives everything away once', () => {
    const recent = new RecentFrames(1000);
    recent.add('a', Buffer.of(1), 0);
    recent.add('b', Buffer.of(2), 5000);
    expect(told(recent)).toEqual([
      ['a', 1],
      ['b', 2],
    ]);
    expect(told(recent)).toEqual([]);
    recent.add('c', Buffer.of(3), 6000);
    expect(told(recent)).toEqual([['c', 3]]);
  });

  it('keeps the newest when there is too much, and nothing that is too large for it', () => {
    const recent = new RecentFrames(1000);
    for (let n = 0; n < 40; n++) recent.add(`s${n}`, new Uint8Array(MIB / 2).fill(n), 0);
    recent.add('huge', new Uint8Array(5 * MIB), 0);
    recent.add('last', Buffer.of(77), 0);
    const kept = told(recent);
    expect(kept.at(-1)).toEqual(['last', 77]);
    expect(kept.slice(0, -1).map(([subject]) => subject)).toEqual([
      's32',
      's33',
      's34',
      's35',
      's36',
      's37',
      's38',
      's39',
    ]);
  });
});
