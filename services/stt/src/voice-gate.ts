import { PcmWindows, PreRoll, SpeechSegmenter, msToSamples, samplesToMs, type SpeechBoundary } from '@parley/audio';
import type { VoiceActivityDetector } from '@parley/ports';

/** What the gate tells of the voice, positions in samples since the session began. */
export interface VoiceGateListener {
  /** Speech began; `pcm` holds it from shortly before its beginning. */
  onSpeechStarted(atPts: number, pcm: Int16Array): void;
  /** Voice of the utterance that goes on. */
  onSpeech(pcm: Int16Array): void;
  /** Speech ended at this position, which lies in the past by the silence that ends an utterance. */
  onSpeechStopped(atPts: number, durationMs: number): void;
  /** The gate's position has moved; told after what happened there. */
  onMoved(): void;
}

/** How the gate cuts. */
export interface VoiceGateOptions {
  sampleRateHz: number;
  minSilenceMs: number;
}

/** What was taken and has not passed yet, in the order in which it came. */
type Step =
  | { type: 'voice'; window: Int16Array }
  /** A window's length of it. */
  | { type: 'assumed silence' }
  /** From here on session positions are the gate's own count of samples and this. */
  | { type: 'move'; offset: number }
  | { type: 'end' };

/** Gaps in the caller's voice are filled with silence up to this; a longer one is passed over. */
const MAX_FILL_MS = 1000;

/**
 * Lets speech through and holds silence back. Its clock is the audio: positions come from frames' `pts`, gaps count
 * as silence, and when no frames come at all the owner feeds silence. The detector may judge later than it is asked:
 * whatever was taken meanwhile waits for it, so that the same audio is cut the same.
 */
export class VoiceGate {
  private readonly windows: PcmWindows;
  private readonly segmenter: SpeechSegmenter;
  private readonly preRoll: PreRoll;
  private readonly silence: Int16Array;
  private readonly silentWindow: Int16Array;
  /** The first is voice that is being judged. */
  private readonly steps: Step[] = [];
  /** Samples taken by the gate's own count, of which the segmenter has had those that have passed. */
  private takenSamples = 0;
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
    this.segmenter = new SpeechSegmenter({ sampleRateHz, minSilenceMs, ...detector.cut });
    this.preRoll = new PreRoll({ sampleRateHz });
    this.silence = new Int16Array(msToSamples(100, sampleRateHz));
    this.silentWindow = new Int16Array(detector.windowSamples);
  }

  /** How far the audio has been judged, in samples since the session began. */
  get position(): number {
    return this.segmenter.positionSamples + this.offset;
  }

  /** How far the voice received so far has been judged; silence that was only let pass does not count. */
  get receivedPts(): number {
    return Math.min(this.position, this.nextPts ?? this.offset);
  }

  /** Whether an utterance has begun and not ended, as far as the audio has been judged. */
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
    this.nextPts = pts + pcm.length;
    this.take({ type: 'move', offset: pts - (this.takenSamples + this.windows.pendingSamples) });
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
      this.takenSamples += this.silentWindow.length;
      this.take({ type: 'assumed silence' });
    }
  }

  /** Ends the utterance that goes on, if one does, where the voice taken so far ends: no more of it is to come. */
  end(): void {
    if (this.windows.pendingSamples > 0) {
      this.feed(this.silentWindow.subarray(this.windows.pendingSamples));
    }
    this.take({ type: 'end' });
  }

  close(): void {
    this.steps.length = 0;
    this.detector.close();
  }

  private feed(pcm: Int16Array): void {
    this.windows.push(pcm, (pending) => {
      const step: Step = { type: 'voice', window: pending.slice() };
      this.steps.push(step);
      this.takenSamples += pending.length;
      try {
        this.detector.accept(step.window, this.onJudged);
      } catch (error) {
        // Nobody will judge it, and it must not hold up the rest.
        if (this.steps.at(-1) === step) this.steps.pop();
        throw error;
      }
    });
  }

  private take(step: Exclude<Step, { type: 'voice' }>): void {
    if (this.steps.length > 0) this.steps.push(step);
    else this.pass(step);
  }

  /** It is the oldest voice that is judged, because windows are judged in their order. */
  private readonly onJudged = (probability: number): void => {
    // Something waits before it only when a listener threw.
    this.passUnjudged();
    const judged = this.steps.shift();
    if (judged?.type === 'voice') this.passWindow(judged.window, probability, false);
    this.passUnjudged();
  };

  private passUnjudged(): void {
    for (let next = this.steps[0]; next && next.type !== 'voice'; next = this.steps[0]) {
      this.steps.shift();
      this.pass(next);
    }
  }

  private pass(step: Exclude<Step, { type: 'voice' }>): void {
    if (step.type === 'move') {
      this.offset = step.offset;
    } else if (step.type === 'assumed silence') {
      this.passWindow(this.silentWindow, 0, true);
    } else {
      this.tellStopped(this.segmenter.end());
    }
  }

  private passWindow(window: Int16Array, probability: number, assumed: boolean): void {
    this.preRoll.push(window);
    const boundary = this.segmenter.accept(probability, window.length);
    if (boundary?.type === 'speech_started') {
      const { pcm } = this.preRoll.from(boundary.atSamples);
      this.startedAt = boundary.atSamples;
      this.listener.onSpeechStarted(Math.max(0, boundary.atSamples + this.offset), pcm);
    } else if ((this.segmenter.speaking || boundary) && !assumed) {
      this.listener.onSpeech(window);
    }
    this.tellStopped(boundary);
    this.listener.onMoved();
  }

  private tellStopped(boundary: SpeechBoundary | undefined): void {
    if (boundary?.type !== 'speech_stopped') return;
    const durationMs = samplesToMs(boundary.atSamples - this.startedAt, this.options.sampleRateHz);
    this.listener.onSpeechStopped(Math.max(0, boundary.atSamples + this.offset), durationMs);
  }
}
