import { describe, expect, it } from '@jest/globals';
import { parseOptions } from './options.js';

describe('options', () => {
  it('have defaults', () => {
    expect(parseOptions([])).toMatchObject({
      calls: 50,
      durationMs: 300_000,
      seed: 7,
      replicas: 2,
      faultEveryMs: 1500,
    });
  });

  it('are read', () => {
    const given = ['--calls', '4', '--minutes', '0.5', '--faults', 'kill,stop', '--fault-every', '2s', '--keep'];
    expect(parseOptions(given)).toMatchObject({ calls: 4, durationMs: 30_000, faults: ['kill', 'stop'], faultEveryMs: 2000, keep: true }); // prettier-ignore
  });

  it('hold 4 calls of real speech at most', () => {
    expect(parseOptions(['--engines', 'real'])).toMatchObject({ engines: 'real', calls: 4 });
    expect(() => parseOptions(['--engines', 'real', '--calls', '5'])).toThrow(expect.objectContaining({ code: 'usage' })); // prettier-ignore
  });

  it.each([
    ['--engines', 'fast'],
    ['--calls', 'x'],
    ['--calls', '0'],
    ['--minutes', '-1'],
    ['--faults', 'flood'],
    ['--stages', 'ui'],
    ['--loud'],
  ])('refuse %s %s', (...args) => {
    expect(() => parseOptions(args)).toThrow(expect.objectContaining({ code: 'usage' }));
  });
});
