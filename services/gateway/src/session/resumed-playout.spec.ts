import { describe, expect, it } from '@jest/globals';
import type { EventType, ParleyEvent, Payload } from '@parley/contracts';
import { resumePlayout } from './resumed-playout.js';

function event<T extends EventType>(type: T, payload: Payload<T>): ParleyEvent {
  const envelope = { id: 'x', sessionId: 's', seq: 1, epoch: 1, stage: 'gateway', at: 1 };
  return { ...envelope, type, ...payload } as unknown as ParleyEvent;
}
const started = (reply: number) => event('reply.started', { reply, turn: reply, userText: '', answers: [] });
const begun = (reply: number) => event('playout.started', { reply, turn: reply });
const progress = (reply: number, sentence: number, playedMs: number) => event('playout.progress', { reply, sentence, playedMs }); // prettier-ignore
const ended = (reply: number) => event('playout.ended', { reply, outcome: 'completed', sentence: 0, playedMs: 1, totalMs: 1 }); // prettier-ignore

const FIRST_OVER = [started(1), begun(1), progress(1, 0, 900), ended(1), started(2)];
const SECOND_PLAYS = [...FIRST_OVER, begun(2), progress(2, 0, 500), progress(2, 0, 800), progress(2, 1, 300)];

describe('resumePlayout', () => {
  it('has nothing to go on with when nothing was played, or all is over', () => {
    expect(resumePlayout([], undefined)).toEqual({ state: { over: [] }, unreported: [] });
    expect(resumePlayout(FIRST_OVER, { reply: 1, sentence: 0, pts: 16 }).state).toEqual({ over: [1] });
  });

  it('plays on what a clock took for played out, and the caller has not got', () => {
    const end = {
      reply: 1,
      outcome: 'completed',
      sentence: 1,
      playedMs: 1000,
      sentenceMs: 1000,
      totalMs: 1900,
    } as const;
    const over = [started(1), begun(1), progress(1, 0, 900), progress(1, 1, 1000), event('playout.ended', end)];
    const resumed = (sentence: number, pts: number, more: ParleyEvent[] = []) =>
      resumePlayout([...over, ...more], { reply: 1, sentence, pts }).state;
    const rest = { reply: 1, turn: 1, isReported: true };
    expect(resumed(1, 4800)).toEqual({ over: [], playing: { ...rest, sentence: 1, pts: 4800, totalSamples: 19_200 } });
    expect(resumed(0, 160)).toEqual({ over: [], playing: { ...rest, sentence: 0, pts: 160, totalSamples: 160 } });
    expect(resumed(1, 16_000)).toEqual({ over: [1] });
    expect(resumed(1, 4800, [started(2), begun(2)])).toMatchObject({ over: [1], playing: { reply: 2 } });
  });

  it('goes on at the last report when the caller says nothing', () => {
    expect(resumePlayout(SECOND_PLAYS, undefined).state).toEqual({
      over: [1],
      playing: { reply: 2, turn: 2, sentence: 1, pts: 4800, totalSamples: 17_600, isReported: true },
    });
  });

  it('goes on where the caller is, beyond or before the last report', () => {
    const at = (sentence: number, pts: number) =>
      resumePlayout(SECOND_PLAYS, { reply: 2, sentence, pts }).state.playing;
    expect(at(1, 8000)).toMatchObject({ sentence: 1, pts: 8000, totalSamples: 20_800 });
    expect(at(0, 160)).toMatchObject({ sentence: 0, pts: 160, totalSamples: 160 });
  });

  it('plays a reply from its beginning of which the caller has got nothing', () => {
    const { playing } = resumePlayout(SECOND_PLAYS, { reply: 1, sentence: 0, pts: 9 }).state;
    expect(playing).toMatchObject({ reply: 2, sentence: 0, pts: 0, totalSamples: 0, isReported: true });
  });

  it('follows a caller who was further than the log, and ends what it has left behind', () => {
    const log = [...SECOND_PLAYS, started(3)];
    const { state, unreported } = resumePlayout(log, { reply: 3, sentence: 0, pts: 320 });
    expect(state).toEqual({
      over: [1, 2],
      playing: { reply: 3, turn: 3, sentence: 0, pts: 320, totalSamples: 320, isReported: false },
    });
    expect(unreported).toEqual([{ reply: 2, outcome: 'completed', sentence: 1, playedMs: 300, totalMs: 1100 }]);
  });

  it('does not believe in a reply that nobody has begun', () => {
    expect(resumePlayout(FIRST_OVER, { reply: 9, sentence: 0, pts: 0 }).state).toEqual({ over: [1] });
  });
});
