import { describe, expect, it } from '@jest/globals';
import { MODES, MUTES, sessionPolicySchema, type Mode, type ParleyEvent, type SessionPolicy } from '@parley/contracts';
import fc from 'fast-check';
import { TurnSimulation, type Happening } from '../spec-support/turn-simulation.js';
import { foldTurn } from './fold-turn.js';
import { heardText } from './heard-text.js';
import { initialTurnState, type TurnState } from './turn-state.js';

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
