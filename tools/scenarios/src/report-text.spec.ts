import { describe, expect, it } from '@jest/globals';
import { reportText, resultLines } from './report-text.js';
import { parseScenario } from './scenario-file.js';

const scenario = (id: string, more = '') => parseScenario(`name: A story\n${more}steps:\n  - text: hello\n`, 'f', id);
const result = (id: string) => ({ scenario: scenario(id), durationMs: 1234, sessionId: 's1' });

describe('the report of a run', () => {
  it('ends with how many passed, failed and were skipped', () => {
    const failed = { ...result('a/two'), failure: { step: 0, reason: 'nothing came', timeline: [] } };
    const skipped = [scenario('b/three', 'needs: patience\n')];
    const lines = reportText({ results: [result('a/one'), failed], skipped, durationMs: 3000, kept: [] }).split('\n');
    expect(lines.at(-1)).toBe('1 passed, 1 failed, 1 skipped');
    expect(lines).toContainEqual(expect.stringMatching(/^a +1 +1 +0 +1\.2 s$/u));
    expect(lines).toContainEqual(expect.stringMatching(/^skipped b\/three +needs patience$/u));
    expect(lines).toContain('failed: a/two: A story');
  });

  it('says of a scenario that failed at which step, what was wrong and what had happened', () => {
    const failure = { step: 0, reason: 'nothing came', timeline: ['  0.10  caller  writes "hello"'] };
    const lines = resultLines({ ...result('a/two'), failure });
    expect(lines[0]).toMatch(/^FAILED a\/two +1\.2 s {2}A story$/u);
    expect(lines.join('\n')).toContain('step 1, line 3: {"does":"text","text":"hello"}');
    expect(lines.at(-1)).toContain('writes "hello"');
  });
});
