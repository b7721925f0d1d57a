import { describe, expect, it } from '@jest/globals';
import { parseOptions } from './options.js';

describe('the options of a run', () => {
  it('are all scenarios, eight at a time, without a word', () => {
    expect(parseOptions([])).toMatchObject({ paths: [], engines: undefined, atOnce: 8, withNeeds: false });
  });

  it('name files, a kind of engines and a measure', () => {
    expect(parseOptions(['a.yaml', 'b', '--real'])).toMatchObject({ paths: ['a.yaml', 'b'], engines: 'real' });
    const measure = { what: 'interruptions', count: 100 };
    expect(parseOptions(['--measure', 'interruptions', '100'])).toMatchObject({ measure, paths: [] });
  });

  it.each([
    ['--what'],
    ['--at-once', '0'],
    ['--measure', 'patience'],
    ['--measure', 'interruptions', 'often'],
    ['--real', '--scripted'],
  ])('are refused: %j', (...args) => {
    expect(() => parseOptions(args)).toThrow(expect.objectContaining({ code: 'usage' }));
  });
});
