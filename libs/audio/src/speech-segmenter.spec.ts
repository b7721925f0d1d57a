import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SpeechSegmenter, type SpeechBoundary, type SpeechSegmenterOptions } from './speech-segmenter.js';

/** At 1000 Hz a sample lasts a millisecond; windows last 20 ms. */
const WINDOW = 20;
const segmenterOf = (options: Partial<SpeechSegmenterOptions> = {}) =>
  new SpeechSegmenter({ sampleRateHz: 1000, ...options });

/** `#` is speech, `.` silence, `~` between the thresholds. */
function feed(segmenter: SpeechSegmenter, windows: string): SpeechBoundary[] {
  const probabilities: Record<string, number> = { '#': 1, '.': 0, '~': 0.5 };
  return [...windows].flatMap((window) => segmenter.accept(probabilities[window]!, WINDOW) ?? []);
}

describe('SpeechSegmenter', () => {
  it('starts after 120 ms of speech, at its first window', () => {
    const segmenter = segmenterOf();
    expect(feed(segmenter, '..#####')).toEqual([]);
    expect(feed(segmenter, '#')).toEqual([{ type: 'speech_started', atSamples: 40, detectedAtSamples: 160 }]);
    expect(segmenter.speaking).toBe(true);
  });

  it('stops after 200 ms of silence, at the end of its last speech window', () => {
    const segmenter = segmenterOf();
    feed(segmenter, '######');
    expect(feed(segmenter, '.........')).toEqual([]);
    expect(feed(segmenter, '.')).toEqual([{ type: 'speech_stopped', atSamples: 120, detectedAtSamples: 320 }]);
    expect(segmenter.speaking).toBe(false);
  });

  it('takes a pause shorter than 200 ms for part of the utterance', () => {
    expect(feed(segmenterOf(), '######.........#.........#')).toHaveLength(1);
  });

  it('ignores clicks, however many there are', () => {
    expect(feed(segmenterOf(), '#...##...'.repeat(100))).toEqual([]);
  });

  it('bridges a short gap in the beginning of speech', () => {
    expect(feed(segmenterOf(), '###.####')).toEqual([{ type: 'speech_started', atSamples: 0, detectedAtSamples: 160 }]);
  });

  it('needs the higher threshold to begin and the lower one to go on', () => {
    expect(feed(segmenterOf(), '~'.repeat(50))).toEqual([]);
    const segmenter = segmenterOf();
    expect(feed(segmenter, '#~~~~~')).toHaveLength(1);
    expect(feed(segmenter, '~'.repeat(50))).toEqual([]);
    expect(feed(segmenter, '.' + '~'.repeat(9))).toEqual([
      { type: 'speech_stopped', atSamples: 1120, detectedAtSamples: 1320 },
    ]);
  });

  it('ends the utterance when no audio follows', () => {
    const segmenter = segmenterOf();
    feed(segmenter, '######..');
    expect(segmenter.end()).toEqual({ type: 'speech_stopped', atSamples: 120, detectedAtSamples: 160 });
    expect(segmenter.end()).toBeUndefined();
    expect(feed(segmenter, '#####')).toEqual([]);
  });

  it('is undecided while there is sound that becomes speech if it lasts', () => {
    const segmenter = segmenterOf();
    const undecidedAfter = (windows: string) => (feed(segmenter, windows), segmenter.undecided);
    expect(['..', '###', '##', '.....', '#', '######', '..........', '.'].map(undecidedAfter)).toEqual([false, true, true, false, true, false, false, false]); // prettier-ignore
  });

  it('counts positions from where the session was when it took over', () => {
    const segmenter = segmenterOf({ startAtSamples: 10_000, minSpeechMs: 40 });
    expect(feed(segmenter, '.##')).toEqual([{ type: 'speech_started', atSamples: 10_020, detectedAtSamples: 10_060 }]);
  });

  it('takes lost audio as one long window without speech', () => {
    const segmenter = segmenterOf();
    feed(segmenter, '######');
    expect(segmenter.accept(0, 3000)).toEqual({ type: 'speech_stopped', atSamples: 120, detectedAtSamples: 3120 });
  });

  it.each<Partial<SpeechSegmenterOptions>>([
    { sampleRateHz: 0 },
    { minSpeechMs: -1 },
    { minSilenceMs: NaN },
    { startThreshold: 0.3 },
    { startThreshold: 1.1 },
    { stopThreshold: 0 },
  ])('refuses the setting %p', (options) => {
    expect(() => segmenterOf(options)).toThrow(expect.objectContaining({ code: 'invalid_setting' }));
  });

  it('alternates starts and stops whose positions never go back', () => {
    const windows = fc.array(fc.tuple(fc.constantFrom('#', '.', '~'), fc.integer({ min: 1, max: 15 })), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(windows, (runs) => {
        const segmenter = segmenterOf();
        const text = runs.map(([window, count]) => window.repeat(count)).join('');
        const boundaries = [...feed(segmenter, text), segmenter.end()].filter((boundary) => boundary !== undefined);
        let last = 0;
        for (const [i, boundary] of boundaries.entries()) {
          expect(boundary.type).toBe(i % 2 === 0 ? 'speech_started' : 'speech_stopped');
          expect(boundary.atSamples).toBeGreaterThanOrEqual(last);
          expect(boundary.atSamples).toBeLessThanOrEqual(boundary.detectedAtSamples);
          last = boundary.atSamples;
        }
        expect(boundaries.length % 2).toBe(0);
        expect(segmenter.positionSamples).toBe(text.length * WINDOW);
      }),
    );
  });
});
