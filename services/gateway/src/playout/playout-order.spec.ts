import { describe, expect, it } from '@jest/globals';
import type { AudioFrame } from '@parley/contracts';
import fc from 'fast-check';
import { SAMPLES_PER_MS, frame, sentenceFrames, setUp, voice } from '../../spec-support/heard-playout.js';

describe('Playout', () => {
  it('holds a sentence back until the one before it is complete', () => {
    const { heard, playout, run, give } = setUp();
    playout.frame(frame({ reply: 1, sentence: 0 }));
    give(sentenceFrames(1, 1, 640));
    run(100);
    expect(heard.pieces.map(({ info }) => info.sentence)).toEqual([0]);
    playout.frame(frame({ reply: 1, sentence: 0, pts: 320, samples: 0, lastOfSentence: true }));
    run(100);
    expect(heard.pieces.map(({ info }) => info.sentence)).toEqual([0, 1, 1]);
  });

  it('passes over an unspoken sentence between two spoken ones', () => {
    const { heard, playout, give } = setUp();
    give(sentenceFrames(1, 0, 320));
    give(sentenceFrames(1, 2, 320));
    expect(heard.pieces).toHaveLength(1);
    playout.unspoken(1, 1);
    expect(heard.pieces.map(({ info }) => info.sentence)).toEqual([0, 2]);
  });

  it('goes on at the first sample not sent when a new owner synthesises the sentence again', () => {
    const { heard, playout, run, give } = setUp();
    give(sentenceFrames(1, 0, 9600).slice(0, 10));
    run(500);
    give(sentenceFrames(1, 0, 9600, 500));
    playout.replyEnded(1, 1, 'completed');
    run(1000);
    expect(heard.pcm.equals(voice(1, 0, 0, 9600))).toBe(true);
    expect(heard.drops.duplicate).toBe(200);
    expect(heard.endings[0]).toMatchObject({ outcome: 'completed', totalMs: 600 });
  });

  it('stops at what was heard when the new synthesis of a sentence is shorter', () => {
    const { heard, playout, run, give } = setUp();
    give(sentenceFrames(1, 0, 9600).slice(0, 10));
    run(300);
    give(sentenceFrames(1, 0, 1600));
    playout.replyEnded(1, 1, 'completed');
    run(100);
    expect(heard.endings[0]).toMatchObject({ outcome: 'completed', totalMs: 200, sentenceMs: 200 });
  });

  it('holds a later reply back until the one before it has been played', () => {
    const { heard, playout, run, give } = setUp();
    give(sentenceFrames(1, 0, 640));
    give(sentenceFrames(2, 0, 640));
    run(60);
    expect(heard.log).toEqual(['started 1']);
    playout.replyEnded(1, 1, 'completed');
    expect(heard.log).toEqual(['started 1', 'ended 1 completed', 'started 2']);
  });

  it('lets the caller hear each sample once, in order and paced, whatever comes twice, again or mixed up', () => {
    const sentence = fc.record({
      samples: fc.integer({ min: 1, max: 8000 }),
      cuts: fc.constantFrom(160, 320, 333, 800),
    });
    const scenario = fc.record({
      replies: fc.array(fc.array(sentence, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 3 }),
      frameMs: fc.constantFrom(10, 20, 60, 200),
      leadMs: fc.constantFrom(200, 400),
      /** Where the first owner dies, as a share of the reply's frames, and how the second one cuts. */
      death: fc.option(fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), cuts: fc.constantFrom(200, 320) })),
      /** For each frame: what is done with it, and how long until the next. */
      fates: fc.array(fc.record({ fate: fc.constantFrom('once', 'twice', 'swapped'), waitMs: fc.integer({ max: 90, min: 0 }) }), { minLength: 5, maxLength: 40 }), // prettier-ignore
    });
    fc.assert(
      fc.property(scenario, ({ replies, frameMs, leadMs, death, fates }) => {
        const { clock, heard, playout, run } = setUp({ frameMs, leadMs });
        let step = 0;
        replies.forEach((sentences, index) => {
          const reply = index + 1;
          playout.replyStarted(reply, reply);
          let frames = sentences.flatMap(({ samples, cuts }, i) => sentenceFrames(reply, i, samples, cuts));
          if (death) {
            const published = frames.slice(0, Math.floor(frames.length * death.at));
            const from = published.filter((each) => each.lastOfSentence).length;
            const again = sentences.flatMap(({ samples }, i) => (i < from ? [] : sentenceFrames(reply, i, samples, death.cuts))); // prettier-ignore
            frames = [...published, ...again];
          }
          for (let i = 0; i < frames.length; i++) {
            const { fate, waitMs } = fates[step++ % fates.length]!;
            const now = frames[i] as AudioFrame;
            const next = frames[i + 1];
            if (fate === 'swapped' && next) {
              playout.frame(next);
              frames[i + 1] = now;
            } else {
              playout.frame(now);
              if (fate === 'twice') playout.frame(now);
              run(waitMs);
            }
          }
          playout.replyEnded(reply, sentences.length, 'completed');
        });
        run(20_000);

        const spoken = replies.flatMap((sentences, index) => sentences.map(({ samples }, i) => voice(index + 1, i, 0, samples))); // prettier-ignore
        expect(heard.pcm.equals(Buffer.concat(spoken))).toBe(true);
        expect(heard.endings.map(({ reply, outcome }) => `${reply} ${outcome}`)).toEqual(
          replies.map((_, index) => `${index + 1} completed`),
        );
        let playedOutMs = 0;
        for (const { pcm, atMs } of heard.pieces) {
          playedOutMs = Math.max(playedOutMs, atMs) + pcm.byteLength / 2 / SAMPLES_PER_MS;
          expect(playedOutMs - atMs).toBeLessThanOrEqual(leadMs);
        }
        expect(clock.nowMs()).toBeGreaterThan(playedOutMs);
        expect(playout.active).toBe(false);
      }),
      { numRuns: 150 },
    );
  });
});
