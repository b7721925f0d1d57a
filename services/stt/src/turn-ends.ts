import { samplesToMs } from '@parley/audio';
import { DEFAULT_POLICY, type TurnEndCause } from '@parley/contracts';
import type { CallerVoice } from './caller-voice.js';
import { decideEndOfTurn } from './end-of-turn.js';
import { endpointingOf } from './engine-settings.js';
import { INPUT_RATE_HZ } from './input-rate.js';
import { finalsOf, openTurnOf, type OpenTurn } from './open-turn.js';
import type { OpenUtterances, Utterance } from './open-utterances.js';
import { phraseEndOf } from './phrases/phrase-end.js';
import type { SttMetrics } from './stt-metrics.js';
import type { TurnLog } from './turn-log.js';
import type { VoiceGate } from './voice-gate.js';

/** What the ends of turns are found with. */
export interface TurnEndsParts {
  log: TurnLog;
  gate: VoiceGate;
  voice: CallerVoice;
  utterances: OpenUtterances;
  metrics: Pick<SttMetrics, 'continued' | 'empty' | 'eouDelay' | 'turns'>;
  /** Whether the engine says where turns end. */
  engineEndsTurns(): boolean;
  /** Asks the engine for the finals of everything up to this utterance. */
  ask(last: Utterance): void;
}

/** Ends turns when they are over, and measures how long that took. */
export class TurnEnds {
  private lastCause: TurnEndCause | undefined;

  constructor(private readonly parts: TurnEndsParts) {}

  /** Whether something was said that has not become a turn. */
  get isOpen(): boolean {
    return this.openTurn !== undefined;
  }

  /**
   * Ends every turn that is over.
   * @param engineEnded the engine has just said so
   * @returns whether one was
   */
  endDue(engineEnded = false): boolean {
    let ended = 0;
    for (let turn = this.openTurn; turn && this.endIfOver(turn, engineEnded && ended === 0); turn = this.openTurn)
      ended++;
    return ended > 0;
  }

  /** Speech begins: what the longest delay would have waited for may be the rest of the turn that was ended. */
  noteSpeech(atPts: number): void {
    const { endedPts, policy = DEFAULT_POLICY } = this.parts.log.progress;
    const cause = this.lastCause;
    if (this.isOpen || (cause !== 'silence' && cause !== 'engine')) return;
    const pauseMs = samplesToMs(atPts - endedPts, INPUT_RATE_HZ);
    if (pauseMs < policy.endpointing.maxDelayMs) this.parts.metrics.continued.inc({ cause });
  }

  private get openTurn(): OpenTurn | undefined {
    const { log, utterances, voice } = this.parts;
    return openTurnOf(log.progress, utterances, voice.reachedPts);
  }

  private endIfOver(turn: OpenTurn, engineEnded: boolean): boolean {
    const { log, gate, utterances, engineEndsTurns, ask } = this.parts;
    const silentMs = samplesToMs(Math.max(0, gate.position - turn.stopPts), INPUT_RATE_HZ);
    const verdict = decideEndOfTurn({
      endpointing: endpointingOf(log.progress.policy, engineEndsTurns()),
      language: log.progress.language,
      said: turn.said.map(({ text }) => text),
      silentMs,
      speaking: gate.speaking ? 'yes' : gate.undecided ? 'maybe' : 'no',
      finals: finalsOf(turn),
      engineEnded,
      committed: turn.committed,
    });
    const unasked = verdict.do === 'ask' && utterances.unaskedBefore(turn.untilPts);
    if (unasked) ask(unasked);
    if (verdict.do !== 'end') return false;
    this.end(turn, verdict.cause, silentMs);
    return true;
  }

  private end({ said, utterances, untilPts, stopPts }: OpenTurn, cause: TurnEndCause, eouDelayMs: number): void {
    const { log, metrics } = this.parts;
    const texts = said.map(({ text }) => text);
    const text = texts.join(' ').trim();
    this.parts.utterances.end(untilPts);
    this.lastCause = cause;
    if (!text) return void metrics.empty.inc();
    metrics.turns.inc({ cause, kind: phraseEndOf(texts, log.progress.language) });
    metrics.eouDelay.observe({ cause }, eouDelayMs / 1000);
    const over = utterances.filter((each) => each.stopPts !== undefined);
    const utterance = Math.max(...said.map((words) => words.utterance), ...over.map(({ ordinal }) => ordinal));
    log.write('turn.ended', { turn: log.progress.turn + 1, text, eouDelayMs, endPts: stopPts, cause, utterance });
  }
}
