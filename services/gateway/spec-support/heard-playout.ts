import type { AudioFrame, EdgeAudioInfo, Payload } from '@parley/contracts';
import type { PlayoutOptions } from '../src/playout/playout-options.js';
import type { PlayoutDrop, PlayoutSink } from '../src/playout/playout-sink.js';
import { Playout } from '../src/playout/playout.js';
import { ManualClock } from './manual-clock.js';

/** Samples of one millisecond of voice. */
export const SAMPLES_PER_MS = 16;

/** Each sample says where it belongs, so that what is heard tells its order. */
export function voice(reply: number, sentence: number, pts: number, samples: number): Buffer {
  const pcm = Buffer.alloc(samples * 2);
  for (let i = 0; i < samples; i++) pcm.writeUInt16LE((reply * 7919 + sentence * 104729 + pts + i) & 0xffff, i * 2);
  return pcm;
}

/** A frame whose samples say where they belong; 20 ms when its length is not said. */
export function frame(part: Partial<AudioFrame> & { reply: number; samples?: number }): AudioFrame {
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

/** The frames of a sentence of so many samples, the last one flagged. */
export function sentenceFrames(reply: number, sentence: number, samples: number, frameSamples = 320, fromPts = 0) {
  const frames: AudioFrame[] = [];
  for (let pts = fromPts; pts < samples; pts += frameSamples) {
    const length = Math.min(frameSamples, samples - pts);
    frames.push(frame({ reply, sentence, pts, samples: length, lastOfSentence: pts + length >= samples }));
  }
  return frames;
}

/** A sink that keeps what the caller hears and what is reported of it. */
export class Heard implements PlayoutSink {
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
  paused({ reply, sentence, playedMs }: Payload<'playout.paused'>, holds: boolean): void {
    this.log.push(`paused ${reply}.${sentence} at ${playedMs}${holds ? ' held' : ''}`);
  }
  resumed({ reply, sentence, playedMs }: Payload<'playout.resumed'>): void {
    this.log.push(`resumed ${reply}.${sentence} at ${playedMs}`);
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

/** A playout at a clock that stands still: `run` lets time pass in ticks of 10 ms, `give` hands frames over. */
export function setUp(options: Partial<PlayoutOptions> = {}) {
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
