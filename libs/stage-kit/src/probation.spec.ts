import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Probation } from './probation.js';

const told: string[] = [];

/** A suspect that notes when it is opened and when its time alone is over. */
function suspect(probation: Probation, name: string, crashes: number, open = async () => {}) {
  const abort = new AbortController();
  const opened = () => (told.push(`open ${name}`), open());
  const passed = probation
    .pass({ crashes, aloneMs: 250, signal: abort.signal, open: opened })
    .then(() => told.push(`over ${name}`));
  return { abort, passed };
}

beforeEach(() => void jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] }));
afterEach(() => {
  jest.useRealTimers();
  told.length = 0;
});

describe('Probation', () => {
  it('opens one after the other, each alone for its time', async () => {
    const probation = new Probation();
    suspect(probation, 'a', 2);
    suspect(probation, 'b', 2);
    await jest.advanceTimersByTimeAsync(249);
    expect(told).toEqual(['open a']);
    expect(probation.waiting).toBe(1);
    await jest.advanceTimersByTimeAsync(1);
    expect(told.sort()).toEqual(['open a', 'open b', 'over a']);
    await jest.advanceTimersByTimeAsync(250);
    suspect(probation, 'c', 2);
    await jest.advanceTimersByTimeAsync(0);
    expect(told.slice(3)).toEqual(['over b', 'open c']);
  });

  it('begins the time alone when the session is open', async () => {
    const probation = new Probation();
    let finish = () => {};
    suspect(probation, 'a', 2, () => new Promise((resolve) => (finish = resolve)));
    suspect(probation, 'b', 2);
    await jest.advanceTimersByTimeAsync(10_000);
    expect(told).toEqual(['open a']);
    finish();
    await jest.advanceTimersByTimeAsync(249);
    expect(told).toEqual(['open a']);
  });

  it('takes first whoever has crashed the fewest owners, and then whoever waits longest', async () => {
    const probation = new Probation();
    suspect(probation, 'first', 4);
    for (const [name, crashes] of [['a', 4], ['b', 2], ['c', 3], ['d', 2]] as const) suspect(probation, name, crashes); // prettier-ignore
    await jest.advanceTimersByTimeAsync(5000);
    expect(told.filter((each) => each.startsWith('open'))).toEqual(['open first', 'open b', 'open d', 'open c', 'open a']); // prettier-ignore
  });

  it('gives the place to the next when a session ends or cannot be opened', async () => {
    const probation = new Probation();
    const ended = suspect(probation, 'a', 2);
    const failing = suspect(probation, 'b', 2, () => Promise.reject(new Error('no')));
    suspect(probation, 'c', 2);
    const failed = expect(failing.passed).rejects.toThrow('no');
    await jest.advanceTimersByTimeAsync(10);
    ended.abort.abort();
    await failed;
    await jest.advanceTimersByTimeAsync(0);
    expect(told.filter((each) => each.startsWith('open'))).toEqual(['open a', 'open b', 'open c']);
  });

  it('opens nothing that ended while it waited, also at the moment of its turn', async () => {
    const probation = new Probation();
    const [a, b, c] = ['a', 'b', 'c'].map((name) => suspect(probation, name, 2));
    await jest.advanceTimersByTimeAsync(10);
    b?.abort.abort();
    await b?.passed;
    expect(probation.waiting).toBe(1);
    a?.abort.abort();
    c?.abort.abort();
    await Promise.all([a?.passed, c?.passed]);
    suspect(probation, 'd', 2);
    await jest.advanceTimersByTimeAsync(0);
    expect(told.filter((each) => each.startsWith('open'))).toEqual(['open a', 'open d']);
  });
});
