import type { EventOf, EventType, ParleyEvent } from '@parley/contracts';
import type { LoadCallReport, LoadTurn } from './load/load-report.js';

/** Where the time of one turn went, in ms, without what the stubs were told to take. */
export interface TurnTimes {
  /** The caller's frame with which the turn is over, from its leaving the client to `turn.ended`. */
  hearing: number;
  /** `turn.ended` to `reply.started`: over the bus, and into the agent. */
  toAgent: number;
  /** `reply.started` to the first `reply.sentence`: LangGraph. */
  agent: number;
  /** The first `reply.sentence` to `playout.started`: over the bus, synthesis, and over the bus again. */
  toGateway: number;
  /** `playout.started` to the first frame at the client. */
  toClient: number;
  /** `turn.ended`, which has the final transcript, to the first frame at the client. */
  added: number;
  /** The same without the agent's own time. */
  plumbing: number;
}

/** What the stubs were told to take. */
export interface StubTimes {
  /** The model, until the first sentence is whole. */
  firstSentenceMs: number;
  /** The voice, until its first audio. */
  firstAudioMs: number;
}

/** An interruption, in ms. */
export interface InterruptionTimes {
  /** From the caller's first frame with sound to silence on the wire. */
  fromSound: number;
  /** From `speech.started` to silence on the wire. */
  fromSpeechStarted: number | undefined;
}

const SAMPLES_PER_MS = 16;
/** Services write whole ms, cut off: half of one is what they are early by, on the average. */
const CUT_OFF_MS = 0.5;

/** The times of the turns that are whole and began within the measured time. */
export function turnTimesOf(
  call: LoadCallReport,
  log: readonly ParleyEvent[],
  { stubs, frameMs }: { stubs: StubTimes; frameMs: number },
  [fromMs, toMs]: readonly [number, number],
): TurnTimes[] {
  const find = finderOf(log);
  // A frame leaves with the first of its samples, as one whose sound has been heard.
  const leftAt = (pts: number) => call.voiceFromMs + (Math.ceil(pts / SAMPLES_PER_MS / frameMs) - 1) * frameMs;
  return call.turns.flatMap((turn) => {
    const started = find('reply.started', ({ reply }) => reply === turn.reply);
    const ended = find('turn.ended', (event) => event.turn === started?.turn);
    const sentence = find('reply.sentence', (event) => event.reply === turn.reply && event.sentence === 0);
    const playing = find('playout.started', ({ reply }) => reply === turn.reply);
    if (!started || !ended || !sentence || !playing || ended.at < fromMs || turn.firstFrameMs > toMs) return [];
    const agent = sentence.at - started.at - stubs.firstSentenceMs;
    const added = turn.firstFrameMs - (ended.at + CUT_OFF_MS) - stubs.firstSentenceMs - stubs.firstAudioMs;
    const decidedAtPts = ended.endPts + ended.eouDelayMs * SAMPLES_PER_MS;
    return {
      hearing: ended.at + CUT_OFF_MS - leftAt(decidedAtPts),
      toAgent: started.at - ended.at,
      agent,
      toGateway: playing.at - sentence.at - stubs.firstAudioMs,
      toClient: turn.firstFrameMs - (playing.at + CUT_OFF_MS),
      added,
      plumbing: added - agent,
    };
  });
}

/** The times of the interruptions within the measured time; undefined for one that did not silence the agent. */
export function interruptionsOf(
  { turns }: LoadCallReport,
  log: readonly ParleyEvent[],
  [fromMs, toMs]: readonly [number, number],
): (InterruptionTimes | undefined)[] {
  const find = finderOf(log);
  const isMeasured = ({ interruptedMs }: LoadTurn) => interruptedMs && interruptedMs >= fromMs && interruptedMs < toMs;
  return turns.filter(isMeasured).map(({ interruptedMs = 0, silentMs }) => {
    if (silentMs === undefined) return undefined;
    const speech = find('speech.started', ({ at }) => at >= interruptedMs - 1 && at <= silentMs + 1);
    return { fromSound: silentMs - interruptedMs, fromSpeechStarted: speech && silentMs - (speech.at + CUT_OFF_MS) };
  });
}

function finderOf(log: readonly ParleyEvent[]) {
  return <T extends EventType>(type: T, fits: (event: EventOf<T>) => boolean): EventOf<T> | undefined =>
    log.find((event) => event.type === type && fits(event as unknown as EventOf<T>)) as unknown as
      EventOf<T> | undefined;
}
