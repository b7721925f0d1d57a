import type { SessionWriter } from '@parley/bus';
import type { ErrorCode } from '@parley/contracts';
import { CALLER_SAMPLE_RATE_HZ, type CallerAudio } from './caller-audio.js';
import type { GatewayParts } from './gateway-parts.js';
import { JoinedVoice, type VoiceStretch } from './joined-voice.js';

/** Frames sent and not stored, 5 s of 40 ms ones, at which the broker counts as gone and voice is dropped. */
const MAX_UNACKED_FRAMES = 125;
/** What a frame is refused for that has not the form of voice, and so takes no time. */
const MALFORMED: readonly (ErrorCode | undefined)[] = ['audio_odd_length', 'frame_too_large'];
const BASE = {
  codec: 'pcm_s16le',
  sampleRateHz: CALLER_SAMPLE_RATE_HZ,
  reply: 0,
  sentence: 0,
  lastOfSentence: false,
  lastOfReply: false,
} as const;

/**
 * Puts a caller's voice on the bus. Every well-formed frame takes its time, also one that is dropped, so that the caller
 * and its gateway count the same samples.
 */
export class CallerVoice {
  readonly #joined = new JoinedVoice();
  #pts: number;

  /** @param startPts samples of the caller's voice before this gateway had the session */
  constructor(
    private readonly parts: Pick<GatewayParts, 'metrics'>,
    private readonly writer: SessionWriter,
    private readonly audio: CallerAudio,
    startPts = 0,
  ) {
    this.#pts = startPts;
  }

  /** How much of the caller's voice has come, in samples since the session began. */
  get position(): number {
    return this.#pts;
  }

  /** Tells the stream's readers that nothing of an earlier gateway counts any more. */
  fence(): void {
    this.writer.audio('in', { ...BASE, pts: this.#pts, fence: true, payload: new Uint8Array(0) });
  }

  /** Lets the time of a frame pass that nobody is to hear. @returns why it was dropped */
  refuse(pcm: Uint8Array): ErrorCode {
    const problem = this.audio.judge(pcm.byteLength);
    if (problem && MALFORMED.includes(problem)) return problem;
    this.flush();
    this.#pts += pcm.byteLength / 2;
    return 'audio_not_expected';
  }

  /** @returns why a frame was dropped, or undefined */
  take(pcm: Uint8Array): ErrorCode | undefined {
    let problem = this.audio.judge(pcm.byteLength);
    if (MALFORMED.includes(problem)) return problem;
    const pts = this.#pts;
    this.#pts += pcm.byteLength / 2;
    if (!problem && this.writer.unackedFrames >= MAX_UNACKED_FRAMES) problem = 'bus_unavailable';
    if (problem) {
      this.flush();
      return problem;
    }
    this.#send(this.#joined.add(pts, pcm));
    this.parts.metrics.framesIn.inc();
    this.parts.metrics.bytesIn.inc(pcm.byteLength);
    return undefined;
  }

  /** Sends what waits for more of it: all that the caller has said so far is to be known. */
  flush(): void {
    this.#send(this.#joined.flush());
  }

  /** Sends what waits for more that does not come; called now and then. */
  tick(): void {
    this.#send(this.#joined.overdue());
  }

  #send(stretch: VoiceStretch | undefined): void {
    if (stretch) this.writer.audio('in', { ...BASE, pts: stretch.pts, fence: false, payload: stretch.pcm });
  }
}
