import { describe, expect, it } from '@jest/globals';
import { MODES, MUTES, sessionPolicySchema, type EventOf, type EventType, type Mode, type ParleyEvent, type Payload, type SessionPolicy } from '@parley/contracts'; // prettier-ignore
import fc from 'fast-check';
import { TurnEvents } from '@parley/testing';
import { TurnSimulation, type Happening } from '../spec-support/turn-simulation.js';
import { heardText } from './heard-text.js';
import { decideTurn } from './turn-decision.js';
import { foldTurn } from './fold-turn.js';
import { MAX_HISTORY_TURNS, initialTurnState, type TurnState } from './turn-state.js';

/** A session that is folded event by event. */
class Folded {
  readonly events = new TurnEvents();
  state: TurnState = initialTurnState();

  constructor(mode?: Mode) {
    this.state = foldTurn(this.state, this.events.opened(mode));
  }

  on<T extends EventType>(type: T, payload: Payload<T>): EventOf<T> {
    const event = this.events.make(type, payload);
    this.state = foldTurn(this.state, event as ParleyEvent);
    return event;
  }

  said(text: string): string {
    return this.on('turn.ended', { turn: 1, text, eouDelayMs: 1, endPts: 1 }).id;
  }

  /** A turn and its reply with these sentences. */
  replying(...sentences: string[]): this {
    this.on('reply.started', { reply: 1, turn: 1, userText: 'hi', answers: [this.said('hi')] });
    for (const [sentence, text] of sentences.entries()) this.on('reply.sentence', { reply: 1, sentence, text, spoken: text }); // prettier-ignore
    return this;
  }

  ended(outcome: 'completed' | 'failed' = 'completed'): this {
    const sentences = this.state.history.at(-1)?.sentences ?? [];
    const text = sentences.join('');
    this.on('reply.ended', { reply: 1, turn: 1, outcome, sentences: sentences.length, text, durationMs: 1 });
    return this;
  }

  playedTo(sentence: number, playedMs: number): this {
    this.on('playout.progress', { reply: 1, sentence, playedMs });
    return this;
  }

  playoutEnded(
    outcome: Payload<'playout.ended'>['outcome'],
    sentence: number,
    playedMs: number,
    sentenceMs: number,
  ): this {
    this.on('playout.ended', { reply: 1, outcome, sentence, playedMs, sentenceMs, totalMs: playedMs });
    return this;
  }

  interrupted(): this {
    this.on('reply.interrupted', { reply: 1, cause: 'new_turn', sentences: 1 });
    return this;
  }

  get command() {
    return decideTurn(this.state);
  }

  get turn() {
    return this.state.history.at(-1);
  }
}

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

