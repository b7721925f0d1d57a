import type { OpenUtterances, Utterance } from './open-utterances.js';
import { nextCut, type SaidWords, type TurnProgress } from './turn-progress.js';

/** The oldest turn that has not ended. */
export interface OpenTurn {
  /** Its words that have their final transcript. */
  said: readonly SaidWords[];
  /** Its utterances of which the log does not hold everything. */
  utterances: readonly Utterance[];
  /** What begins here or later is another turn's; infinite while the caller has not ended it. */
  untilPts: number;
  /** Where its newest speech that is over ended. */
  stopPts: number;
  /** The caller has ended it, and everything up to there has been heard. */
  committed: boolean;
}

/**
 * The oldest turn that has not ended; undefined when nothing was said since the last one.
 * @param reachedPts up to where everything the caller did has been taken account of
 */
export function openTurnOf(progress: TurnProgress, open: OpenUtterances, reachedPts: number): OpenTurn | undefined {
  const startPts = Math.min(progress.said[0]?.startPts ?? Infinity, open.all[0]?.startPts ?? Infinity);
  if (startPts === Infinity) return undefined;
  const cut = nextCut(progress, startPts);
  const committed = cut !== undefined && cut <= reachedPts;
  const untilPts = committed ? cut : Infinity;
  const said = progress.said.filter((words) => words.startPts < untilPts);
  const utterances = open.before(untilPts);
  const stopPts = Math.max(0, ...said.map((words) => words.stopPts), ...utterances.map((each) => each.stopPts ?? 0));
  return { said, utterances, untilPts, stopPts, committed };
}

/** Whether an open turn's words have all been transcribed; of speech that goes on nothing is asked unless it was cut. */
export function finalsOf({ utterances, committed }: OpenTurn): Utterance['finals'] {
  if (committed && utterances.some(({ stopPts }) => stopPts === undefined)) return 'awaited';
  const over = utterances.filter(({ stopPts }) => stopPts !== undefined);
  if (over.some(({ finals }) => finals === 'awaited')) return 'awaited';
  return over.some(({ finals }) => finals === 'unasked') ? 'unasked' : 'there';
}
