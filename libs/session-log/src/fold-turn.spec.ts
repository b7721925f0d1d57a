import { describe, expect, it } from '@jest/globals';
import type { ParleyEvent } from '@parley/contracts';
import { TurnEvents } from '@parley/testing';
import { Folded } from '../spec-support/folded.js';
import { foldTurn } from './fold-turn.js';
import { decideTurn } from './turn-decision.js';
import { MAX_HISTORY_TURNS, initialTurnState } from './turn-state.js';

describe('the turn state', () => {
  it('answers a turn once whose reply stands before it in the log', () => {
    const folded = new Folded();
    const ended = folded.events.make('turn.ended', { turn: 1, text: 'hi', eouDelayMs: 1, endPts: 1 });
    folded.on('reply.started', { reply: 1, turn: 1, userText: 'hi', answers: [ended.id] });
    folded.state = foldTurn(folded.state, ended as ParleyEvent);
    expect(folded.command).toBeUndefined();
    expect(folded.state.open).toEqual([]);
    folded.said('and more');
    expect(folded.command).toMatchObject({ type: 'interrupt', cause: 'new_turn' });
  });

  it('does nothing before the session is opened and after it is closed', () => {
    const events = new TurnEvents();
    const early = foldTurn(initialTurnState(), events.make('session.text', { text: 'hi' }) as ParleyEvent);
    expect(decideTurn(early)).toBeUndefined();
    expect(decideTurn(foldTurn(early, events.opened()))).toMatchObject({ type: 'start', userText: 'hi' });

    const session = new Folded();
    session.said('hi');
    session.on('session.closed', { reason: 'caller_left' });
    session.said('anyone?');
    expect(session.command).toBeUndefined();
    expect(session.state).toMatchObject({ phase: 'ended', open: [] });
  });

  it('starts one reply for all that was said and written since the last', () => {
    const session = new Folded();
    const spoken = session.said('two clubs');
    const { id: written } = session.on('session.text', { text: 'and chips' });
    expect(session.command).toEqual({ type: 'start', reply: 1, turn: 1, userText: 'two clubs and chips', answers: [spoken, written] }); // prettier-ignore
  });

  it.each(['', '  \n'])('takes %j for no turn and for no word', (text) => {
    const session = new Folded();
    session.said(text);
    expect(session.command).toBeUndefined();
    session.replying('Yes.').on('transcript.interim', { utterance: 1, text, stableChars: 0 });
    expect(session.command).toBeUndefined();
  });

  it('keeps open what a reply does not answer', () => {
    const session = new Folded();
    const first = session.said('one');
    session.said('two');
    session.on('reply.started', { reply: 1, turn: 1, userText: 'one', answers: [first] });
    expect(session.command).toEqual({ type: 'interrupt', reply: 1, cause: 'new_turn' });
    session.interrupted();
    expect(session.command).toMatchObject({ type: 'start', reply: 2, turn: 2, userText: 'two' });
  });

  it('interrupts for words over a reply, and not for words before it', () => {
    const session = new Folded();
    session.on('transcript.interim', { utterance: 1, text: 'hi', stableChars: 0 });
    session.replying('Yes.');
    expect(session.command).toMatchObject({ type: 'wait' });
    session.on('transcript.interim', { utterance: 2, text: 'but', stableChars: 3 });
    expect(session.command).toEqual({ type: 'interrupt', reply: 1, cause: 'user_spoke' });
    session.interrupted();
    expect(session.command).toBeUndefined();
    expect(session.state).toMatchObject({ phase: 'listening', active: undefined });
  });

  it('gives the floor back when a written reply ends, and when a spoken one has been played', () => {
    expect(new Folded('voice-to-text').replying('Yes.').ended().state.active).toBeUndefined();
    const spoken = new Folded().replying('Yes.').ended();
    expect(spoken.state.active).toMatchObject({ textDone: true });
    expect(spoken.playoutEnded('completed', 0, 500, 500).state.active).toBeUndefined();
  });

  it('has a failed reply keep the floor while its voice plays, and not when it has none', () => {
    expect(new Folded().replying().ended('failed').state.active).toBeUndefined();
    const session = new Folded().replying('Let me see.').ended('failed').playedTo(0, 100);
    session.said('forget it');
    expect(session.command).toMatchObject({ type: 'interrupt', reply: 1 });
    expect(session.interrupted().turn).toMatchObject({ interrupted: true, replyText: '' });
  });

  it('interrupts a reply that nobody plays any more while its text is being written', () => {
    const session = new Folded().replying('Yes.').playoutEnded('failed', 0, 0, 500);
    expect(session.command).toEqual({ type: 'interrupt', reply: 1, cause: 'playout_ended' });
    session.interrupted();
    expect(session.command).toBeUndefined();
    expect(session.turn).toMatchObject({ replyText: '', interrupted: true });
  });

  it('is over at once when the text ends behind its playout', () => {
    const session = new Folded().replying('Yes.').playoutEnded('failed', 0, 0, 500).ended();
    expect(session.state.active).toBeUndefined();
    expect(session.turn?.replyText).toBe('');
  });

  it('says that voice plays for the reply that has the floor only', () => {
    const session = new Folded().replying('Yes.').interrupted();
    session.on('playout.started', { reply: 1 });
    expect(session.state.phase).toBe('listening');
    const other = new Folded().replying('Yes.');
    other.on('playout.started', { reply: 1 });
    expect(other.state).toMatchObject({ phase: 'replying', active: { playing: true } });
  });

  it('remembers the last turns only', () => {
    const session = new Folded('text-to-text');
    for (let reply = 1; reply <= MAX_HISTORY_TURNS + 5; reply++) {
      session.on('reply.started', { reply, turn: reply, userText: 'hi', answers: [] });
      session.on('reply.ended', { reply, turn: reply, outcome: 'completed', sentences: 0, text: '', durationMs: 1 });
    }
    expect(session.state.history).toHaveLength(MAX_HISTORY_TURNS);
    expect(session.turn?.reply).toBe(MAX_HISTORY_TURNS + 5);
  });
});