describe('what history holds of a reply', () => {
  const reply = () => new Folded().replying('We have soup.', ' It is hot.');

  it('is all of it when it was played to its end', () => {
    const session = reply().ended().playoutEnded('completed', 1, 700, 700);
    expect(session.turn).toMatchObject({ replyText: 'We have soup. It is hot.', interrupted: false });
  });

  it('is nothing when it was interrupted before any report', () => {
    expect(reply().ended().interrupted().turn).toMatchObject({ replyText: '', interrupted: true });
  });

  it("is what the gateway's last report says, then what it says at the end", () => {
    const session = reply().ended().playedTo(1, 0).interrupted();
    expect(session.turn?.replyText).toBe('We have soup.');
    expect(session.playedTo(1, 200).turn?.replyText).toBe('We have soup. It');
    expect(session.playoutEnded('interrupted', 1, 650, 1100).turn?.replyText).toBe('We have soup. It is');
  });

  it('is all that was shown when it was written', () => {
    const session = new Folded('voice-to-text').replying('We have soup.').interrupted();
    expect(session.turn).toMatchObject({ replyText: 'We have soup.', interrupted: true });
  });

  it.each(['interrupted first', 'played out first'])(
    'is all of it when it was played to its end anyway, %s',
    (order) => {
      const session = reply().ended().playedTo(0, 100);
      if (order === 'interrupted first') session.interrupted().playoutEnded('completed', 1, 700, 700);
      else session.playoutEnded('completed', 1, 700, 700).interrupted();
      expect(session.turn).toMatchObject({ replyText: 'We have soup. It is hot.', interrupted: false });
    },
  );

  it('is what was heard of a reply whose voice failed', () => {
    const session = reply().ended().playoutEnded('failed', 0, 1300, 1300);
    expect(session.turn).toMatchObject({ replyText: 'We have soup.', interrupted: true });
  });

  it('has tool calls with what they returned, and the state that the last one left', () => {
    const session = reply();
    session.on('tool.called', { reply: 1, callId: 'a', tool: 'add', args: { n: 1 } });
    session.interrupted();
    session.on('tool.returned', {
      reply: 1,
      callId: 'a',
      tool: 'add',
      ok: true,
      result: 1,
      state: { n: 1 },
      durationMs: 1,
    });
    expect(session.turn?.toolCalls).toEqual([{ callId: 'a', tool: 'add', args: { n: 1 }, returned: { ok: true, result: 1 } }]); // prettier-ignore
    expect(session.state.toolState).toEqual({ n: 1 });
    expect(session.turn?.sentencesBeforeTool).toBe(2);
  });

  it('has one call of an id that a new owner called again', () => {
    const session = reply();
    for (let owner = 1; owner <= 2; owner++)
      session.on('tool.called', { reply: 1, callId: 'a', tool: 'add', args: {} });
    session.on('tool.returned', { reply: 1, callId: 'a', tool: 'add', ok: true, result: 1, durationMs: 1 });
    expect(session.turn?.toolCalls).toHaveLength(1);
    session.on('tool.called', { reply: 1, callId: 'a', tool: 'add', args: {} });
    session.on('tool.returned', { reply: 1, callId: 'a', tool: 'add', ok: true, result: 2, durationMs: 1 });
    expect(session.turn?.toolCalls.map(({ returned }) => returned?.result)).toEqual([1, 2]);
  });
});

