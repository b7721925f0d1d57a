import type { ParleyEvent, Payload } from '@parley/contracts';
import type { PlayoutState } from '../playout/playout-place.js';
import { VOICE_SAMPLE_RATE_HZ } from './session-settings.js';

const SAMPLES_PER_MS = VOICE_SAMPLE_RATE_HZ / 1000;

/** One past the last sample of the agent's voice that a caller has got. */
export interface ReceivedPlace {
  reply: number;
  sentence: number;
  pts: number;
}

/** What a session's log and its caller know of its playout. */
export interface ResumedPlayout {
  state: PlayoutState;
  /** Replies that the caller has left behind and whose end the log does not have. */
  unreported: Payload<'playout.ended'>[];
}

interface BegunReply {
  turn: number | undefined;
  /** What is known to have been played, in ms by sentence. */
  played: Map<number, number>;
}

/** A reply that was played to its end, as far as the gateway's clock knew. */
interface PlayedReply extends BegunReply {
  end: Payload<'playout.ended'>;
}

/**
 * Works out where a session's playout stands that another gateway had.
 * @param log the session's events, in order
 * @param received the caller's word on what it has got; without it the last report in the log counts
 */
export function resumePlayout(log: readonly ParleyEvent[], received: ReceivedPlace | undefined): ResumedPlayout {
  const { known, begun, over, last } = fold(log);
  if (last && begun.size === 0 && isCutOff(last, received)) {
    // Played out by the clock of a gateway whose caller's network stood still, and then broke.
    over.delete(last.end.reply);
    begun.set(last.end.reply, last);
  }
  const newest = Math.max(0, ...begun.keys());
  const trusted = received && known.has(received.reply) && received.reply >= newest ? received : undefined;
  const reply = trusted && !over.has(trusted.reply) ? trusted.reply : newest;
  const unreported = [...begun].flatMap(([each, voice]) => (each < reply ? [endedUnseen(each, voice)] : []));
  const state: PlayoutState = { over: [...over, ...unreported.map((end) => end.reply)] };
  if (reply === 0) return { state, unreported };
  const voice = begun.get(reply) ?? { turn: known.get(reply), played: new Map<number, number>() };
  const place = received ? (trusted?.reply === reply ? trusted : { sentence: 0, pts: 0 }) : lastReported(voice);
  const { sentence, pts } = place;
  const totalSamples = playedBefore(voice, sentence) * SAMPLES_PER_MS + pts;
  const { turn } = voice;
  state.playing = { reply, ...(turn !== undefined && { turn }), sentence, pts, totalSamples, isReported: begun.has(reply) }; // prettier-ignore
  return { state, unreported };
}

function fold(log: readonly ParleyEvent[]) {
  /** Turn of each reply that there is. */
  const known = new Map<number, number>();
  const begun = new Map<number, BegunReply>();
  const over = new Set<number>();
  let last: PlayedReply | undefined;
  for (const event of log) {
    if (event.type === 'reply.started') known.set(event.reply, event.turn);
    else if (event.type === 'playout.started') begun.set(event.reply, { turn: event.turn, played: new Map() });
    else if (event.type === 'playout.progress') {
      const played = begun.get(event.reply)?.played;
      played?.set(event.sentence, Math.max(event.playedMs, played.get(event.sentence) ?? 0));
    } else if (event.type === 'playout.ended') {
      const voice = begun.get(event.reply);
      if (voice) last = { ...voice, end: event };
      over.add(event.reply);
      begun.delete(event.reply);
    }
  }
  return { known, begun, over, last };
}

/** Whether the caller has not got all of it, and nothing was played since. */
function isCutOff({ end }: PlayedReply, received: ReceivedPlace | undefined): boolean {
  if (received?.reply !== end.reply || end.outcome !== 'completed') return false;
  const { sentence, pts } = received;
  return sentence < end.sentence || (sentence === end.sentence && pts < Math.floor(end.playedMs * SAMPLES_PER_MS));
}

function lastReported({ played }: BegunReply): { sentence: number; pts: number } {
  const sentence = Math.max(0, ...played.keys());
  return { sentence, pts: Math.round((played.get(sentence) ?? 0) * SAMPLES_PER_MS) };
}

function playedBefore({ played }: BegunReply, sentence: number): number {
  return [...played].reduce((sum, [each, ms]) => sum + (each < sentence ? ms : 0), 0);
}

function endedUnseen(reply: number, voice: BegunReply): Payload<'playout.ended'> {
  const { sentence, pts } = lastReported(voice);
  const playedMs = pts / SAMPLES_PER_MS;
  return { reply, outcome: 'completed', sentence, playedMs, totalMs: playedBefore(voice, sentence) + playedMs };
}
