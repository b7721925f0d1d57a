import { INPUT_RATE_HZ } from './input-rate.js';
import type { OpenUtterances, Utterance } from './open-utterances.js';
import type { SttMetrics } from './stt-metrics.js';
import type { TurnLog } from './turn-log.js';
import { isHeard, nextBoundary } from './turn-progress.js';
import type { VoiceGate } from './voice-gate.js';

/** What a caller's voice goes through. */
export interface CallerVoiceParts {
  log: TurnLog;
  gate: VoiceGate;
  utterances: OpenUtterances;
  metrics: Pick<SttMetrics, 'emptyCommits' | 'gaps' | 'unheard'>;
  /** Asks the engine for the finals of everything up to this utterance. */
  ask(last: Utterance): void;
}

/**
 * Brings the caller's voice to the gate, and what the caller did to where it did it: an utterance ends at a commit and at
 * a change of the mode, also when the word of it and the voice come in another order, and what is said while the caller
 * writes is passed over.
 */
export class CallerVoice {
  /** Up to where commits and changes of the mode have taken effect. */
  private reached = 0;
  private isLive = false;

  constructor(private readonly parts: CallerVoiceParts) {}

  get reachedPts(): number {
    return this.reached;
  }

  /** Whether voice is missing up to where the caller did something. */
  get isBehind(): boolean {
    return nextBoundary(this.parts.log.progress, this.reached) !== undefined;
  }

  /** A predecessor has taken account of everything up to here. */
  startAt(pts: number): void {
    this.reached = Math.max(this.reached, pts);
    this.parts.gate.startAt(pts);
  }

  /** From now on a commit is a new one, and counted when it is one of nothing. */
  goLive(): void {
    this.isLive = true;
  }

  /** The caller committed or changed the mode; that takes effect when all voice up to there has come. */
  onBoundary(pts: number, isCommit: boolean): void {
    if (pts <= this.reached) this.pass(pts, isCommit);
  }

  /** Takes a frame's voice. */
  hear(pcm: Int16Array, pts: number): void {
    this.reach(pts);
    const boundary = nextBoundary(this.parts.log.progress, pts) ?? Infinity;
    const part = pcm.subarray(0, boundary - pts);
    this.take(part, pts);
    // It may have been passed before, when this voice was not expected any more.
    if (pts + part.length === boundary) this.parts.gate.endUtterance();
    this.reach(pts + part.length);
    if (part.length < pcm.length) this.hear(pcm.subarray(part.length), boundary);
  }

  /** Lets 100 ms pass in which nothing comes, and nothing is on its way. */
  assumeSilence(): void {
    const boundary = nextBoundary(this.parts.log.progress, this.reached);
    if (boundary !== undefined) this.reach(boundary);
    this.parts.gate.assumeSilence();
  }

  private reach(pts: number): void {
    const { log } = this.parts;
    let boundary = nextBoundary(log.progress, this.reached);
    while (boundary !== undefined && boundary <= pts) {
      this.reached = boundary;
      this.pass(boundary, log.progress.commits.includes(boundary));
      boundary = nextBoundary(log.progress, boundary);
    }
    this.reached = Math.max(this.reached, pts);
  }

  /** What is said from here on is another utterance. */
  private pass(boundary: number, isCommit: boolean): void {
    const { log, gate, utterances, metrics, ask } = this.parts;
    const { current } = utterances;
    if (!current || current.startPts < boundary) gate.endUtterance();
    // At once, also of an engine that ends turns: voice that comes now is not to be in the same final.
    const unasked = utterances.unaskedBefore(boundary);
    if (unasked && (isCommit || !isHeard(log.progress, boundary))) ask(unasked);
    const saidBefore = [...log.progress.said, ...utterances.all].some(({ startPts }) => startPts < boundary);
    if (isCommit && !saidBefore && this.isLive) metrics.emptyCommits.inc();
  }

  private take(pcm: Int16Array, pts: number): void {
    const { log, gate, metrics } = this.parts;
    if (!isHeard(log.progress, pts)) {
      metrics.unheard.inc(pcm.length / INPUT_RATE_HZ);
      gate.skipTo(pts + pcm.length);
      return;
    }
    const missing = gate.accept(pcm, pts);
    if (missing > 0) metrics.gaps.inc(missing / INPUT_RATE_HZ);
  }
}
