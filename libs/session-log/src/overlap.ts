import { isNoise, type KeptCause, type ParleyEvent, type SessionPolicy } from '@parley/contracts';
import { isBackchannel, isEcho, wordsOf } from './backchannel.js';

/** What is known of the caller's newest utterance that no turn has ended with yet. */
export interface Utterance {
  utterance: number;
  /** The newest of what was understood of it. */
  text: string;
  /** As much of that as will not change any more. */
  stableText: string;
  /** Its words will not change any more. */
  isFinal: boolean;
  /** The silence that its end takes to be told of. */
  stopsAfterMs: number;
  /** How long it was; undefined while it goes on. */
  durationMs: number | undefined;
  /** It has gone on for as long as an interruption takes. */
  hasLasted: boolean;
  /** Its words were waited for, for as long as they may take. */
  isOverdue: boolean;
}

/** What an utterance during a reply comes to; `wait` for words or for time to pass. */
export type Judgement =
  | { type: 'interrupt' }
  | { type: 'keep'; cause: KeptCause }
  | { type: 'wait'; forWhat: 'lasting' | 'words'; ms: number };

/** What the caller says that no turn has ended with yet. */
export interface CallerSpeech {
  current: Utterance | undefined;
  /** The newest utterance that has its words; the next turn ends with it. */
  lastFinal: number;
  /** Utterances up to here are over: in a turn, or judged. What comes late of them says nothing any more. */
  overThrough: number;
  /** Of those up to here it is known what they come to; whoever paused for a later one waits to be told. */
  judgedThrough: number;
  /** Sounds without words of their own over the newest reply. */
  noises: number;
}

/** Before the first word. */
export const NO_SPEECH: CallerSpeech = {
  current: undefined,
  lastFinal: 0,
  overThrough: 0,
  judgedThrough: 0,
  noises: 0,
};

/** What the caller says after an event; unchanged by those that are not of it. Pure. */
export function foldSpeech(speech: CallerSpeech, event: ParleyEvent): CallerSpeech {
  switch (event.type) {
    case 'speech.started':
      return saidOf(speech, event.utterance, { stopsAfterMs: event.stopsAfterMs ?? 0 });
    case 'speech.stopped':
      return saidOf(speech, event.utterance, { durationMs: event.durationMs });
    case 'transcript.interim':
      if (!event.text.trim() && speech.current?.utterance !== event.utterance) return speech;
      return saidOf(speech, event.utterance, { text: event.text, stableText: event.text.slice(0, event.stableChars) });
    case 'transcript.final': {
      const next = saidOf(speech, event.utterance, { text: event.text, stableText: event.text, isFinal: true });
      return { ...next, lastFinal: Math.max(speech.lastFinal, event.utterance) };
    }
    case 'turn.ended':
      return over(speech, speech.lastFinal);
    case 'reply.kept':
      return {
        ...over(speech, event.utterance),
        judgedThrough: Math.max(speech.judgedThrough, event.utterance),
        noises: speech.noises + (isNoise(event.cause) ? 1 : 0),
      };
    case 'reply.started':
      return { ...unjudged(speech), judgedThrough: speech.overThrough, noises: 0 };
    default:
      return speech;
  }
}

/** After the time that a {@link Judgement} of this utterance waits for. Pure. */
export function speechLater(speech: CallerSpeech, utterance: number, waitedFor: 'lasting' | 'words'): CallerSpeech {
  if (speech.current?.utterance !== utterance) return speech;
  return saidOf(speech, utterance, waitedFor === 'lasting' ? { hasLasted: true } : { isOverdue: true });
}

/**
 * Judges speech during a reply that can be interrupted. Pure.
 * @param said what the agent says in the reply
 * @param isAsked the reply has come to a question
 * @param noises sounds without words over it so far
 */
export function judge(
  { text, stableText, isFinal, stopsAfterMs, durationMs, hasLasted, isOverdue }: Utterance,
  { minDurationMs, noiseAfterMs, noisesBeforeWords, ...policy }: SessionPolicy['interruption'],
  { said, isAsked, noises }: { said: string; isAsked: boolean; noises: number },
): Judgement {
  const minWords = Math.max(policy.minWords, noises >= noisesBeforeWords ? 1 : 0);
  const words = wordsOf(text).length;
  const isKnown = isFinal || (durationMs !== undefined && isOverdue);
  const keepFor = (cause: KeptCause): Judgement => (isKnown ? { type: 'keep', cause } : waitForWords(noiseAfterMs));
  if (words > 0 && isEcho(text, said)) return keepFor('echo');
  if (words > 0 && isBackchannel(text, isAsked)) return keepFor('backchannel');
  if (wordsOf(stableText).length >= Math.max(1, minWords)) return { type: 'interrupt' };
  const isLongEnough = hasLasted || (durationMs ?? 0) >= minDurationMs;
  // Of speech that is over, and only paused the reply, the words are waited for.
  const isDue = !isFinal && (durationMs === undefined || isOverdue);
  if (isDue && isLongEnough && minWords === 0) return { type: 'interrupt' };
  if (isKnown) return { type: 'keep', cause: words > 0 ? 'too_few_words' : 'noise' };
  if (durationMs === undefined && !hasLasted)
    return { type: 'wait', forWhat: 'lasting', ms: minDurationMs + stopsAfterMs };
  return waitForWords(noiseAfterMs);
}

function waitForWords(ms: number): Judgement {
  return { type: 'wait', forWhat: 'words', ms };
}

/** What comes first of an utterance whose beginning was not seen is of it all the same. */
function saidOf(speech: CallerSpeech, utterance: number, known: Partial<Utterance>): CallerSpeech {
  const { current, overThrough } = speech;
  if (utterance <= overThrough || (current && utterance < current.utterance)) return speech;
  const base = current?.utterance === utterance ? current : { ...UNHEARD, utterance };
  return { ...speech, current: { ...base, ...known } };
}

function over(speech: CallerSpeech, utterance: number): CallerSpeech {
  const isOver = speech.current !== undefined && speech.current.utterance <= utterance;
  return {
    ...speech,
    current: isOver ? undefined : speech.current,
    overThrough: Math.max(speech.overThrough, utterance),
  };
}

/** What was said before a reply is no speech over it; an utterance that goes on begins to be, from then on. */
function unjudged(speech: CallerSpeech): CallerSpeech {
  const { current } = speech;
  if (!current) return speech;
  if (current.durationMs !== undefined || current.isFinal) return { ...speech, current: undefined };
  const { utterance, stopsAfterMs } = current;
  return { ...speech, current: { ...UNHEARD, utterance, stopsAfterMs } };
}

const UNHEARD = {
  text: '',
  stableText: '',
  isFinal: false,
  stopsAfterMs: 0,
  durationMs: undefined,
  hasLasted: false,
  isOverdue: false,
};
