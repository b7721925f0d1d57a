import { describe, expect, it } from '@jest/globals';
import { AtOnce } from './at-once.js';

/** Work that ends when it is told to. */
function works(count: number) {
  const log: string[] = [];
  const ends: ((error?: Error) => void)[] = [];
  const work = (n: number) => () =>
    new Promise<number>((resolve, reject) => {
      log.push(`begin ${n}`);
      ends[n] = (error) => (error ? reject(error) : resolve(n));
    });
  return { log, ends, all: Array.from({ length: count }, (_, n) => work(n)) };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('work at a limit', () => {
  it('begins as much as may run, and the rest in order as places come free', async () => {
    const { log, ends, all } = works(4);
    const atOnce = new AtOnce(2);
    const results = all.map((work) => atOnce.run(work));
    await settled();
    expect(log).toEqual(['begin 0', 'begin 1']);
    ends[1]?.();
    await settled();
    expect(log).toEqual(['begin 0', 'begin 1', 'begin 2']);
    ends[0]?.();
    await settled();
    ends[2]?.();
    ends[3]?.();
    expect(await Promise.all(results)).toEqual([0, 1, 2, 3]);
  });

  it('goes on when some of it fails', async () => {
    const { log, ends, all } = works(2);
    const atOnce = new AtOnce(1);
    const [first, second] = all.map((work) => atOnce.run(work));
    await settled();
    ends[0]?.(new Error('no'));
    await expect(first).rejects.toThrow('no');
    await settled();
    expect(log).toEqual(['begin 0', 'begin 1']);
    ends[1]?.();
    expect(await second).toBe(1);
    const again = atOnce.run(() => Promise.resolve('free'));
    expect(await again).toBe('free');
  });
});
