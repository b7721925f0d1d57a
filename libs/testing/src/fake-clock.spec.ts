import { describe, expect, it } from '@jest/globals';
import { wait } from './engines/clock.js';
import { FakeClock } from './fake-clock.js';

describe('FakeClock', () => {
  it('fires timers in the order they are due, each at its own time, also those set meanwhile', async () => {
    const clock = new FakeClock(100);
    const fired: string[] = [];
    const note = (what: string) => () => fired.push(`${what}@${clock.now()}`);
    clock.setTimeout(note('late'), 30);
    clock.setTimeout(() => clock.setTimeout(note('nested'), 5), 10);
    clock.clearTimeout(clock.setTimeout(note('cleared'), 1));
    await clock.advance(20);
    expect(fired).toEqual(['nested@115']);
    await clock.advance(20);
    expect(fired).toEqual(['nested@115', 'late@130']);
    expect(clock.now()).toBe(140);
    expect(clock.pending).toBe(0);
  });

  it('moves waits of async code along', async () => {
    const clock = new FakeClock();
    let done = false;
    const work = (async () => {
      await wait(clock, 10);
      await wait(clock, 10);
      done = true;
    })();
    await clock.advance(20);
    await work;
    expect(done).toBe(true);
  });

  it('ends a wait that is aborted, and forgets its timer', async () => {
    const clock = new FakeClock();
    const abort = new AbortController();
    const work = wait(clock, 10, abort.signal);
    abort.abort(new Error('enough'));
    await expect(work).rejects.toThrow('enough');
    expect(clock.pending).toBe(0);
  });
});
