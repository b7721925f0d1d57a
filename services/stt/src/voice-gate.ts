import { PcmWindows, PreRoll, SpeechSegmenter, msToSamples, samplesToMs } from '@parley/audio';
import type { VoiceActivityDetector } from '@parley/ports';

/** What the gate tells of the voice, positions in samples since the session began. */
export interface VoiceGateListener {
  /** All voice received, speech or not, in order; valid during the call only. Called before what it begins or ends. */
  onHeard(pcm: Int16Array, atPts: number): void;
  /** Speech began; `pcm` holds it from shortly before its beginning. */
  onSpeechStarted(atPts: number, pcm: Int16Array): void;
  /** Voice of the utterance that goes on; valid during the call only. */
  onSpeech(pcm: Int16Array): void;
  /** Speech ended at this position, which lies in the past by the silence that ends an utterance. */
  onSpeechStopped(atPts: number, durationMs: number): void;
  /** Voice was judged later than it was taken, and the gate's position has moved; told after what happened there. */
  onJudgedLate(): void;
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
  /** The utterance that goes on is over; voice taken so far reaches to here. */
  | { type: 'end'; takenPts: number }
  /** As `move`, over voice that is not listened to. */
  | { type: 'skip'; offset: number };

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
  private preRoll: PreRoll;
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
  /** The detector is being given a window: what it judges now is not late. */
  private isAsking = false;

  constructor(
    private readonly options: VoiceGateOptions,
    private readonly detector: VoiceActivityDetector,
    private readonly listener: VoiceGateListener,
  ) {
    const { sampleRateHz, minSilenceMs } = options;
    this.windows = new PcmWindows(detector.windowSamples);
    this.segmenter = new SpeechSegmenter({ sampleRateHz, minSilenceMs, ...detector.cut });
    this.preRoll = this.emptyPreRoll();
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

  /** How far the voice received so far reaches, with what has not been judged yet. */
  get takenPts(): number {
    return this.nextPts ?? this.offset;
  }

  /** Whether an utterance has begun and not ended, as far as the audio has been judged. */
  get speaking(): boolean {
    return this.segmenter.speaking;
  }

  /** Whether there is sound that is an utterance if it lasts. */
  get undecided(): boolean {
    return this.segmenter.undecided;
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

  /** Here something else begins: ends the utterance that has begun, if one has, though nobody was silent. */
  endUtterance(): void {
    if (this.windows.pendingSamples > 0) this.feed(this.silentWindow.subarray(this.windows.pendingSamples));
    this.take({ type: 'end', takenPts: this.takenPts });
  }

  /** Passes over voice up to here, as if it had not come. */
  skipTo(pts: number): void {
    this.endUtterance();
    this.nextPts = Math.max(pts, this.nextPts ?? 0);
    this.take({ type: 'skip', offset: this.nextPts - this.takenSamples });
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
      this.isAsking = true;
      try {
        this.detector.accept(step.window, this.onJudged);
      } catch (error) {
        // Nobody will judge it, and it must not hold up the rest.
        if (this.steps.at(-1) === step) this.steps.pop();
        throw error;
      } finally {
        this.isAsking = false;
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
    if (!this.isAsking) this.listener.onJudgedLate();
  };

  private passUnjudged(): void {
    for (let next = this.steps[0]; next && next.type !== 'voice'; next = this.steps[0]) {
      this.steps.shift();
      this.pass(next);
    }
  }

  private pass(step: Exclude<Step, { type: 'voice' }>): void {
    switch (step.type) {
      case 'move':
        this.offset = step.offset;
        return;
      case 'skip':
        this.offset = step.offset;
        this.preRoll = this.emptyPreRoll();
        return;
      case 'assumed silence':
        return this.passWindow(this.silentWindow, 0, true);
      case 'end':
        return this.passEnd(step.takenPts);
    }
  }

  private passEnd(takenPts: number): void {
    const stop = this.segmenter.end();
    if (!stop) return;
    // What has been given out once is not to come again before the next utterance.
    this.preRoll = this.emptyPreRoll();
    // The last window of an utterance that was ended before it was full goes beyond the voice.
    this.tellStopped(Math.min(stop.atSamples, takenPts - this.offset));
  }

  private passWindow(window: Int16Array, probability: number, assumed: boolean): void {
    if (!assumed) this.listener.onHeard(window, this.position);
    this.preRoll.push(window);
    const boundary = this.segmenter.accept(probability, window.length);
    if (boundary?.type === 'speech_started') {
      const { pcm } = this.preRoll.from(boundary.atSamples);
      this.startedAt = boundary.atSamples;
      this.listener.onSpeechStarted(Math.max(0, boundary.atSamples + this.offset), pcm);
    } else if ((this.segmenter.speaking || boundary) && !assumed) {
      this.listener.onSpeech(window);
    }
    if (boundary?.type === 'speech_stopped') this.tellStopped(boundary.atSamples);
  }

  private tellStopped(atSamples: number): void {
    const durationMs = samplesToMs(atSamples - this.startedAt, this.options.sampleRateHz);
    this.listener.onSpeechStopped(Math.max(0, atSamples + this.offset), durationMs);
  }

  private emptyPreRoll(): PreRoll {
    const { sampleRateHz } = this.options;
    return new PreRoll({ sampleRateHz, startAtSamples: this.segmenter.positionSamples });
  }
}
