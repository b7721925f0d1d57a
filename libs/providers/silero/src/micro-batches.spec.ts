import { beforeEach, describe, expect, it } from '@jest/globals';
import { FakeClock } from '@parley/testing';
import { MAX_WINDOWS, MicroBatches, type DueSession } from './micro-batches.js';
import { newSessionWindow } from './session-window.js';

let clock: FakeClock;
let batches: MicroBatches;
/** How many windows each batch had, and when it was judged. */
let judged: [windows: number, atMs: number][];
let waits: number[];
let failures: [windows: number, error: unknown][];
/** How long the network takes for a batch. */
let takesMs: number;
let failure: Error | undefined;

beforeEach(() => {
  clock = new FakeClock(1000);
  judged = [];
  waits = [];
  failures = [];
  takesMs = 0;
  failure = undefined;
  const network = {
    async judge(windows: readonly unknown[]) {
      judged.push([windows.length, clock.now()]);
      if (takesMs > 0) await new Promise<void>((resolve) => clock.setTimeout(resolve, takesMs));
      if (failure) throw failure;
      return windows.map((_, i) => i / 100 + 0.5);
    },
  };
  batches = new MicroBatches(network, {
    now: clock.now,
    schedule: clock.setTimeout,
    onBatch: (_, waitedMs) => waits.push(waitedMs),
    onFailure: (windows, error) => failures.push([windows, error]),
  });
});

/** A session whose windows are to be judged one after another, so many times. */
function session(windows = 1) {
  const told: number[] = [];
  const due = {
    window: newSessionWindow(),
    closed: false as boolean,
    told,
    onProbability(probability: number) {
      told.push(probability);
      if (told.length < windows) batches.add(due);
    },
  } satisfies DueSession & { told: number[] };
  batches.add(due);
  return due;
}

describe('MicroBatches', () => {
  it('judges a window in the next turn of the event loop when nothing was judged lately', async () => {
    const { told } = session();
    expect(judged).toEqual([]);
    await clock.advance(0);
    expect(judged).toEqual([[1, 1000]]);
    expect(told).toEqual([0.5]);
  });

  it('gathers what comes within a tick, and tells each its own', async () => {
    session();
    await clock.advance(4);
    const one = session();
    await clock.advance(4);
    const other = session();
    await clock.advance(4);
    expect(judged).toEqual([
      [1, 1000],
      [2, 1010],
    ]);
    expect([one.told, other.told]).toEqual([[0.5], [0.51]]);
    expect(waits).toEqual([0, 6]);
  });

  it('judges what is due together in batches, without waiting for ticks', async () => {
    for (let i = 0; i < 2 * MAX_WINDOWS + 1; i++) session();
    await clock.advance(0);
    expect(judged.map(([windows]) => windows)).toEqual([MAX_WINDOWS, MAX_WINDOWS, 1]);
    expect(clock.pending).toBe(0);
  });

  it('judges windows of one session one after another, beside those of others', async () => {
    session(3);
    session();
    await clock.advance(0);
    expect(judged.map(([windows]) => windows)).toEqual([2, 1, 1]);
  });

  it('leaves out sessions that have been closed', async () => {
    const gone = session();
    const other = session();
    gone.closed = true;
    await clock.advance(0);
    expect(judged.map(([windows]) => windows)).toEqual([1]);
    expect([gone.told, other.told]).toEqual([[], [0.5]]);
    session().closed = true;
    await clock.advance(20);
    expect(judged).toHaveLength(1);
  });

  it('judges one batch at a time, and what comes meanwhile together at the next tick', async () => {
    takesMs = 3;
    session();
    await clock.advance(1);
    session();
    await clock.advance(1);
    const other = session();
    await clock.advance(11);
    expect(judged).toEqual([
      [1, 1000],
      [2, 1013],
    ]);
    await clock.advance(3);
    expect(other.told).toEqual([0.51]);
    expect(waits).toEqual([3, 15]);
  });

  it('counts windows as no speech when their batch fails, and judges the next ones', async () => {
    failure = new Error('broken');
    const [one, other] = [session(2), session()];
    await clock.advance(0);
    expect(failures).toEqual([
      [2, failure],
      [1, failure],
    ]);
    expect([one.told, other.told]).toEqual([[0, 0], [0]]);
    failure = undefined;
    const { told } = session();
    await clock.advance(10);
    expect(told).toEqual([0.5]);
  });
});
