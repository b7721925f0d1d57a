import type { SessionPolicy, TurnEndCause } from '@parley/contracts';
import { phraseEndOf } from './phrases/phrase-end.js';

/** What is known of the caller's turn at one moment. Times are those of the audio. */
export interface TurnMoment {
  endpointing: SessionPolicy['endpointing'];
  language: string;
  /** Final transcripts of the turn so far, in order. */
  said: readonly string[];
  /** Since the last speech ended. */
  silentMs: number;
  /** `maybe`: there is sound that may be the beginning of speech. */
  speaking: 'no' | 'maybe' | 'yes';
  /** Whether every word has its final transcript, waits for it, or waits without the engine having been asked for it. */
  finals: 'there' | 'awaited' | 'unasked';
  /** The engine says that the turn is over. */
  engineEnded: boolean;
  /** The caller has said so, and everything up to there has been heard. */
  committed: boolean;
}

/** What follows: wait, ask the engine for the finals, or end the turn. */
export type TurnVerdict = { do: 'wait' } | { do: 'ask' } | { do: 'end'; cause: TurnEndCause };

/** Sound that may be speech is waited for so much longer, within which it is known whether it is. */
export const DOUBT_MS = 150;

/** Decides whether the caller's turn is over. Pure. No turn is over before its words have their final transcripts. */
export function decideEndOfTurn(turn: TurnMoment): TurnVerdict {
  if (turn.finals === 'awaited') return { do: 'wait' };
  const cause = causeOf(turn);
  if (!cause) return { do: 'wait' };
  return turn.finals === 'unasked' ? { do: 'ask' } : { do: 'end', cause };
}

function causeOf(turn: TurnMoment): TurnEndCause | undefined {
  const { by, minDelayMs, delayMs, maxDelayMs } = turn.endpointing;
  if (turn.committed) return 'caller';
  if (by === 'engine' && turn.engineEnded) return 'engine';
  if (by === 'manual' || turn.speaking === 'yes') return undefined;
  const silentMs = turn.speaking === 'maybe' ? turn.silentMs - DOUBT_MS : turn.silentMs;
  const longestMs = Math.max(delayMs, maxDelayMs);
  if (by === 'engine') return silentMs >= longestMs ? 'longest_silence' : undefined;
  const shortestMs = Math.min(minDelayMs, delayMs);
  if (silentMs < shortestMs) return undefined;
  const end = phraseEndOf(turn.said, turn.language);
  if (silentMs < { complete: shortestMs, open: delayMs, trailing: longestMs }[end]) return undefined;
  return end === 'trailing' ? 'longest_silence' : 'silence';
}
