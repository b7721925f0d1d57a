import { describe, expect, it } from '@jest/globals';
import { SPEAKER_NAME, leadingSpeakerMark, speakerMark } from './speaker-name.js';

describe('the mark of a speaker', () => {
  it.each(['Ana', 'the second waiter', 'x'.repeat(40)])(
    'is found again at the beginning of a text for "%s"',
    (name) => {
      expect(SPEAKER_NAME.test(name)).toBe(true);
      expect(leadingSpeakerMark(` ${speakerMark(name)} Hello.`)).toBe(` [${name}]:`);
    },
  );

  it.each(['', 'a:b', 'a[b', 'a]b', 'a\nb', 'x'.repeat(41)])('is none for what is no name: %j', (name) => {
    expect(SPEAKER_NAME.test(name)).toBe(false);
    expect(leadingSpeakerMark(`${speakerMark(name)} Hello.`)).toBe('');
  });

  it('is none further on in a text', () => {
    expect(leadingSpeakerMark('Hello. [Ana]: Hello.')).toBe('');
  });
});
