import { describe, expect, it } from '@jest/globals';
import { resumeDelayMs } from './resume-delay.js';

describe('resumeDelayMs', () => {
  it('begins at once and grows up to 2 s', () => {
    expect([0, 1, 2, 3, 4, 5, 6, 100].map((attempt) => resumeDelayMs(attempt, 0))).toEqual([
      0, 100, 200, 400, 800, 1600, 2000, 2000,
    ]);
  });

  it('is shortened by chance, to half at most', () => {
    expect(resumeDelayMs(3, 0.5)).toBe(300);
    expect(resumeDelayMs(3, 1)).toBe(200);
  });
});
