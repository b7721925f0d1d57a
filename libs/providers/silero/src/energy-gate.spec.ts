import { beforeEach, describe, expect, it } from '@jest/globals';
import { EnergyGate } from './energy-gate.js';

let gate: EnergyGate;

/** A window of this loudness. */
function window(dbfs: number): Int16Array {
  const amplitude = Math.round(32_768 * 10 ** (dbfs / 20));
  return new Int16Array(512).map((_, i) => (i % 2 === 0 ? amplitude : -amplitude));
}

/** Feeds so many windows of this loudness; gives how many were worth judging, of which all are judged alike. */
function feed(count: number, dbfs: number, probability = 0): number {
  let worth = 0;
  for (let i = 0; i < count; i++) {
    const isWorth = gate.isWorthJudging(window(dbfs));
    if (isWorth) worth++;
    gate.learn(isWorth ? probability : 0);
  }
  return worth;
}

beforeEach(() => {
  gate = new EnergyGate();
});

describe('EnergyGate', () => {
  it('lets no silence through, whatever came before', () => {
    expect(feed(100, -Infinity)).toBe(0);
    expect(feed(100, -75)).toBe(0);
    feed(10, -20, 1);
    expect(feed(5, -75)).toBe(0);
  });

  it('lets the very first speech through', () => {
    expect(feed(10, -50, 1)).toBe(10);
  });

  it('learns a background in about a second and then lets it wait', () => {
    expect(feed(40, -45)).toBeLessThan(40);
    expect(feed(100, -45)).toBe(0);
    expect(feed(100, -44)).toBe(0);
  });

  it('lets speech through that is a little louder than the background', () => {
    feed(100, -45);
    expect(feed(20, -41, 0.9)).toBe(20);
  });

  it('learns a quieter background quickly, so that quieter speech comes through', () => {
    feed(100, -30);
    feed(15, -60);
    expect(feed(1, -50)).toBe(1);
  });

  it('stays attentive for a quarter of a second after what may be speech', () => {
    feed(100, -45);
    feed(1, -30, 0.2);
    expect(feed(100, -45)).toBe(8);
  });

  it('does not take speech for a background, however long it lasts', () => {
    feed(1000, -30, 0.9);
    feed(20, -60);
    expect(feed(1, -50)).toBe(1);
  });
});
