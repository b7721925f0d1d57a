import { describe, expect, it } from '@jest/globals';
import { countJest, countScenarios, totalLine, totalOf } from './test-count.mjs';

const results = {
  numPassedTests: 3,
  numFailedTests: 0,
  numRuntimeErrorTestSuites: 0,
  numPendingTests: 0,
  numTodoTests: 0,
};

describe('countJest', () => {
  it('takes the counts of a run that ended well', () => {
    expect(countJest({ ...results, numPendingTests: 2, numTodoTests: 1 }, 0)).toEqual({
      passed: 3,
      failed: 0,
      skipped: 3,
    });
  });

  it('counts a suite that could not run as a failure', () => {
    expect(countJest({ ...results, numFailedTests: 1, numRuntimeErrorTestSuites: 2 }, 1).failed).toBe(3);
  });

  it('counts a failure when jest ended badly without a failed test', () => {
    expect(countJest(results, 1)).toEqual({ passed: 3, failed: 1, skipped: 0 });
  });

  it('counts a failure when jest wrote nothing', () => {
    expect(countJest(undefined, 0)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });

  it('counts a failure when every test was skipped', () => {
    expect(countJest({ ...results, numPassedTests: 0, numPendingTests: 4 }, 0).failed).toBe(1);
  });
});

describe('countScenarios', () => {
  it('takes the counts of a run, whatever it exited with', () => {
    expect(countScenarios({ passed: 3, failed: 0, skipped: 2 }, 0)).toEqual({ passed: 3, failed: 0, skipped: 2 });
    expect(countScenarios({ passed: 3, failed: 2, skipped: 0 }, 1).failed).toBe(2);
  });

  it.each([
    [undefined, 2],
    [{ passed: 3, failed: 0, skipped: 0 }, 1],
    [{ passed: 0, failed: 0, skipped: 4 }, 0],
  ])('counts a failure of a run that left %j and exited with %d', (count, code) => {
    expect(countScenarios(count, code).failed).toBe(1);
  });
});

describe('totalLine', () => {
  it('sums the steps and names skipped tests only if there are any', () => {
    const steps = [countJest(results, 0), { passed: 1, failed: 0, skipped: 0 }];
    expect(totalLine(totalOf(steps))).toBe('Tests: 4 passed, 0 failed');
    expect(totalLine(totalOf([...steps, { passed: 0, failed: 1, skipped: 2 }]))).toBe(
      'Tests: 4 passed, 1 failed, 2 skipped',
    );
  });
});
