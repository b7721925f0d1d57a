import { describe, expect, it } from '@jest/globals';
import { expectedMs } from './expected-length.js';
import { parseScenario } from './scenario-file.js';

const lengthOf = (text: string) => expectedMs(parseScenario(`name: n\n${text}`, 'f', 'f'));

describe('the length expected of a scenario', () => {
  it('grows with what is said, waited for and heard', () => {
    const short = lengthOf('steps:\n  - say: one two\n  - expect: turn_ended\n');
    expect(short).toBe(500);
    expect(lengthOf('steps:\n  - say: one two\n  - wait_ms: 900\n  - expect_heard: three\n')).toBe(3150);
    expect(lengthOf('tools: { t: { takes_ms: 8000 } }\nsteps:\n  - say: one two\n')).toBe(8500);
  });
});
