import { PcmWindows, PreRoll, SpeechSegmenter, msToSamples, samplesToMs } from '@parley/audio';
import type { VoiceActivityDetector } from '@parley/ports';

/** What the gate tells of the voice, positions in samples since the session began. */
export interface VoiceGateListener {
  /** Speech began; `pcm` holds it from shortly before its beginning. */
  onSpeechStarted(atPts: number, pcm: Int16Array): void;
  /** Voice of the utterance that goes on; valid during the call only. */
  onSpeech(pcm: Int16Array): void;
  /** Speech ended at this position, which lies in the past by the silence that ends an utterance. */
  onSpeechStopped(atPts: number, durationMs: number): void;
}

/** How the gate cuts. */
export interface VoiceGateOptions {
  sampleRateHz: number;
  minSilenceMs: number;
}

/** Gaps in the caller's voice are filled with silence up to this; a longer one is passed over. */
const MAX_FILL_MS = 1000;

/**
 * Lets speech through and holds silence back. Its clock is the audio: positions come from frames' `pts`, gaps count
 * as silence, and when no frames come at all the owner feeds silence.
 */
export class VoiceGate {
  private readonly windows: PcmWindows;
  private readonly segmenter: SpeechSegmenter;
  private readonly preRoll: PreRoll;
  private readonly silence: Int16Array;
  private readonly silentWindow: Int16Array;
  /** Assumed silence that is no whole window yet. */
  private assumedSamples = 0;
  /** Session position minus the gate's own count of samples. */
  private offset = 0;
  private nextPts: number | undefined;
  private startedAt = 0;

  constructor(
    private readonly options: VoiceGateOptions,
    private readonly detector: VoiceActivityDetector,
    private readonly listener: VoiceGateListener,
  ) {
    const { sampleRateHz, minSilenceMs } = options;
    this.windows = new PcmWindows(detector.windowSamples);
    this.segmenter = new SpeechSegmenter({ sampleRateHz, minSilenceMs });
    this.preRoll = new PreRoll({ sampleRateHz });
    this.silence = new Int16Array(msToSamples(100, sampleRateHz));
    this.silentWindow = new Int16Array(detector.windowSamples);
  }

  /** How far the audio is, in samples since the session began. */
  get position(): number {
    return this.segmenter.positionSamples + this.offset;
  }

  /** How far the voice received so far has been judged; silence that was only let pass does not count. */
  get receivedPts(): number {
    return Math.min(this.position, this.nextPts ?? this.offset);
  }

  /** Whether an utterance has begun and not ended. */
  get speaking(): boolean {
    return this.segmenter.speaking;
  }

  /** Puts the position here, before the first frame. */
  startAt(pts: number): void {
    if (this.nextPts === undefined) this.offset = pts - this.segmenter.positionSamples;
  }

  /**
   * Takes a frame's voice. What was taken before, from a gateway that the session has left, is passed over.
   * @returns samples missing before it
   */
  accept(frame: Int16Array, framePts: number): number {
    const known = Math.min(frame.length, Math.max(0, (this.nextPts ?? 0) - framePts));
    const pcm = frame.subarray(known);
    const pts = framePts + known;
    if (pcm.length === 0) return 0;
    const missing = this.nextPts === undefined ? 0 : Math.max(0, pts - this.nextPts);
    const fill = Math.min(missing, msToSamples(MAX_FILL_MS, this.options.sampleRateHz));
    for (let left = fill; left > 0; left -= this.silence.length) this.feed(this.silence.subarray(0, left));
    this.offset = pts - (this.segmenter.positionSamples + this.windows.pendingSamples);
    this.nextPts = pts + pcm.length;
    this.feed(pcm);
    return missing;
  }

  /**
   * Assumes 100 ms of silence, because no frames come. It passes, but nobody is given it: frames that come late after
   * all go on from where the voice was.
   */
  assumeSilence(): void {
    this.assumedSamples += this.silence.length;
    for (; this.assumedSamples >= this.silentWindow.length; this.assumedSamples -= this.silentWindow.length) {
      this.judge(this.silentWindow, true);
    }
  }

  close(): void {
    this.detector.close();
  }

  private feed(pcm: Int16Array): void {
    this.windows.push(pcm, (window) => this.judge(window, false));
  }

  private judge(window: Int16Array, assumed: boolean): void {
    const probability = assumed ? 0 : this.detector.accept(window);
    this.preRoll.push(window);
    const boundary = this.segmenter.accept(probability, window.length);
    if (boundary?.type === 'speech_started') {
      const { pcm } = this.preRoll.from(boundary.atSamples);
      this.startedAt = boundary.atSamples;
      this.listener.onSpeechStarted(Math.max(0, boundary.atSamples + this.offset), pcm);
    } else if ((this.segmenter.speaking || boundary) && !assumed) {
      this.listener.onSpeech(window);
    }
    if (boundary?.type === 'speech_stopped') {
      const durationMs = samplesToMs(boundary.atSamples - this.startedAt, this.options.sampleRateHz);
      this.listener.onSpeechStopped(Math.max(0, boundary.atSamples + this.offset), durationMs);
    }
  }
}
