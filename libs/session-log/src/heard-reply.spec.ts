import { describe, expect, it } from '@jest/globals';
import type { ParleyEvent, Payload, WordTime } from '@parley/contracts';
import { TurnEvents } from '@parley/testing';
import fc from 'fast-check';
import { foldTurn } from './fold-turn.js';
import { settledAt, withSentence, withWords } from './heard-reply.js';
import { initialTurnState, turnOf, type HistoryTurn, type TurnState } from './turn-state.js';

const WORDS: WordTime[] = ['Incomprehensibilities', 'a', 'b', 'c'].map((word, n) => ({
  word,
  startMs: n * 240,
  endMs: n * 240 + 200,
}));
const TEXT = 'Incomprehensibilities a b c.';
const events = new TurnEvents();
const cut = (playedMs: number, sentence = 0): Payload<'playout.ended'> => ({
  reply: 1,
  outcome: 'interrupted',
  sentence,
  playedMs,
  sentenceMs: 960,
  totalMs: playedMs,
});
const told = (words: WordTime[], first = 0, sentence = 0) =>
  events.make('synthesis.words', { reply: 1, sentence, first, words }) as ParleyEvent;
const ended = (playedMs: number) => events.make('playout.ended', cut(playedMs)) as ParleyEvent;
const interrupted = events.make('reply.interrupted', { reply: 1, cause: 'new_turn', sentences: 2 }) as ParleyEvent;
const progress = (playedMs: number, sentence = 0) =>
  events.make('playout.progress', { reply: 1, sentence, playedMs }) as ParleyEvent;

/** A reply of two sentences has begun to be played. */
function replying(): TurnState {
  const sentence = (n: number, text: string) =>
    events.make('reply.sentence', { reply: 1, sentence: n, text, spoken: text.trim() });
  const begun = [
    events.opened(),
    events.make('reply.started', { reply: 1, turn: 1, userText: 'hi', answers: [] }),
    sentence(0, TEXT),
    sentence(1, ' Anything else?'),
    events.make('playout.started', { reply: 1 }),
  ];
  return (begun as ParleyEvent[]).reduce(foldTurn, initialTurnState());
}

const after = (...more: ParleyEvent[]) => turnOf(more.reduce(foldTurn, replying()), 1);

describe('the words heard of a reply', () => {
  it.each([
    [0, ''],
    [199, ''],
    [200, 'Incomprehensibilities'],
    [679, 'Incomprehensibilities a'],
    [680, 'Incomprehensibilities a b'],
    [920, TEXT],
  ])('are those that are over after %i ms', (playedMs, heard) => {
    expect(after(told(WORDS), ended(playedMs))?.replyText).toBe(heard);
  });

  it('are corrected by word times that come after it was told how far it was played', () => {
    expect(after(ended(680))?.replyText).toBe('');
    expect(after(ended(680), told(WORDS))?.replyText).toBe('Incomprehensibilities a b');
    expect(after(interrupted, progress(500), told(WORDS.slice(0, 2)))?.replyText).toBe('Incomprehensibilities a');
  });

  it('are those with times, and an even share of the rest, where the times do not reach so far', () => {
    const one = told(WORDS.slice(0, 1));
    // Of what is left 7 characters share 760 ms.
    expect(after(one, ended(420))?.replyText).toBe('Incomprehensibilities a');
    expect(after(one, ended(410))?.replyText).toBe('Incomprehensibilities');
  });

  it('are told anew by an owner that says the sentence again', () => {
    const slower = WORDS.map(({ word, startMs, endMs }) => ({ word, startMs: startMs * 2, endMs: endMs * 2 }));
    expect(after(told(WORDS), told(slower), ended(880))?.replyText).toBe('Incomprehensibilities a');
  });

  it('leave nothing behind when they are known', () => {
    const whole = { ...cut(900, 1), outcome: 'completed' as const };
    const readOn = { ...cut(900), shown: true };
    for (const last of [cut(680), whole, readOn]) {
      const end = events.make('playout.ended', last) as ParleyEvent;
      expect(after(told(WORDS), end)?.voices).toBeUndefined();
      expect(after(told(WORDS), end, told(WORDS.slice(3), 3))?.voices).toBeUndefined();
    }
    expect(after(ended(680), told(WORDS))?.voices).toBeUndefined();
  });

  it('come to the same in whatever order their writers are read', () => {
    const batches = [told(WORDS.slice(0, 1)), told(WORDS.slice(1, 3), 1), told(WORDS.slice(3), 3), told(WORDS, 0, 1)];
    const lanes = fc.record({
      playedMs: fc.nat(1000),
      isInterrupted: fc.boolean(),
      known: fc.nat(batches.length),
      order: fc.array(fc.nat(2), { maxLength: 20 }),
    });
    fc.assert(
      fc.property(lanes, ({ playedMs, isInterrupted, known, order }) => {
        const playout = [progress(playedMs / 2), progress(playedMs), ended(playedMs)];
        const written = [...batches.slice(0, known)];
        const inOrder = [...(isInterrupted ? [interrupted] : []), ...written, ...playout];
        const waiting = [isInterrupted ? [interrupted] : [], [...written], [...playout]];
        const mixed = order.flatMap((lane) => waiting[lane]?.splice(0, 1) ?? []);
        expect(after(...mixed, ...waiting.flat())).toEqual(after(...inOrder));
      }),
      { numRuns: 1000 },
    );
  });
});

describe('the last sentence that was heard', () => {
  const begun: HistoryTurn = { reply: 1, userText: 'hi', sentences: [], uninterruptible: [], replyText: '', interrupted: false, settled: false, shown: false, toolCalls: [], sentencesBeforeTool: 0 }; // prettier-ignore
  const sentence = { reply: 1, sentence: 0, text: TEXT, spoken: TEXT };

  it('is the same whether it is known before or after the end', () => {
    const heard = { sentence: 0, playedMs: 500 };
    const before = settledAt(withSentence(begun, sentence), heard);
    const after = withSentence(settledAt(begun, heard), sentence);
    expect(after.voices).toEqual(before.voices);
    const words = { reply: 1, sentence: 0, first: 0, words: WORDS };
    expect(withWords(after, words)).toEqual(withWords(before, words));
  });
});
