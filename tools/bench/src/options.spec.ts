import { describe, expect, it } from '@jest/globals';
import { parseOptions } from './options.js';

describe('options of the benchmark', () => {
  it('are steps until one is not held, or those that are named', () => {
    expect(parseOptions([])).toMatchObject({
      isNamed: false,
      seconds: 20,
      frameMs: 20,
      repeats: 1,
      profile: 'instant',
    });
    expect(parseOptions(['--calls', '25,200', '--seconds', '5', '--frame-ms', '100'])).toMatchObject({
      calls: [25, 200],
      isNamed: true,
      seconds: 5,
      frameMs: 100,
    });
    expect(parseOptions(['--calls', '50', '--minutes', '30'])).toMatchObject({ seconds: 1800 });
    expect(parseOptions(['--compare', 'a.json', 'b.json']).compare).toEqual(['a.json', 'b.json']);
  });

  it.each([
    [['--calls', '0']],
    [['--calls', 'many']],
    [['--frame-ms', '5']],
    [['--seconds', 'x']],
    [['--profile', 'slow']],
    [['--compare', 'a.json']],
    [['--loud']],
  ])('refuses %j, saying what it takes', (args) => {
    expect(() => parseOptions(args)).toThrow(expect.objectContaining({ name: 'BenchError', code: 'usage' }));
  });
});
