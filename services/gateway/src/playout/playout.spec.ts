import { describe, expect, it } from '@jest/globals';
import type { AudioFrame, EdgeAudioInfo, Payload } from '@parley/contracts';
import fc from 'fast-check';
import { ManualClock } from '../../spec-support/manual-clock.js';
import type { PlayoutDrop, PlayoutSink } from './playout-sink.js';
import { Playout, type PlayoutOptions } from './playout.js';

const SAMPLES_PER_MS = 16;

/** Each sample says where it belongs, so that what is heard tells its order. */
function voice(reply: number, sentence: number, pts: number, samples: number): Buffer {
  const pcm = Buffer.alloc(samples * 2);
  for (let i = 0; i < samples; i++) pcm.writeUInt16LE((reply * 7919 + sentence * 104729 + pts + i) & 0xffff, i * 2);
  return pcm;
}

function frame(part: Partial<AudioFrame> & { reply: number; samples?: number }): AudioFrame {
  const { samples = 320, ...rest } = part;
  const sentence = part.sentence ?? 0;
  const pts = part.pts ?? 0;
  return {
    codec: 'pcm_s16le',
    sampleRateHz: 16_000,
    epoch: 1,
    seq: 1,
    sentence,
    pts,
    lastOfSentence: false,
    lastOfReply: false,
    fence: false,
    payload: voice(part.reply, sentence, pts, samples),
    ...rest,
  };
}

function sentenceFrames(reply: number, sentence: number, samples: number, frameSamples = 320, fromPts = 0) {
  const frames: AudioFrame[] = [];
  for (let pts = fromPts; pts < samples; pts += frameSamples) {
    const length = Math.min(frameSamples, samples - pts);
    frames.push(frame({ reply, sentence, pts, samples: length, lastOfSentence: pts + length >= samples }));
  }
  return frames;
}

class Heard implements PlayoutSink {
  readonly pieces: { info: EdgeAudioInfo; pcm: Uint8Array; atMs: number }[] = [];
  readonly log: string[] = [];
  readonly progressed: Payload<'playout.progress'>[] = [];
  readonly endings: (Payload<'playout.ended'> & { atMs: number })[] = [];
  readonly underruns: { where: string; durationMs: number }[] = [];
  readonly drops: Partial<Record<PlayoutDrop, number>> = {};
  lateMs = 0;
  lastOverflow = 0;

  constructor(private readonly clock: ManualClock) {}

  audio(info: EdgeAudioInfo, pcm: Uint8Array): void {
    this.pieces.push({ info, pcm, atMs: this.clock.nowMs() });
  }
  started({ reply, turn }: Payload<'playout.started'>): void {
    this.log.push(`started ${reply}${turn === undefined ? '' : ` turn ${turn}`}`);
  }
  progress(event: Payload<'playout.progress'>): void {
    this.progressed.push(event);
  }
  ended(event: Payload<'playout.ended'>): void {
    this.endings.push({ ...event, atMs: this.clock.nowMs() });
    this.log.push(`ended ${event.reply} ${event.outcome}`);
  }
  flush(reply: number): void {
    this.log.push(`flush ${reply}`);
  }
  underrun(where: 'sentence' | 'between', durationMs: number): void {
    this.underruns.push({ where, durationMs });
  }
  late(byMs: number): void {
    this.lateMs += byMs;
  }
  dropped(reason: PlayoutDrop, durationMs: number): void {
    this.drops[reason] = (this.drops[reason] ?? 0) + durationMs;
  }
  overflowed(reply: number): void {
    this.lastOverflow = reply;
  }
  stalled(reply: number): void {
    this.log.push(`stalled ${reply}`);
  }

  get ms(): number {
    return this.pieces.reduce((sum, { pcm }) => sum + pcm.byteLength / 2 / SAMPLES_PER_MS, 0);
  }
  get pcm(): Buffer {
    return Buffer.concat(this.pieces.map(({ pcm }) => pcm));
  }
}

function setUp(options: Partial<PlayoutOptions> = {}) {
  const clock = new ManualClock();
  const heard = new Heard(clock);
  const playout = new Playout(clock, heard, { sampleRateHz: 16_000, frameMs: 20, leadMs: 400, ...options });
  const run = (ms: number) => {
    for (let i = 0; i < ms; i += 10) {
      clock.advance(10);
      playout.tick();
    }
  };
  const give = (frames: AudioFrame[]) => frames.forEach((each) => playout.frame(each));
  return { clock, heard, playout, run, give };
}

