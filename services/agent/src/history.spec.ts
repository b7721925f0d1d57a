import { describe, expect, it } from '@jest/globals';
import type { ParleyEvent, Payload } from '@parley/contracts';
import { TurnEvents } from '@parley/testing';
import { conversationHistory } from './history.js';
import { foldTurn, initialTurnState } from '@parley/session-log';

/** A log with one reply; more is added event by event. */
function logOf(mode: Payload<'session.opened'>['mode'] = 'voice-to-voice') {
  const events = new TurnEvents();
  const log: ParleyEvent[] = [events.opened(mode)];
  const add = (...args: Parameters<TurnEvents['make']>) => void log.push(events.make(...args) as ParleyEvent);
  add('reply.started', { reply: 1, turn: 1, userText: 'soup?', answers: [] });
  add('reply.sentence', { reply: 1, sentence: 0, text: 'We have soup.', spoken: 'We have soup.' });
  add('reply.sentence', { reply: 1, sentence: 1, text: ' It is hot.', spoken: 'It is hot.' });
  return { add, history: () => conversationHistory(log.reduce(foldTurn, initialTurnState())) };
}
const ENDED = { reply: 1, turn: 1, outcome: 'completed', sentences: 2, text: 'We have soup. It is hot.', durationMs: 1 } as const; // prettier-ignore
const CALLED = { reply: 1, callId: 'r1c1', tool: 'add', args: { n: 2 } };
const RETURNED = { reply: 1, callId: 'r1c1', tool: 'add', ok: true, result: { count: 2 }, durationMs: 1 };

describe('the history that a new owner goes on from', () => {
  it('is empty, without a state, before the first turn', () => {
    expect(conversationHistory(initialTurnState())).toEqual({ turns: [] });
  });

  it('has what the user said and what was answered', () => {
    const { add, history } = logOf('text-to-text');
    add('reply.ended', ENDED);
    expect(history().turns).toEqual([
      { reply: 1, userText: 'soup?', replyText: 'We have soup. It is hot.', interrupted: false, toolCalls: [] },
    ]);
  });

  it('has of an interrupted reply what was heard', () => {
    const { add, history } = logOf();
    add('reply.ended', ENDED);
    add('reply.interrupted', { reply: 1, cause: 'new_turn', sentences: 2 });
    add('playout.ended', {
      reply: 1,
      outcome: 'interrupted',
      sentence: 0,
      playedMs: 900,
      sentenceMs: 900,
      totalMs: 900,
    });
    expect(history().turns).toMatchObject([{ replyText: 'We have soup.', interrupted: true }]);
  });

  it('has no text of a reply that is still to be finished', () => {
    expect(logOf().history().turns).toMatchObject([{ reply: 1, userText: 'soup?', replyText: '', interrupted: false }]);
  });

  it('has a call that returned, with its result and the state it left', () => {
    const { add, history } = logOf();
    add('tool.called', CALLED);
    add('tool.returned', { ...RETURNED, state: { count: 2 } });
    const { turns, state } = history();
    expect(turns[0]?.toolCalls).toEqual([
      { callId: 'r1c1', tool: 'add', args: { n: 2 }, ok: true, result: { count: 2 } },
    ]);
    expect(state).toEqual({ count: 2 });
  });

  it('has a call that failed, and no state when none was left', () => {
    const { add, history } = logOf();
    add('tool.called', CALLED);
    add('tool.returned', { ...RETURNED, ok: false, result: { error: 'no' } });
    expect(history()).toMatchObject({ turns: [{ toolCalls: [{ ok: false, result: { error: 'no' } }] }] });
    expect(history()).not.toHaveProperty('state');
  });

  it('has no call that never returned, so that the model makes it again', () => {
    const { add, history } = logOf();
    add('tool.called', CALLED);
    expect(history().turns[0]?.toolCalls).toEqual([]);
  });

  it('keeps a state that is null', () => {
    const { add, history } = logOf();
    add('tool.called', CALLED);
    add('tool.returned', { ...RETURNED, state: null });
    expect(history().state).toBeNull();
  });
});
