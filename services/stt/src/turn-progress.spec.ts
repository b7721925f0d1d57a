import { describe, expect, it } from '@jest/globals';
import type { EventType, ParleyEvent, Payload } from '@parley/contracts';
import { foldTurnProgress, initialTurnProgress } from './turn-progress.js';

const event = <T extends EventType>(type: T, payload: Payload<T>) =>
  ({ id: 'x', type, sessionId: 's', seq: 1, epoch: 1, stage: 'stt', at: 1, ...payload }) as unknown as ParleyEvent;
const started = (utterance: number) => event('speech.started', { utterance, pts: 0 });
const final = (utterance: number, text: string, endPts: number) =>
  event('transcript.final', { utterance, text, endPts, audioMs: 100, engine: 'scripted', transcriptionMs: 1 });
const ended = (turn: number, endPts: number) => event('turn.ended', { turn, text: 'x', eouDelayMs: 1, endPts });

const fold = (...events: ParleyEvent[]) => events.reduce(foldTurnProgress, initialTurnProgress());

describe('foldTurnProgress', () => {
  it('counts utterances and keeps the finals of the turn that has not ended', () => {
    expect(fold(started(1), final(1, 'one', 100), started(2), final(2, 'two', 300))).toEqual({
      utterance: 2,
      turn: 0,
      texts: ['one', 'two'],
      transcribedPts: 300,
    });
  });

  it('begins the next turn without the texts of the one that has ended', () => {
    expect(fold(started(1), final(1, 'one', 100), ended(1, 90), started(2))).toEqual({
      utterance: 2,
      turn: 1,
      texts: [],
      transcribedPts: 100,
    });
  });

  it('keeps no text of a final in which nothing was understood, but its position', () => {
    expect(fold(final(3, '', 500))).toEqual({ utterance: 3, turn: 0, texts: [], transcribedPts: 500 });
  });

  it('never goes back in utterances or positions', () => {
    expect(fold(final(3, 'three', 500), started(2), final(2, 'two', 200))).toMatchObject({
      utterance: 3,
      transcribedPts: 500,
    });
  });

  it('passes over events of other kinds', () => {
    const before = fold(final(1, 'one', 100));
    expect(foldTurnProgress(before, event('session.text', { text: 'hi' }))).toBe(before);
    expect(foldTurnProgress(before, event('speech.stopped', { utterance: 9, pts: 9, durationMs: 9 }))).toBe(before);
  });
});
