import { describe, expect, it } from '@jest/globals';
import { MODES, type ParleyEvent } from '@parley/contracts';
import fc from 'fast-check';
import { TurnEvents } from '@parley/testing';
import { TurnSimulation, type Happening } from '../spec-support/turn-simulation.js';
import { foldTurn } from './fold-turn.js';
import { initialTurnState } from './turn-state.js';

/** A spoken reply with two sentences, of which the first is being played. */
function speaking() {
  const events = new TurnEvents();
  let state = foldTurn(initialTurnState(), events.opened());
  const on = (...args: Parameters<TurnEvents['make']>) => {
    state = foldTurn(state, events.make(...args) as ParleyEvent);
    return state;
  };
  on('reply.started', { reply: 1, turn: 1, userText: 'hi', answers: [], shown: false });
  for (const [sentence, text] of ['We have soup.', ' It is hot.'].entries())
    on('reply.sentence', { reply: 1, sentence, text, spoken: text });
  on('playout.started', { reply: 1 });
  const ended = () =>
    on('reply.ended', { reply: 1, turn: 1, outcome: 'completed', sentences: 2, text: 'We have soup. It is hot.', durationMs: 1 }); // prettier-ignore
  const switched = () => {
    on('session.mode', { mode: 'text-to-text' });
    return on('playout.ended', {
      reply: 1,
      outcome: 'interrupted',
      sentence: 0,
      playedMs: 10,
      totalMs: 10,
      shown: true,
    });
  };
  return { on, ended, switched };
}

describe('a caller who switches to text while a reply is played', () => {
  it('reads the rest: history has all of it, and the floor is free', () => {
    const { ended, switched } = speaking();
    ended();
    const state = switched();
    expect(state.active).toBeUndefined();
    expect(state.history).toMatchObject([{ replyText: 'We have soup. It is hot.', interrupted: false }]);
  });

  it('does not end the text that is still being written', () => {
    const { ended, switched } = speaking();
    expect(switched()).toMatchObject({ active: { reply: 1, textDone: false }, history: [{ replyText: '' }] });
    expect(ended()).toMatchObject({ active: undefined, history: [{ replyText: 'We have soup. It is hot.' }] });
  });

  it('and back reads that reply to its end', () => {
    const { on, ended, switched } = speaking();
    switched();
    on('session.mode', { mode: 'voice-to-voice' });
    expect(ended().active).toBeUndefined();
  });

  it('has read all that was written when it interrupts then', () => {
    const { on, switched } = speaking();
    switched();
    const state = on('reply.interrupted', { reply: 1, cause: 'new_turn', sentences: 2 });
    expect(state.history).toMatchObject([{ replyText: 'We have soup. It is hot.', interrupted: true }]);
  });
});

describe('modes that change at any time', () => {
  const happening: fc.Arbitrary<Happening> = fc.record({
    what: fc.oneof(
      { weight: 12, arbitrary: fc.constantFrom('deliver' as const, 'see' as const, 'play' as const, 'model' as const) },
      { weight: 3, arbitrary: fc.constantFrom('write' as const, 'speak' as const, 'switch' as const) },
      { weight: 1, arbitrary: fc.constantFrom('crash' as const, 'late_tool' as const) },
    ),
    n: fc.nat(60),
  });

  it('never leave the agent silent: every turn is answered, and nobody waits for a voice that is not made', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...MODES),
        fc.array(happening, { minLength: 20, maxLength: 120, size: 'max' }),
        (mode, happenings) => {
          const simulation = new TurnSimulation(mode);
          for (const each of happenings) simulation.step(each);
          simulation.finish();
          const { log, turnIds, unanswered, state } = simulation;
          const answers = log.flatMap((event) => (event.type === 'reply.started' ? event.answers : []));
          expect([...answers, ...unanswered].sort()).toEqual([...turnIds].sort());
          expect(state).toMatchObject({ active: undefined, open: [], phase: 'listening' });
          for (const { shown, sentences, replyText } of state.history.filter(({ interrupted }) => !interrupted))
            expect([shown, replyText]).toEqual([shown, sentences.join('')]);
        },
      ),
      { numRuns: 500 },
    );
  });
});
