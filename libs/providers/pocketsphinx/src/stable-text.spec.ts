import { describe, expect, it } from '@jest/globals';
import { StableText } from './stable-text.js';

describe('StableText', () => {
  it('calls nothing stable before three hypotheses agree', () => {
    const stable = new StableText();
    expect([stable.accept('i would'), stable.accept('i would like')]).toEqual([0, 0]);
  });

  it('calls whole words stable that stood in the last three hypotheses', () => {
    const stable = new StableText();
    stable.accept('i would like');
    stable.accept('i would like to');
    expect(stable.accept('i would like two turkey')).toBe('i would like'.length);
  });

  it('takes a word back when it changes', () => {
    const stable = new StableText();
    for (let i = 0; i < 3; i++) stable.accept('can one');
    expect(stable.accept('add one veggie')).toBe(0);
  });
});
