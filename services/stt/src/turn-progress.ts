import { msToSamples } from '@parley/audio';
import type { EventOf, ParleyEvent, ProviderChoice, SessionPolicy } from '@parley/contracts';
import { INPUT_RATE_HZ } from './input-rate.js';

/** What the policy of the session's agent says to this stage. */
export type HearingPolicy = Pick<SessionPolicy, 'endpointing' | 'keyTerms'> & {
  /** Who hears, instead of what the stage is set to. */
  chain?: ProviderChoice[];
};

/** A final transcript of the turn that has not ended. Positions are samples since the session began. */
export interface SaidWords {
  utterance: number;
  text: string;
  startPts: number;
  /** Where the speech ended. */
  stopPts: number;
}

/** From here on the caller speaks, or writes. */
export interface ModeSwitch {
  pts: number;
  speaks: boolean;
}

/** The state of transcription that the log holds: what a new owner goes on from. Pure. */
export interface TurnProgress {
  language: string;
  /** Undefined until the session's first agent has said it. */
  policy: HearingPolicy | undefined;
  /** Utterances begun. */
  utterance: number;
  /** Turns ended. */
  turn: number;
  /** Words of the turn that has not ended, and of later ones. */
  said: SaidWords[];
  /** Voice up to here has its final transcript; in samples since the session began. */
  transcribedPts: number;
  /** Where the speech of the newest ended turn ended. */
  endedPts: number;
  /** Where the caller said that its turn was over, rising; those before `endedPts` are forgotten. */
  commits: number[];
  /** Rising; those that are over before `endedPts` are forgotten. */
  switches: ModeSwitch[];
}

/** Before anything was said. */
export function initialTurnProgress(): TurnProgress {
  return {
    language: 'en',
    policy: undefined,
    utterance: 0,
    turn: 0,
    said: [],
    transcribedPts: 0,
    endedPts: 0,
    commits: [],
    switches: [],
  };
}

/**
 * Folds one event into the progress: of the session's, of its mode, policy and commits, and of what stt stages wrote.
 * Other events change nothing. The same comes out whichever of two different writers' events comes first.
 */
export function foldTurnProgress(progress: TurnProgress, event: ParleyEvent): TurnProgress {
  switch (event.type) {
    case 'session.opened':
      return { ...progress, language: event.language, switches: [switchTo(event.mode, 0), ...progress.switches] };
    case 'session.policy': {
      const { endpointing, keyTerms, providers } = event;
      return { ...progress, policy: { endpointing, keyTerms, ...(providers.stt && { chain: providers.stt }) } };
    }
    case 'session.commit': {
      const commits = [...new Set([...progress.commits, event.pts])].sort((a, b) => a - b);
      return forgetOld({ ...progress, commits });
    }
    case 'session.mode': {
      const next = switchTo(event.mode, event.pts ?? 0);
      return forgetOld({ ...progress, switches: [...progress.switches.filter(({ pts }) => pts < next.pts), next] });
    }
    case 'speech.started':
      return { ...progress, utterance: Math.max(progress.utterance, event.utterance) };
    case 'transcript.final':
      return finalCame(progress, event);
    case 'turn.ended':
      return turnEnded(progress, event);
    default:
      return progress;
  }
}

/** Whether the caller's voice at this position is to be transcribed. */
export function isHeard({ switches }: TurnProgress, pts: number): boolean {
  return switches.findLast((each) => each.pts <= pts)?.speaks ?? true;
}

/**
 * The first position after `pts` at which a turn ends by the caller's will: a commit, or the change to writing. What is
 * said with a button held goes on when the caller has written meanwhile.
 */
export function nextCut(progress: TurnProgress, pts: number): number | undefined {
  const { commits, switches, policy } = progress;
  const isManual = policy?.endpointing.by === 'manual';
  const mutes = isManual ? [] : switches.filter(({ speaks }) => !speaks).map((each) => each.pts);
  const cuts = [...commits, ...mutes].filter((cut) => cut > pts);
  return cuts.length > 0 ? Math.min(...cuts) : undefined;
}

/** The first position after `pts` at which an utterance ends, whoever speaks. */
export function nextBoundary(progress: TurnProgress, pts: number): number | undefined {
  const all = [...progress.commits, ...progress.switches.map((each) => each.pts)].filter((each) => each > pts);
  return all.length > 0 ? Math.min(...all) : undefined;
}

function switchTo(mode: EventOf<'session.mode'>['mode'], pts: number): ModeSwitch {
  return { pts, speaks: mode.startsWith('voice-') };
}

function finalCame(progress: TurnProgress, event: EventOf<'transcript.final'>): TurnProgress {
  const { utterance, text, endPts, audioMs } = event;
  const audio = msToSamples(audioMs, INPUT_RATE_HZ);
  const startPts = event.startPts ?? Math.max(0, endPts - audio);
  return {
    ...progress,
    utterance: Math.max(progress.utterance, utterance),
    said: text ? [...progress.said, { utterance, text, startPts, stopPts: startPts + audio }] : progress.said,
    transcribedPts: Math.max(progress.transcribedPts, endPts),
  };
}

function turnEnded(progress: TurnProgress, event: EventOf<'turn.ended'>): TurnProgress {
  const { turn, endPts, utterance: last = Infinity } = event;
  return forgetOld({
    ...progress,
    turn,
    said: progress.said.filter(({ utterance }) => utterance > last),
    transcribedPts: Math.max(progress.transcribedPts, endPts),
    endedPts: Math.max(progress.endedPts, endPts),
  });
}

function forgetOld(progress: TurnProgress): TurnProgress {
  const { endedPts, commits, switches } = progress;
  const current = switches.findLastIndex(({ pts }) => pts <= endedPts);
  return {
    ...progress,
    commits: commits.filter((pts) => pts > endedPts),
    switches: current > 0 ? switches.slice(current) : switches,
  };
}
