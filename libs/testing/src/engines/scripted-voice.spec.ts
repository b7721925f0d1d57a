import { beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ScriptedReader, readScripted } from './scripted-reader.js';
import { soundWithoutWords, speakScripted } from './scripted-voice.js';

const word = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }).filter((text) => text.length > 0 && !/\s/u.test(text)); // prettier-ignore

describe('scripted voice', () => {
  it('is read back exactly, whatever the words, the rate and the noise around them', () => {
    fc.assert(
      fc.property(fc.array(word, { maxLength: 6 }), fc.constantFrom(8000, 16_000, 24_000, 48_000), (words, rate) => {
        const speech = speakScripted(words.join(' '), rate);
        const recording = new Int16Array(speech.length + 2000).map((_, i) => Math.round(Math.sin(i * 1.7) * 900));
        recording.set(speech, 1000);
        const read = readScripted(recording);
        expect(read.text).toBe(words.join(' '));
        expect(read.words.every(({ complete }) => complete)).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  it('tells where each word begins and ends', () => {
    const { words } = readScripted(speakScripted('no no', 16_000, { wordMs: 200, gapMs: 50 }));
    expect(words).toEqual([
      { text: 'no', startSample: 0, endSample: 3200, complete: true, voice: 0 },
      { text: 'no', startSample: 4000, endSample: 7200, complete: true, voice: 0 },
    ]);
  });

  it('is recognised from any 40 ms of a word, which is then incomplete', () => {
    const speech = speakScripted('mustard', 8000);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1600 - 320 }), (start) => {
        const { words } = readScripted(speech.slice(start, start + 320));
        expect(words).toMatchObject([{ text: 'mustard', complete: false }]);
      }),
    );
  });

  it('does not count a word with a hole as complete', () => {
    const speech = speakScripted('mustard', 16_000);
    const holed = Int16Array.from([...speech.subarray(0, 960), ...speech.subarray(1280)]);
    expect(readScripted(holed).words).toMatchObject([{ text: 'mustard', complete: false }]);
  });

  it('does not take a word that was cut and said again for one', () => {
    const speech = speakScripted('stop', 16_000);
    const twice = Int16Array.from([...speech.subarray(0, 1600), ...speech]);
    expect(readScripted(twice).words).toMatchObject([
      { text: 'stop', complete: false },
      { text: 'stop', complete: true },
    ]);
  });

  it('is read the same however it is cut into pieces', () => {
    const speech = speakScripted('one two three', 16_000);
    const whole = readScripted(speech);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 40 }), (sizes) => {
        const reader = new ScriptedReader();
        for (let at = 0, i = 0; at < speech.length; i++) {
          const size = sizes[i % sizes.length] as number;
          reader.push(speech.subarray(at, at + size));
          at += size;
        }
        expect(reader.read()).toEqual(whole);
      }),
    );
  });

  it('finds no words in other sound', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -32_768, max: 32_767 }), { maxLength: 2000 }), (samples) => {
        expect(readScripted(Int16Array.from(samples)).words).toEqual([]);
      }),
    );
  });

  it.each([1, 7])('tells who speaks, though the words are the same: voice %d', (voice) => {
    const { words } = readScripted(speakScripted('no', 16_000, { voice }));
    expect(words).toMatchObject([{ text: 'no', voice, complete: true }]);
  });

  it('makes a sound of any length that has no words in it', () => {
    const cough = soundWithoutWords(250, 16_000);
    expect(cough).toHaveLength(4000);
    expect(Math.max(...cough)).toBeGreaterThan(3000);
    expect(readScripted(cough).words).toEqual([]);
  });

  it('refuses bursts too short to carry their word', () => {
    expect(() => speakScripted('mustard', 8000, { wordMs: 2 })).toThrow(RangeError);
  });
});

interface Fvad {
  _fvad_new(): number;
  _fvad_set_mode(vad: number, mode: number): number;
  _fvad_set_sample_rate(vad: number, hz: number): number;
  _fvad_process(vad: number, frame: number, samples: number): number;
  _malloc(bytes: number): number;
  setValue(at: number, value: number, type: 'i16'): void;
}

describe('scripted voice before a voice-activity detector', () => {
  let fvad: Fvad;
  beforeAll(async () => {
    const name: string = '@echogarden/fvad-wasm';
    fvad = await ((await import(name)) as { default: () => Promise<Fvad> }).default();
  });

  it.each([
    ['words', 8000, speakScripted('a turkey sandwich on rye with mustard and a cold drink please '.repeat(3), 8000)],
    [
      'words',
      16_000,
      speakScripted('a turkey sandwich on rye with mustard and a cold drink please '.repeat(3), 16_000),
    ],
    ['a sound without words', 16_000, soundWithoutWords(3000, 16_000)],
  ])('%s are speech at %d Hz and aggressiveness 2, and the silence around them is none', (_, rate, speech) => {
    const vad = fvad._fvad_new();
    fvad._fvad_set_mode(vad, 2);
    fvad._fvad_set_sample_rate(vad, rate);
    const recording = new Int16Array(speech.length + 2 * rate);
    recording.set(speech, rate);
    const samples = rate / 50;
    const at = fvad._malloc(samples * 2);
    const judged: number[] = [];
    for (let start = 0; start + samples <= recording.length; start += samples) {
      recording.subarray(start, start + samples).forEach((value, i) => fvad.setValue(at + 2 * i, value, 'i16'));
      judged.push(fvad._fvad_process(vad, at, samples));
    }
    const spoken = judged.slice(50, 50 + Math.floor(speech.length / samples));
    expect(judged.slice(0, 50)).not.toContain(1);
    expect(spoken.filter(Boolean).length / spoken.length).toBeGreaterThan(0.95);
    expect(judged.slice(-30)).not.toContain(1);
  });
});
