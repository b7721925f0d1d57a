import type { Answerer, ParleyEvent } from '@parley/contracts';
import { answererOf, isMachineFor } from './answerer.js';

/** What the log says of somebody who was called. Times are in ms since 1970, by the clocks of those who wrote. */
export interface Callee {
  /** The agent has called; of an incoming call nothing else is kept. */
  isOutgoing: boolean;
  language: string;
  /** As the agent stage has found. */
  answeredBy: Answerer | undefined;
  answeredMs: number;
  /** What was understood of the first turn for good, and with what may still change. */
  finals: string;
  words: string;
  /** How long was spoken in the first turn. */
  spokenMs: number;
  /** The first turn, when it is over. */
  first: { text: string; isSpoken: boolean } | undefined;
  /** Words were heard that no turn has ended with yet. */
  isMidTurn: boolean;
  /** When the callee's voice was heard last; 0 for never. */
  heardMs: number;
  /** The callee is waited for since then at the earliest: the agent's last word. */
  waitedFromMs: number;
  /** The reply has begun with which the agent hangs up because no person has answered. */
  isLeaving: boolean;
}

/** Before the first event. */
export const NOT_CALLED: Callee = {
  isOutgoing: false,
  language: '',
  answeredBy: undefined,
  answeredMs: 0,
  finals: '',
  words: '',
  spokenMs: 0,
  first: undefined,
  isMidTurn: false,
  heardMs: 0,
  waitedFromMs: 0,
  isLeaving: false,
};

/** What is known of somebody who was called after an event. Pure. */
export function foldCallee(callee: Callee, event: ParleyEvent): Callee {
  if (event.type === 'session.opened') {
    const isOutgoing = event.direction === 'outgoing';
    return { ...callee, isOutgoing, language: event.language };
  }
  if (!callee.isOutgoing) return callee;
  switch (event.type) {
    case 'session.answered':
      if (callee.answeredBy) return callee;
      return { ...callee, answeredBy: event.by, answeredMs: event.at };
    case 'session.resumed':
      return { ...callee, waitedFromMs: event.at };
    case 'session.text':
      return firstSaid(callee, event.text, false);
    case 'speech.started':
      return heardAt(callee, event.at);
    case 'speech.stopped':
      return spoken(heardAt(callee, event.at), event.durationMs);
    case 'transcript.interim':
      return understood(callee, event.text, callee.finals);
    case 'transcript.final':
      return understood(callee, event.text, `${callee.finals} ${event.text}`);
    case 'turn.ended':
      return { ...firstSaid(heardAt(callee, event.at - event.eouDelayMs), event.text, true), isMidTurn: false };
    case 'reply.started': {
      const isLeaving = event.occasion === 'voicemail' || (event.occasion === 'goodbye' && isUnanswered(callee));
      return { ...callee, waitedFromMs: event.at, isLeaving };
    }
    case 'reply.interrupted':
      return { ...callee, waitedFromMs: event.at, isLeaving: false };
    case 'reply.ended':
    case 'playout.started':
    case 'playout.progress':
    case 'playout.ended':
      return { ...callee, waitedFromMs: event.at };
    default:
      return callee;
  }
}

/** Whether nobody is known to be there who could be spoken with. Pure. */
export function isUnanswered({ answeredBy, first }: Callee): boolean {
  return answeredBy === undefined || (answeredBy === 'nobody' && !first);
}

/** Who has answered as far as the words tell by now; undefined while they do not. Pure. */
export function answererSoFar({ first, words, language, spokenMs }: Callee): Exclude<Answerer, 'nobody'> | undefined {
  if (!first) return isMachineFor(words, language) ? 'machine' : undefined;
  return first.isSpoken ? answererOf(first.text, { language, spokenMs }) : 'person';
}

function heardAt(callee: Callee, atMs: number): Callee {
  return { ...callee, heardMs: Math.max(callee.heardMs, atMs) };
}

function spoken(callee: Callee, durationMs: number): Callee {
  return callee.first ? callee : { ...callee, spokenMs: callee.spokenMs + durationMs };
}

function understood(callee: Callee, text: string, finals: string): Callee {
  const isMidTurn = callee.isMidTurn || text.trim() !== '';
  if (callee.first) return { ...callee, isMidTurn };
  return { ...callee, isMidTurn, finals, words: `${callee.finals} ${text}` };
}

function firstSaid(callee: Callee, text: string, isSpoken: boolean): Callee {
  return callee.first || !text.trim() ? callee : { ...callee, first: { text, isSpoken } };
}
