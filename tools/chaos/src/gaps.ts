import type { FinishedCall } from './call-record.js';
import { repliesTo } from './checks/log-view.js';
import type { CallMaterial } from './call-material.js';
import type { InjectedFault } from './fault-injector.js';
import { isHitBy } from './ownership.js';

/** A time that somebody waited for voice, and what is to blame. */
export interface WaitSample {
  call: number;
  sessionId: string;
  ms: number;
  atMs: number;
  /** Ordinal and kind of the nearest fault before its end that hit the call; undefined for none. */
  fault: Pick<InjectedFault, 'ordinal' | 'kind' | 'target'> | undefined;
}

/** A wait for an answer. */
export interface AnswerSample extends WaitSample {
  /** Answers of one sort take about as long: with a tool or without, after a reply that was heard or spoken over. */
  sort: string;
}

/** What a call's callers waited for. */
export interface CallWaits {
  /** The speaker was dry while a reply was being played. */
  dry: WaitSample[];
  /** From the last word of a turn to the first voice of its reply. */
  answers: AnswerSample[];
}

/** How long after its end a fault can still be what somebody waits for. */
const AFTERMATH_MS = 8000;

/** Measures a call's waits and blames each on the nearest fault. Pure. */
export function waitsOf(
  finished: FinishedCall,
  faults: readonly InjectedFault[],
  answersTo: CallMaterial['repliesTo'] = repliesTo,
): CallWaits {
  const { record, log } = finished;
  const hits = faults.filter((fault) => isHitBy(finished, fault));
  const sample = (fromMs: number, toMs: number, sinceMs: number): WaitSample => {
    const blamed = hits.findLast((hit) => hit.fromMs <= toMs && hit.toMs + AFTERMATH_MS >= sinceMs);
    return {
      call: record.call,
      sessionId: record.sessionId,
      ms: Math.round(toMs - fromMs),
      atMs: toMs,
      fault: blamed && { ordinal: blamed.ordinal, kind: blamed.kind, target: blamed.target },
    };
  };
  const dry = record.gaps.map(({ fromMs, toMs }) => sample(fromMs, toMs, fromMs));
  const answers = record.turns.flatMap((turn, index) => {
    const [started] = answersTo(log, turn);
    const first = started && record.pieces.find(({ reply }) => reply === started.reply);
    if (!first) return [];
    const isOver = record.turns[index - 1]?.interruptAfterMs !== undefined;
    const sort = `${turn.note === undefined ? 'plain' : 'tool'}${isOver ? ', spoken over' : ''}`;
    return [{ ...sample(turn.saidToMs, first.fromMs, turn.saidFromMs), sort }];
  });
  return { dry, answers };
}

/** Percentiles of some times. */
export interface Percentiles {
  count: number;
  p50: number;
  p95: number;
  p99: number;
  max: number;
}

/** Nearest-rank percentiles; zeros for no values. */
export function percentiles(values: readonly number[]): Percentiles {
  const at = nearestRank(values);
  return { count: values.length, p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
}

/** The least value that a share of the values, from 0 to 1, does not exceed; 0 for no values. */
export function nearestRank(values: readonly number[]): (share: number) => number {
  const sorted = [...values].sort((a, b) => a - b);
  return (share) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}
