import { describe, expect, it } from '@jest/globals';
import { matrixOf, matrixText } from './fault-cells.mjs';

const cell = (adapter: string, title: string, status: string) => ({
  ancestorTitles: [`fault matrix: ${adapter}`],
  title,
  status,
});

describe('the fault matrix', () => {
  it('has a line for each adapter and counts its cells on the last one', () => {
    const matrix = matrixOf({
      numRuntimeErrorTestSuites: 0,
      testResults: [
        { assertionResults: [cell('one', 'auth', 'passed'), cell('one', 'quota', 'failed')] },
        {
          assertionResults: [
            cell('two', 'auth', 'passed'),
            { ancestorTitles: ['something else'], title: 'x', status: 'failed' },
          ],
        },
      ],
    });
    expect(matrixText(matrix).split('\n')).toEqual([
      '          auth  quota',
      'one       ok    FAILED',
      'two       ok    -    ',
      'fault matrix: 2 cells passed, 1 failed',
    ]);
  });

  it('counts a suite that could not run, and a run that wrote nothing, as failed', () => {
    expect(matrixOf({ numRuntimeErrorTestSuites: 2, testResults: [] }).failed).toBe(2);
    expect(matrixOf(undefined).failed).toBe(1);
  });
});
