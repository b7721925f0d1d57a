import { describe, expect, it } from '@jest/globals';
import { DEFAULT_POLICY, sessionPolicySchema, type EventType, type ParleyEvent, type Payload } from '@parley/contracts';
import { TurnEvents } from '@parley/testing';
import fc from 'fast-check';
import { foldTurnProgress, initialTurnProgress, isHeard, nextBoundary, nextCut } from './turn-progress.js';

const event = <T extends EventType>(type: T, payload: Payload<T>) =>
  ({ id: 'x', type, sessionId: 's', seq: 1, epoch: 1, stage: 'stt', at: 1, ...payload }) as unknown as ParleyEvent;
const started = (utterance: number) => event('speech.started', { utterance, pts: 0 });
const final = (utterance: number, text: string, endPts: number, startPts = endPts - 100) =>
  event('transcript.final', { utterance, text, startPts, endPts, audioMs: 5, engine: 'scripted', transcriptionMs: 1 });
const ended = (turn: number, endPts: number, utterance?: number) =>
  event('turn.ended', { turn, text: 'x', eouDelayMs: 1, endPts, ...(utterance && { utterance }) });
const commit = (pts: number) => event('session.commit', { pts });
const writes = (pts: number) => event('session.mode', { mode: 'text-to-voice', pts });
const speaks = (pts: number) => event('session.mode', { mode: 'voice-to-voice', pts });
const policy = (by: 'silence' | 'manual') =>
  event('session.policy', sessionPolicySchema.parse({ endpointing: { by } }));

const fold = (...events: ParleyEvent[]) => events.reduce(foldTurnProgress, initialTurnProgress());

describe('the progress of turns', () => {
  it('counts utterances and keeps the words of the turn that has not ended, with their place', () => {
    expect(fold(started(1), final(1, 'one', 100), started(2), final(2, 'two', 300))).toMatchObject({
      utterance: 2,
      turn: 0,
      said: [
        { utterance: 1, text: 'one', startPts: 0, stopPts: 80 },
        { utterance: 2, text: 'two', startPts: 200, stopPts: 280 },
      ],
      transcribedPts: 300,
    });
  });

  it('takes the length of a final that does not say where it began from its end', () => {
    const old = event('transcript.final', {
      utterance: 1,
      text: 'one',
      endPts: 100,
      audioMs: 5,
      engine: 'x',
      transcriptionMs: 1,
    });
    expect(fold(old).said).toEqual([{ utterance: 1, text: 'one', startPts: 20, stopPts: 100 }]);
  });

  it('begins the next turn without the words of the one that has ended', () => {
    const after = fold(started(1), final(1, 'one', 100), ended(1, 90), started(2));
    expect(after).toMatchObject({ utterance: 2, turn: 1, said: [], transcribedPts: 100, endedPts: 90 });
  });

  it('keeps words of later utterances than the last one of the turn that has ended', () => {
    expect(fold(final(1, 'one', 100), final(2, 'two', 300), ended(1, 90, 1)).said).toMatchObject([{ text: 'two' }]);
  });

  it('keeps no text of a final in which nothing was understood, but its position', () => {
    expect(fold(final(3, '', 500))).toMatchObject({ utterance: 3, turn: 0, said: [], transcribedPts: 500 });
  });

  it('never goes back in utterances or positions', () => {
    expect(fold(final(3, 'three', 500), started(2), final(2, 'two', 200))).toMatchObject({
      utterance: 3,
      transcribedPts: 500,
    });
  });

  it('knows the policy and the language as soon as they are said', () => {
    expect(fold()).toMatchObject({ language: 'en', policy: undefined });
    const { endpointing, keyTerms } = DEFAULT_POLICY;
    expect(fold(new TurnEvents().opened(), policy('silence'))).toMatchObject({
      language: 'en',
      policy: { endpointing, keyTerms },
    });
  });

  it('passes over events of other kinds', () => {
    const before = fold(final(1, 'one', 100));
    expect(foldTurnProgress(before, event('session.text', { text: 'hi' }))).toBe(before);
    expect(foldTurnProgress(before, event('session.dtmf', { digits: '5' }))).toBe(before);
    expect(foldTurnProgress(before, event('speech.stopped', { utterance: 9, pts: 9, durationMs: 9 }))).toBe(before);
  });

  it('is the same whichever of two writers is heard first', () => {
    const own = fc.array(fc.nat(400), { maxLength: 8 }).map(
      (gaps) =>
        gaps.flatMap((gap, i) => [started(i + 1), final(i + 1, 'w', 500 * i + gap + 100), ended(i + 1, 500 * i + gap + 80, i + 1)]), // prettier-ignore
    );
    const gateways = fc
      .array(fc.tuple(fc.constantFrom(commit, writes, speaks), fc.nat(500)), { maxLength: 12 })
      .map((acts) => {
        let pts = 0;
        return acts.map(([act, after]) => act((pts += after)));
      });
    const orders = fc.infiniteStream(fc.boolean());
    fc.assert(
      fc.property(own, gateways, orders, (a, b, order) => {
        const merged: ParleyEvent[] = [];
        const [left, right] = [[...a], [...b]];
        while (left.length + right.length > 0) {
          const next = (order.next().value && left.length > 0) || right.length === 0 ? left : right;
          merged.push(next.shift() as ParleyEvent);
        }
        expect(fold(...merged)).toEqual(fold(...a, ...b));
      }),
    );
  });
});

describe('what the caller did to its turns', () => {
  it('cuts at commits, in the order of their positions, and forgets those that are over', () => {
    const progress = fold(commit(500), commit(200), commit(500));
    expect([0, 200, 500].map((pts) => nextCut(progress, pts))).toEqual([200, 500, undefined]);
    expect(fold(commit(200), commit(500), ended(1, 300)).commits).toEqual([500]);
  });

  it('cuts where the caller begins to write, but for a turn that only a commit ends', () => {
    expect(nextCut(fold(writes(300)), 0)).toBe(300);
    expect(nextCut(fold(policy('manual'), writes(300), commit(400)), 0)).toBe(400);
    expect(nextBoundary(fold(policy('manual'), writes(300)), 0)).toBe(300);
    expect(nextBoundary(fold(speaks(300)), 300)).toBeUndefined();
  });

  it('hears the caller where it speaks', () => {
    const progress = fold(new TurnEvents().opened(), writes(100), speaks(200), writes(300));
    expect([0, 99, 100, 199, 200, 300, 9000].map((pts) => isHeard(progress, pts))).toEqual([true, true, false, false, true, false, false]); // prettier-ignore
    expect(isHeard(fold(new TurnEvents().opened('text-to-text')), 0)).toBe(false);
    expect(isHeard(fold(new TurnEvents().opened('text-to-text'), speaks(0)), 0)).toBe(true);
  });

  it('goes by the last of several changes at one place, and forgets those that are over', () => {
    expect(isHeard(fold(writes(100), speaks(100)), 100)).toBe(true);
    const { switches } = fold(new TurnEvents().opened(), writes(100), speaks(200), ended(1, 250), writes(300));
    expect(switches).toEqual([
      { pts: 200, speaks: true },
      { pts: 300, speaks: false },
    ]);
  });
});