describe('the four stages in a loop, whatever the order of what happens', () => {
  const happening = (withCrashes: boolean, withClose: boolean): fc.Arbitrary<Happening> =>
    fc.record({
      what: fc.oneof(
        { weight: 6, arbitrary: fc.constantFrom('deliver' as const) },
        { weight: 6, arbitrary: fc.constantFrom('see' as const, 'play' as const, 'model' as const) },
        { weight: 6, arbitrary: fc.constantFrom('model' as const) },
        { weight: 2, arbitrary: fc.constant('write' as const) },
        { weight: 6, arbitrary: fc.constant('speak' as const) },
        { weight: 2, arbitrary: fc.constant('time' as const) },
        { weight: 1, arbitrary: fc.constantFrom('stall' as const, 'late_tool' as const) },
        ...(withCrashes ? [{ weight: 1, arbitrary: fc.constantFrom('crash' as const) }] : []),
        ...(withClose ? [{ weight: 1, arbitrary: fc.constantFrom('close' as const) }] : []),
      ),
      n: fc.nat(60),
    });
  const policy: fc.Arbitrary<SessionPolicy> = fc
    .record({ minWords: fc.nat(2), mute: fc.constantFrom(...MUTES) })
    .map((interruption) => sessionPolicySchema.parse({ interruption }));
  const played = (mode: Mode, happenings: Happening[], policy?: SessionPolicy): TurnSimulation => {
    const simulation = new TurnSimulation(mode, policy);
    for (const each of happenings) simulation.step(each);
    simulation.finish();
    return simulation;
  };
  const happenings = (withCrashes: boolean, withClose = false) =>
    fc.array(happening(withCrashes, withClose), { minLength: 10, maxLength: 120, size: 'max' });
  const mode = fc.oneof({ weight: 3, arbitrary: fc.constant('voice-to-voice' as Mode) }, fc.constantFrom(...MODES));
  const fold = (events: readonly ParleyEvent[]) => events.reduce(foldTurn, initialTurnState());
  const runs = { numRuns: 400 };

  it('answers every turn in exactly one reply, one reply at a time, and ends silent', () => {
    fc.assert(
      fc.property(mode, happenings(true), policy, (mode, happenings, policy) => {
        const { log, turnIds, unanswered, state } = played(mode, happenings, policy);
        const answers = log.flatMap((event) => (event.type === 'reply.started' ? event.answers : []));
        expect([...answers, ...unanswered].sort()).toEqual([...turnIds].sort());
        expect(state).toMatchObject({ active: undefined, open: [], phase: 'listening' });
        const replies = log.flatMap((event) => (event.type === 'reply.started' ? [event.reply] : []));
        expect(replies).toEqual(replies.map((_, index) => index + 1));
      }),
      runs,
    );
  });

  it('starts no reply before the one ahead of it is over in the log', () => {
    fc.assert(
      fc.property(mode, happenings(true), (mode, happenings) => {
        let open: number | undefined;
        for (const event of played(mode, happenings).log) {
          if (event.type === 'reply.started') {
            expect(open).toBeUndefined();
            open = event.reply;
          } else if (event.type === 'reply.interrupted' || event.type === 'reply.ended') open = undefined;
          else if (event.type === 'reply.sentence') expect(event.reply).toBe(open);
        }
      }),
      runs,
    );
  });

  it('holds of every spoken reply what the gateway says was heard', () => {
    fc.assert(
      fc.property(happenings(true), (happenings) => {
        const { state, gateway } = played('voice-to-voice', happenings);
        for (const { reply, sentences, replyText, interrupted } of state.history) {
          const end = gateway.ends.get(reply);
          if (end?.outcome === 'completed') expect([replyText, interrupted]).toEqual([sentences.join(''), false]);
          else expect([replyText, interrupted]).toEqual([heardText(sentences, end), true]);
        }
      }),
      runs,
    );
  });

  it('never holds more of an interrupted spoken reply than was reported as played', () => {
    fc.assert(
      fc.property(happenings(false), (happenings) => {
        const simulation = new TurnSimulation('voice-to-voice');
        for (const each of happenings) {
          simulation.step(each);
          for (const turn of simulation.state.history.filter(({ interrupted }) => interrupted)) {
            const reports = simulation.folded.filter(
              (event) => event.type === 'playout.progress' || event.type === 'playout.ended',
            );
            const last = reports.findLast((event) => event.reply === turn.reply);
            expect(turn.replyText).toBe(heardText(turn.sentences, last));
          }
        }
      }),
      runs,
    );
  });

  it('is the same state whether folded live or from the log', () => {
    fc.assert(
      fc.property(mode, happenings(true), (mode, happenings) => {
        const { state, log, folded } = played(mode, happenings);
        // Whether somebody speaks at this moment is no part of the conversation.
        const known = ({ speech: _, ...rest }: TurnState) => rest;
        expect(known(fold(JSON.parse(JSON.stringify(folded)) as ParleyEvent[]))).toEqual(known(state));
        expect(known(fold(JSON.parse(JSON.stringify(log)) as ParleyEvent[]))).toEqual(known(state));
      }),
      runs,
    );
  });

  it('does nothing after the session is closed', () => {
    fc.assert(
      fc.property(mode, happenings(true, true), (mode, happenings) => {
        const { log, state, turnIds } = played(mode, [...happenings, { what: 'close', n: 0 }]);
        expect(state).toMatchObject({ phase: 'ended', active: undefined, open: [] });
        expect(fold(log).phase).toBe('ended');
        const answers = log.flatMap((event) => (event.type === 'reply.started' ? event.answers : []));
        expect(new Set(answers).size).toBe(answers.length);
        expect(turnIds).toEqual(expect.arrayContaining(answers));
      }),
      runs,
    );
  });
});
