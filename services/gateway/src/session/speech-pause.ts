import { DEFAULT_POLICY, isNoise, type ParleyEvent, type SessionPolicy } from '@parley/contracts';
import type { Clock } from '../clock.js';
import type { Playout } from '../playout/playout.js';

/** What became of a pause: label `outcome` of `parley_gateway_playout_pauses_total`. */
export type PauseOutcome = 'kept' | 'interrupted' | 'undecided';

/** How long after speech the agent may take beyond the time that it waits for words. */
const DECISION_MS = 2000;
/** How long speech may go on undecided. */
const LONGEST_PAUSE_MS = 8000;

interface Pause {
  reply: number;
  utterance: number;
  sinceMs: number;
  /** When the speech ended. */
  stoppedMs: number | undefined;
}

/**
 * Pauses a session's playout as soon as the caller speaks, until the agent says whether that was an interruption. When it
 * does not say so in time, because nobody has the session, the reply goes on.
 */
export class SpeechPause {
  #policy: SessionPolicy['interruption'] = DEFAULT_POLICY.interruption;
  #pause: Pause | undefined;
  /** Utterances that the agent has judged already: its word may come before theirs. */
  #judgedThrough = 0;
  /** Sounds without words over the newest reply. */
  #noises = 0;
  readonly #runningTools = new Set<string>();
  readonly #uninterruptible = new Set<string>();

  /** @param holds the caller's speaker can be held */
  constructor(
    private readonly clock: Pick<Clock, 'nowMs'>,
    private readonly playout: Playout,
    private readonly holds: boolean,
    private readonly onOutcome: (outcome: PauseOutcome) => void,
  ) {}

  /**
   * Takes any event of the session, before the playout does.
   * @param isReplayed it comes from the log: speech in it may be from before the reply that is played
   * @returns whether the playout goes on after it
   */
  event(event: ParleyEvent, isReplayed = false): boolean {
    switch (event.type) {
      case 'session.policy':
        this.#policy = event.interruption;
        break;
      case 'tool.called':
        this.#runningTools.add(event.callId);
        break;
      case 'tool.returned':
        this.#runningTools.delete(event.callId);
        break;
      case 'reply.started':
        this.#runningTools.clear();
        this.#uninterruptible.clear();
        this.#noises = 0;
        break;
      case 'reply.sentence':
        if (event.interruptible === false) this.#uninterruptible.add(`${event.reply}.${event.sentence}`);
        break;
      case 'speech.started':
        if (!isReplayed) this.#begin(event.utterance);
        break;
      case 'speech.stopped':
        if (this.#pause) this.#pause.stoppedMs = this.clock.nowMs();
        break;
      case 'reply.kept':
        this.#judgedThrough = Math.max(this.#judgedThrough, event.utterance);
        if (isNoise(event.cause)) this.#noises++;
        if (this.#pause && this.#pause.utterance <= event.utterance) return this.#end('kept');
        break;
      case 'reply.interrupted':
        if (this.#pause?.reply === event.reply) {
          this.#pause = undefined;
          this.onOutcome('interrupted');
        }
        break;
    }
    return false;
  }

  /** @returns whether the playout goes on, because nobody has decided in time */
  tick(): boolean {
    const pause = this.#pause;
    if (!pause) return false;
    const now = this.clock.nowMs();
    const isUndecided =
      pause.stoppedMs === undefined
        ? now - pause.sinceMs > LONGEST_PAUSE_MS
        : now - pause.stoppedMs > this.#policy.noiseAfterMs + DECISION_MS;
    return isUndecided && this.#end('undecided');
  }

  #begin(utterance: number): void {
    const playing = this.playout.playing;
    if (this.#pause) {
      this.#pause = { ...this.#pause, utterance, stoppedMs: undefined };
    } else if (
      playing &&
      utterance > this.#judgedThrough &&
      this.#mayInterrupt(playing) &&
      this.playout.pause(this.holds)
    ) {
      this.#pause = { reply: playing.reply, utterance, sinceMs: this.clock.nowMs(), stoppedMs: undefined };
    }
  }

  #mayInterrupt({ reply, sentence }: { reply: number; sentence: number }): boolean {
    const { mute, noisesBeforeWords } = this.#policy;
    if (this.#noises >= noisesBeforeWords) return false;
    if (mute === 'always' || (mute === 'first_reply' && reply === 1)) return false;
    if (mute === 'tools' && this.#runningTools.size > 0) return false;
    return !this.#uninterruptible.has(`${reply}.${sentence}`);
  }

  #end(outcome: PauseOutcome): boolean {
    this.#pause = undefined;
    this.onOutcome(outcome);
    this.playout.unpause();
    return true;
  }
}
