import { AsyncResource } from 'node:async_hooks';
import { EngineError, type VoiceActivityDetector } from '@parley/ports';
import type { EnergyGate } from './energy-gate.js';
import type { DueSession, MicroBatches } from './micro-batches.js';
import { CONTEXT_SAMPLES, WINDOW_SAMPLES, newSessionWindow } from './session-window.js';

/** Windows that were too quiet to be judged and are shown to the network before the next that is: 128 ms. */
const REMEMBERED_WINDOWS = 4;
/** Windows that may wait: two minutes of audio, as much as may come at once when a session is taken over. */
const MAX_WAITING_WINDOWS = 3750;
const FULL_SCALE = 32_768;

/** How its probabilities are cut; the thresholds are those of Silero's authors, two windows are enough for a beginning. */
const CUT = { minSpeechMs: 64, startThreshold: 0.5, stopThreshold: 0.35 };

interface Waiting {
  window: Int16Array;
  onJudged: (probability: number) => void;
}

/** What a detector works with. */
export interface SileroDetectorOptions {
  batches: MicroBatches;
  /** Without it every window is judged. */
  gate?: EnergyGate;
  /** Told of a window that was too quiet to be judged. */
  onQuiet?: () => void;
  /** Told of a window that counts as no speech because too many wait. */
  onDropped?: () => void;
}

/** Judges speech in one session's audio, its windows together with other sessions'. */
export class SileroDetector implements VoiceActivityDetector, DueSession {
  readonly windowSamples = WINDOW_SAMPLES;
  readonly cut = CUT;
  readonly window = newSessionWindow();
  closed = false;
  /** In order; the first is being judged, or what was quiet before it is being shown to the network. */
  private readonly waiting: Waiting[] = [];
  /** What was quiet and last, oldest first, as copies. */
  private readonly quiet: Int16Array[] = [];
  private isJudging = false;
  private isShowingQuiet = false;
  /** What is being judged has been told of already, and has left those that wait. */
  private isDropped = false;
  /** Judgements come from a batch that any session may have set off: they are told on behalf of this one. */
  private readonly owner = new AsyncResource('SileroDetector');

  constructor(private readonly options: SileroDetectorOptions) {}

  /**
   * @see VoiceActivityDetector.accept
   * @throws {EngineError} `engine_input` for a window of another length, `engine_closed`
   */
  accept(window: Int16Array, onJudged: (probability: number) => void): void {
    if (this.closed) throw new EngineError('engine_closed', 'silero: the detector is closed', false);
    if (window.length !== WINDOW_SAMPLES) {
      const message = `silero: a window has ${WINDOW_SAMPLES} samples, not ${window.length}`;
      throw new EngineError('engine_input', message, false);
    }
    this.waiting.push({ window, onJudged });
    this.judgeNext();
    if (this.waiting.length > MAX_WAITING_WINDOWS) this.dropOldest();
  }

  /** May be called twice. */
  close(): void {
    this.closed = true;
    this.waiting.length = 0;
  }

  /** @see DueSession.onProbability */
  onProbability(probability: number): void {
    if (this.closed) return;
    if (this.isShowingQuiet && !this.isDropped) {
      this.showNext();
      return;
    }
    this.isJudging = false;
    if (this.isDropped) this.isDropped = false;
    else this.learnAndTell(probability);
    this.judgeNext();
  }

  private judgeNext(): void {
    const { gate, onQuiet } = this.options;
    while (!this.isJudging && this.waiting.length > 0) {
      const { window } = this.waiting[0]!;
      if (!gate || gate.isWorthJudging(window)) {
        this.isJudging = true;
        this.showNext();
      } else {
        this.remember(window);
        onQuiet?.();
        this.learnAndTell(0);
      }
    }
  }

  /** What was quiet comes first, so that the network knows what speech came out of. */
  private showNext(): void {
    const quiet = this.quiet.shift();
    this.isShowingQuiet = quiet !== undefined;
    this.load(quiet ?? this.waiting[0]!.window);
    this.options.batches.add(this);
  }

  /** The oldest, so that what is told stays in order, and what waits can be of use. */
  private dropOldest(): void {
    this.isDropped = true;
    this.options.onDropped?.();
    this.tell(0);
  }

  private learnAndTell(probability: number): void {
    this.options.gate?.learn(probability);
    this.tell(probability);
  }

  private tell(probability: number): void {
    const { onJudged } = this.waiting.shift()!;
    this.owner.runInAsyncScope(() => {
      try {
        onJudged(probability);
      } catch (error) {
        // It is the session's own, and must end neither the batch nor other sessions.
        queueMicrotask(() => {
          throw error;
        });
      }
    });
  }

  private remember(window: Int16Array): void {
    const isFull = this.quiet.length === REMEMBERED_WINDOWS;
    // What is forgotten is still the context of what follows.
    if (isFull) this.load(this.quiet[0]!);
    const copy = isFull ? this.quiet.shift()! : new Int16Array(WINDOW_SAMPLES);
    copy.set(window);
    this.quiet.push(copy);
  }

  private load(window: Int16Array): void {
    const { input } = this.window;
    input.copyWithin(0, WINDOW_SAMPLES);
    for (let i = 0; i < WINDOW_SAMPLES; i++) input[CONTEXT_SAMPLES + i] = window[i]! / FULL_SCALE;
  }
}
