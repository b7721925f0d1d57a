import type { ParleyEvent } from '@parley/contracts';

/** The state of transcription that the log holds: what a new owner goes on from. Pure. */
export interface TurnProgress {
  /** Utterances begun. */
  utterance: number;
  /** Turns ended. */
  turn: number;
  /** Final texts of the turn that has not ended. */
  texts: string[];
  /** Voice up to here has its final transcript; in samples since the session began. */
  transcribedPts: number;
}

/** Before anything was said. */
export function initialTurnProgress(): TurnProgress {
  return { utterance: 0, turn: 0, texts: [], transcribedPts: 0 };
}

/** Folds one event of the stt stage into the progress. Other events change nothing. */
export function foldTurnProgress(progress: TurnProgress, event: ParleyEvent): TurnProgress {
  switch (event.type) {
    case 'speech.started':
      return { ...progress, utterance: Math.max(progress.utterance, event.utterance) };
    case 'transcript.final':
      return {
        ...progress,
        utterance: Math.max(progress.utterance, event.utterance),
        texts: event.text ? [...progress.texts, event.text] : progress.texts,
        transcribedPts: Math.max(progress.transcribedPts, event.endPts),
      };
    case 'turn.ended':
      return {
        ...progress,
        turn: event.turn,
        texts: [],
        transcribedPts: Math.max(progress.transcribedPts, event.endPts),
      };
    default:
      return progress;
  }
}
