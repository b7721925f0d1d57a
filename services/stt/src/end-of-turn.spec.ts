import { describe, expect, it } from '@jest/globals';
import { ENDPOINTING, sessionPolicySchema, type SessionPolicy } from '@parley/contracts';
import fc from 'fast-check';
import { DOUBT_MS, decideEndOfTurn, type TurnMoment, type TurnVerdict } from './end-of-turn.js';

const POLICY = sessionPolicySchema.parse({}).endpointing;
const WAIT: TurnVerdict = { do: 'wait' };
const end = (cause: string) => ({ do: 'end', cause });

const moment = (changes: Partial<TurnMoment> = {}): TurnMoment => ({
  endpointing: POLICY,
  language: 'en',
  said: ['two turkey clubs'],
  silentMs: 10_000,
  speaking: 'no',
  finals: 'there',
  engineEnded: false,
  committed: false,
  ...changes,
});
const by = (by: SessionPolicy['endpointing']['by'], changes: Partial<TurnMoment> = {}) =>
  moment({ endpointing: { ...POLICY, by }, ...changes });

describe('the end of a turn by silence', () => {
  const said: [string, string, number, string][] = [
    ['that look complete', 'a club please', 400, 'silence'],
    ['that do not tell', 'two turkey clubs', 700, 'silence'],
    ['that trail off', 'i would like a', 2400, 'longest_silence'],
  ];
  it.each(said)('comes after words %s when they have been followed by silence', (_, text, delayMs, cause) => {
    expect(decideEndOfTurn(moment({ said: [text], silentMs: delayMs - 1 }))).toEqual(WAIT);
    expect(decideEndOfTurn(moment({ said: [text], silentMs: delayMs }))).toEqual(end(cause));
  });

  it('comes after the usual silence in another language, unless marks tell', () => {
    const german = (text: string, silentMs: number) => moment({ language: 'de', said: [text], silentMs });
    expect(decideEndOfTurn(german('ein Brot bitte', 699))).toEqual(WAIT);
    expect(decideEndOfTurn(german('ein Brot bitte', 700))).toEqual(end('silence'));
    expect(decideEndOfTurn(german('Was kostet das?', 400))).toEqual(end('silence'));
  });

  it('does not come while somebody speaks, and a little later when that is in doubt', () => {
    expect(decideEndOfTurn(moment({ speaking: 'yes' }))).toEqual(WAIT);
    expect(decideEndOfTurn(moment({ speaking: 'maybe', silentMs: 700 + DOUBT_MS - 1 }))).toEqual(WAIT);
    expect(decideEndOfTurn(moment({ speaking: 'maybe', silentMs: 700 + DOUBT_MS }))).toEqual(end('silence'));
  });

  it('keeps the usual delay between the others, whatever the policy says of them', () => {
    const odd = { ...POLICY, minDelayMs: 3000, delayMs: 1000, maxDelayMs: 500 };
    for (const text of ['yes please', 'a club', 'i would like a']) {
      expect(decideEndOfTurn(moment({ endpointing: odd, said: [text], silentMs: 999 }))).toEqual(WAIT);
      expect(decideEndOfTurn(moment({ endpointing: odd, said: [text], silentMs: 1000 }))).toMatchObject({ do: 'end' });
    }
  });
});

describe('the end of a turn by the engine', () => {
  it('comes when the engine says so, whoever seems to speak', () => {
    expect(decideEndOfTurn(by('engine', { engineEnded: true, silentMs: 0, speaking: 'yes' }))).toEqual(end('engine'));
    expect(decideEndOfTurn(moment({ engineEnded: true, silentMs: 0 }))).toEqual(WAIT);
  });

  it('comes after the longest silence when the engine says nothing, with the finals that it is asked for', () => {
    expect(decideEndOfTurn(by('engine', { said: ['yes please'], silentMs: 2399 }))).toEqual(WAIT);
    expect(decideEndOfTurn(by('engine', { silentMs: 2400, finals: 'unasked' }))).toEqual({ do: 'ask' });
    expect(decideEndOfTurn(by('engine', { silentMs: 2400 }))).toEqual(end('longest_silence'));
  });
});

describe('the end of a turn by the caller', () => {
  it.each(ENDPOINTING)('comes with a commit when turns end by %s', (endpointing) => {
    expect(decideEndOfTurn(by(endpointing, { committed: true, silentMs: 0 }))).toEqual(end('caller'));
    expect(decideEndOfTurn(by(endpointing, { committed: true, speaking: 'yes' }))).toEqual(end('caller'));
    expect(decideEndOfTurn(by(endpointing, { committed: true, finals: 'unasked' }))).toEqual({ do: 'ask' });
    expect(decideEndOfTurn(by(endpointing, { committed: true, finals: 'awaited' }))).toEqual(WAIT);
  });

  it('comes with nothing else when it is the only end', () => {
    expect(decideEndOfTurn(by('manual', { silentMs: 600_000, engineEnded: true }))).toEqual(WAIT);
  });
});

describe('the end of any turn', () => {
  const moments: fc.Arbitrary<TurnMoment> = fc.record({
    endpointing: fc.record({
      by: fc.constantFrom(...ENDPOINTING),
      minDelayMs: fc.nat(5000),
      delayMs: fc.nat(5000),
      maxDelayMs: fc.nat(5000),
    }),
    language: fc.constantFrom('en', 'en-GB', 'de', 'zh'),
    said: fc.array(fc.constantFrom('yes please', 'two clubs', 'i would like a', 'five five', 'What is it?', ''), {
      maxLength: 3,
    }),
    silentMs: fc.nat(8000),
    speaking: fc.constantFrom('no', 'maybe', 'yes'),
    finals: fc.constantFrom('there', 'awaited', 'unasked'),
    engineEnded: fc.boolean(),
    committed: fc.boolean(),
  });

  it('never comes before the final transcripts', () => {
    fc.assert(
      fc.property(moments, (turn) => {
        if (turn.finals !== 'there') expect(decideEndOfTurn(turn).do).not.toBe('end');
        if (turn.finals === 'awaited') expect(decideEndOfTurn(turn)).toEqual(WAIT);
      }),
    );
  });

  it('stays when the silence goes on', () => {
    fc.assert(
      fc.property(moments, fc.nat(8000), (turn, moreMs) => {
        const before = decideEndOfTurn(turn);
        if (before.do !== 'wait')
          expect(decideEndOfTurn({ ...turn, silentMs: turn.silentMs + moreMs })).toEqual(before);
      }),
    );
  });

  it('comes within the longest delay after the last word, unless the caller alone ends turns', () => {
    fc.assert(
      fc.property(moments, (turn) => {
        const { by, delayMs, maxDelayMs } = turn.endpointing;
        const silentMs = Math.max(delayMs, maxDelayMs) + DOUBT_MS;
        const late = decideEndOfTurn({ ...turn, silentMs, finals: 'there', speaking: 'no' });
        if (by !== 'manual') expect(late.do).toBe('end');
        else expect(late).toEqual(turn.committed ? end('caller') : WAIT);
      }),
    );
  });

  it('is by the caller when the caller says so, and not sooner than the shortest delay otherwise', () => {
    fc.assert(
      fc.property(moments, (turn) => {
        const verdict = decideEndOfTurn(turn);
        if (verdict.do !== 'end') return;
        const { minDelayMs, delayMs } = turn.endpointing;
        if (turn.committed) expect(verdict.cause).toBe('caller');
        else if (verdict.cause !== 'engine')
          expect(turn.silentMs).toBeGreaterThanOrEqual(Math.min(minDelayMs, delayMs));
      }),
    );
  });
});