describe('Playout', () => {
  it('sends the first frame at once, without a tick', () => {
    const { heard, playout } = setUp();
    playout.replyStarted(1, 1);
    playout.frame(frame({ reply: 1 }));
    expect(heard.log).toEqual(['started 1 turn 1']);
    expect(heard.pieces.map(({ info }) => info)).toEqual([{ reply: 1, sentence: 0, pts: 0 }]);
  });

  it('sends no more than the lead ahead of real time', () => {
    const { heard, run, give } = setUp();
    give(sentenceFrames(1, 0, 32_000));
    expect(heard.ms).toBe(400);
    run(100);
    expect(heard.ms).toBe(500);
  });

  it('cuts frames to the length the caller wants, the last of a sentence shorter', () => {
    const { heard, run, give } = setUp({ frameMs: 30 });
    give(sentenceFrames(1, 0, 1000, 320));
    run(100);
    expect(heard.pieces.map(({ pcm, info }) => [info.pts, pcm.byteLength / 2])).toEqual([
      [0, 480],
      [480, 480],
      [960, 40],
    ]);
    expect(heard.pcm.equals(voice(1, 0, 0, 1000))).toBe(true);
  });

  it('ends a reply when its last sample has been played, not when it was sent', () => {
    const { heard, playout, run, give } = setUp();
    playout.replyStarted(1, 1);
    give(sentenceFrames(1, 0, 4800));
    playout.replyEnded(1, 1, 'completed');
    expect(heard.ms).toBe(300);
    run(290);
    expect(heard.endings).toEqual([]);
    run(10);
    expect(heard.endings).toEqual([
      { reply: 1, outcome: 'completed', sentence: 0, playedMs: 300, sentenceMs: 300, totalMs: 300, atMs: 300 },
    ]);
    expect(playout.active).toBe(false);
  });

  it('ends a reply by the last-of-reply flag before its text is known to be over', () => {
    const { heard, playout, run, give } = setUp();
    give(sentenceFrames(1, 0, 320));
    playout.frame(frame({ reply: 1, sentence: 0, pts: 320, samples: 0, lastOfReply: true }));
    run(20);
    expect(heard.log).toEqual(['started 1', 'ended 1 completed']);
    playout.replyEnded(1, 1, 'completed');
    run(20);
    expect(heard.endings).toHaveLength(1);
  });

  it.each([
    ['its text has no sentence', (p: Playout) => p.replyEnded(1, 0, 'completed')],
    [
      'none of its sentences is spoken',
      (p: Playout) => {
        p.unspoken(1, 0);
        p.unspoken(1, 1);
        p.replyEnded(1, 2, 'completed');
      },
    ],
    [
      'its only frame is an empty last one',
      (p: Playout) => p.frame(frame({ reply: 1, samples: 0, lastOfReply: true })),
    ],
  ])('ends a reply without voice when %s', (_, act) => {
    const { heard, playout } = setUp();
    playout.replyStarted(1, 1);
    act(playout);
    expect(heard.endings).toEqual([{ reply: 1, outcome: 'completed', sentence: 0, playedMs: 0, totalMs: 0, atMs: 0 }]);
  });

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

  it('counts an underrun with its place and length when voice comes too late', () => {
    const { heard, playout, run } = setUp();
    playout.frame(frame({ reply: 1 }));
    run(70);
    playout.frame(frame({ reply: 1, pts: 320, lastOfSentence: true }));
    run(120);
    playout.frame(frame({ reply: 1, sentence: 1 }));
    expect(heard.underruns).toEqual([
      { where: 'sentence', durationMs: 50 },
      { where: 'between', durationMs: 100 },
    ]);
    expect(heard.lateMs).toBe(0);
  });

  it('counts lateness, not an underrun, when the clock was late and voice was there', () => {
    const { clock, heard, playout, give } = setUp();
    give(sentenceFrames(1, 0, 16_000));
    clock.advance(450);
    playout.tick();
    expect(heard.underruns).toEqual([]);
    expect(heard.lateMs).toBe(50);
  });

  it('reports progress by the clock: what was sent less what is still ahead', () => {
    const { heard, run, give } = setUp();
    give(sentenceFrames(1, 0, 24_000));
    run(500);
    expect(heard.progressed).toEqual([{ reply: 1, sentence: 0, playedMs: 500 }]);
  });

  it('reports the end of each sentence', () => {
    const { heard, run, give } = setUp();
    give([...sentenceFrames(1, 0, 1600), ...sentenceFrames(1, 1, 800)]);
    run(100);
    expect(heard.progressed).toEqual([{ reply: 1, sentence: 0, playedMs: 100 }]);
    run(50);
    expect(heard.progressed.slice(1)).toEqual([{ reply: 1, sentence: 1, playedMs: 50 }]);
  });

  it('stops, flushes and says what was heard when a reply is interrupted', () => {
    const { heard, playout, run, give } = setUp();
    give([...sentenceFrames(1, 0, 1600), ...sentenceFrames(1, 1, 32_000)]);
    run(250);
    const sentMs = heard.ms;
    playout.replyInterrupted(1);
    expect(heard.log).toEqual(['started 1', 'flush 1', 'ended 1 interrupted']);
    expect(heard.endings[0]).toMatchObject({ sentence: 1, playedMs: 150, sentenceMs: 2000, totalMs: 250 });
    give(sentenceFrames(1, 1, 32_000));
    run(100);
    expect(heard.ms).toBe(sentMs);
    expect(heard.drops.reply_over).toBe(2000);
    expect(heard.drops.flushed).toBe(2100 - sentMs);
  });

  it('ends a reply that is interrupted before its voice came, and drops that voice', () => {
    const { heard, playout, give } = setUp();
    playout.replyStarted(1, 1);
    playout.replyInterrupted(1);
    give(sentenceFrames(1, 0, 640));
    expect(heard.log).toEqual(['ended 1 interrupted']);
    expect(heard.pieces).toEqual([]);
  });

  it('says nothing twice when a reply that is over is interrupted', () => {
    const { heard, playout, run, give } = setUp();
    give(sentenceFrames(1, 0, 320));
    playout.replyEnded(1, 1, 'completed');
    run(20);
    playout.replyInterrupted(1);
    expect(heard.log).toEqual(['started 1', 'ended 1 completed']);
  });

  it('plays the next reply from its first frame after an interruption', () => {
    const { heard, playout, run, give } = setUp();
    give(sentenceFrames(1, 0, 32_000));
    run(100);
    give(sentenceFrames(2, 0, 640));
    playout.replyInterrupted(1);
    expect(heard.log).toEqual(['started 1', 'flush 1', 'ended 1 interrupted', 'started 2']);
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

  it('drops frames of a reply older than the one that plays', () => {
    const { heard, give } = setUp();
    give(sentenceFrames(3, 0, 640));
    give(sentenceFrames(2, 0, 640));
    expect(heard.drops.reply_over).toBe(40);
  });

  it('plays what is there of a reply that failed, then ends it as failed', () => {
    const { heard, playout, run, give } = setUp();
    give(sentenceFrames(1, 0, 3200).slice(0, 3));
    playout.replyEnded(1, 2, 'failed');
    run(60 + 1000);
    expect(heard.log).toEqual(['started 1', 'ended 1 failed']);
    expect(heard.endings[0]?.totalMs).toBe(60);
  });

  it('gives a reply up whose text is over and whose voice stays away', () => {
    const { heard, playout, run } = setUp();
    playout.replyStarted(1, 1);
    playout.replyEnded(1, 1, 'completed');
    run(9_990);
    expect(heard.log).toEqual([]);
    run(10);
    expect(heard.log).toEqual(['ended 1 failed', 'stalled 1']);
    expect(playout.active).toBe(false);
  });

  it('gives a reply up that never ends, later, unless something goes on in it', () => {
    const { heard, playout, run } = setUp();
    playout.replyStarted(1, 1);
    run(50_000);
    playout.replyContinues(1);
    run(50_000);
    expect(heard.log).toEqual([]);
    run(10_000);
    expect(heard.log).toEqual(['ended 1 failed', 'stalled 1']);
  });

  it('gives a reply up that a later one overtakes', () => {
    const { heard, playout, run, give } = setUp();
    playout.replyStarted(1, 1);
    give(sentenceFrames(2, 0, 640));
    run(10_000);
    expect(heard.log).toEqual(['ended 1 failed', 'stalled 1', 'started 2']);
  });

  it('plays the rest that is less than a frame before it gives up', () => {
    const { heard, playout, run } = setUp();
    playout.frame(frame({ reply: 1, samples: 100 }));
    playout.replyEnded(1, 1, 'completed');
    run(11_000);
    expect(heard.pcm.equals(voice(1, 0, 0, 100))).toBe(true);
    expect(heard.endings[0]).toMatchObject({ outcome: 'failed', totalMs: 6.25 });
  });

  it('passes over samples that never come after a short wait', () => {
    const { heard, playout, run } = setUp();
    playout.frame(frame({ reply: 1, pts: 0 }));
    playout.frame(frame({ reply: 1, pts: 640, lastOfSentence: true }));
    playout.replyEnded(1, 1, 'completed');
    run(210);
    expect(heard.pieces).toHaveLength(1);
    run(50);
    expect(heard.pieces.map(({ info }) => info.pts)).toEqual([0, 640]);
    expect(heard.drops.lost).toBe(20);
    expect(heard.endings[0]).toMatchObject({ outcome: 'completed', playedMs: 60, totalMs: 40 });
  });

  it('keeps no more than the bound, counts the rest and goes on', () => {
    const { heard, playout, run, give } = setUp({ maxBufferedMs: 1000 });
    give(sentenceFrames(1, 0, 32_000));
    expect(playout.bufferedMs).toBe(1000);
    expect(heard.lastOverflow).toBe(1);
    expect(heard.drops.overflow).toBe(600);
    playout.replyEnded(1, 1, 'completed');
    run(1700);
    expect(heard.endings[0]).toMatchObject({ outcome: 'completed', totalMs: 1400 });
  });

  it.each([
    ['another rate', { sampleRateHz: 8000 }],
    ['another codec', { codec: 'mulaw' as const }],
    ['half a sample', { payload: Buffer.alloc(3) }],
  ])('drops a frame of %s', (_, part) => {
    const { heard, playout } = setUp();
    playout.frame(frame({ reply: 1, ...part }));
    expect(heard.pieces).toEqual([]);
    expect(heard.drops.format).toBeGreaterThan(0);
  });

  it('says what was heard when the caller leaves in the middle, and flushes nothing', () => {
    const { heard, playout, run, give } = setUp();
    give(sentenceFrames(1, 0, 16_000));
    run(300);
    playout.stop();
    expect(heard.log).toEqual(['started 1', 'ended 1 interrupted']);
    expect(heard.endings[0]).toMatchObject({ playedMs: 300 });
    expect(playout.active).toBe(false);
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

describe('a playout that another gateway has begun', () => {
  const playing = { reply: 2, turn: 1, sentence: 1, pts: 480, totalSamples: 2080, isReported: true };

  it('goes on at the sample where the other left off, and counts what was played before', () => {
    const { heard, playout, run, give } = setUp();
    playout.resume({ over: [1], playing });
    give([...sentenceFrames(1, 0, 1600), ...sentenceFrames(2, 0, 1600), ...sentenceFrames(2, 1, 1600)]);
    playout.replyEnded(2, 2, 'completed');
    run(500);
    expect(heard.pcm.equals(voice(2, 1, 480, 1120))).toBe(true);
    expect(heard.log).toEqual(['ended 2 completed']);
    expect(heard.endings[0]).toMatchObject({ sentence: 1, playedMs: 100, sentenceMs: 100, totalMs: 200 });
  });

  it('says that a reply has begun which the log does not have', () => {
    const { heard, playout } = setUp();
    playout.resume({ over: [], playing: { ...playing, isReported: false } });
    expect(heard.log).toEqual(['started 2 turn 1']);
  });

  it('ends a reply at once whose caller had all of it', () => {
    const { heard, playout, run, give } = setUp();
    playout.resume({ over: [], playing: { ...playing, pts: 1600 } });
    give(sentenceFrames(2, 1, 1600));
    playout.replyEnded(2, 2, 'completed');
    run(20);
    expect(heard.pieces).toEqual([]);
    expect(heard.log).toEqual(['ended 2 completed']);
  });

  it('ends an interrupted reply with what was heard of it', () => {
    const { heard, playout } = setUp();
    playout.resume({ over: [], playing });
    playout.replyInterrupted(2);
    expect(heard.log).toEqual(['flush 2', 'ended 2 interrupted']);
    expect(heard.endings[0]).toMatchObject({ sentence: 1, playedMs: 30, totalMs: 130 });
  });

  it('plays the next reply after it', () => {
    const { heard, playout, run, give } = setUp();
    playout.resume({ over: [1, 2] });
    give([...sentenceFrames(2, 0, 320), ...sentenceFrames(3, 0, 320)]);
    playout.replyEnded(3, 1, 'completed');
    run(100);
    expect(heard.log).toEqual(['started 3', 'ended 3 completed']);
  });
});

describe('a frozen playout', () => {
  it('stands still, and knows at its end what was heard when it froze', () => {
    const { heard, playout, run, give } = setUp();
    give(sentenceFrames(1, 0, 16_000));
    run(300);
    playout.freeze();
    const sent = heard.pieces.length;
    run(5000);
    expect(playout.active).toBe(false);
    expect(heard.pieces).toHaveLength(sent);
    playout.stop();
    expect(heard.endings).toMatchObject([{ outcome: 'interrupted', playedMs: 300 }]);
  });
});
