import { describe, expect, it } from '@jest/globals';
import type { ClaimedStage, ParleyEvent } from '@parley/contracts';
import fc from 'fast-check';
import { countQuickCrashes } from './crash-count.js';

type Owner = { replica: string; fate: 'silent' | 'settled' | 'drained' | 'crashed' };

/** The events of owners, one after the other, each with the next epoch. */
function logOf(owners: Owner[], stage: ClaimedStage = 'stt'): ParleyEvent[] {
  return owners.flatMap(({ replica, fate }, index) => {
    const epoch = index + 1;
    const event = (type: string, payload: object) =>
      ({ id: '', sessionId: 's', at: 1, seq: 1, stage, epoch, type, ...payload }) as unknown as ParleyEvent;
    const claimed = event('stage.claimed', { replica, deliveries: epoch });
    if (fate === 'silent') return [claimed];
    if (fate === 'settled') return [claimed, event('stage.settled', { replica })];
    return [claimed, event('stage.released', { replica, reason: fate })];
  });
}

const fates = (...all: Owner['fate'][]) => all.map((fate, index): Owner => ({ replica: `stt-${index}`, fate }));
const count = (owners: Owner[], reader = 'reader') => countQuickCrashes(logOf(owners), 'stt', reader);

const someFate = fc.constantFrom<Owner['fate'][]>('silent', 'settled', 'drained', 'crashed');
const someOwner = fc.record({ replica: fc.constantFrom('a', 'b', 'c', 'd'), fate: someFate });

describe('countQuickCrashes', () => {
  it.each<[string, Owner['fate'][], number]>([
    ['nobody had the session', [], 0],
    ['its owner says nothing more', ['silent'], 1],
    ['three say nothing more', ['silent', 'silent', 'silent'], 3],
    ['the last one lived', ['silent', 'silent', 'settled'], 0],
    ['the last one drained', ['silent', 'silent', 'drained'], 0],
    ['one before the last two lived', ['silent', 'settled', 'silent', 'silent'], 2],
    ['an error of it was caught by nobody', ['silent', 'crashed'], 2],
  ])('counts those in a row at the end, when %s', (_, all, crashes) => {
    expect(count(fates(...all))).toBe(crashes);
  });

  it('does not blame the session when its owner is heard of again: it stalled', () => {
    const stalled = [
      { replica: 'a', fate: 'silent' },
      { replica: 'b', fate: 'silent' },
      { replica: 'a', fate: 'silent' },
    ] as const;
    expect(count([...stalled])).toBe(2);
    expect(count([...stalled], 'a')).toBe(0);
  });

  it('blames the session for errors that nobody caught, although the replica lives', () => {
    const owners = fates('crashed', 'crashed').map(({ fate }) => ({ replica: 'a', fate }));
    expect(count(owners, 'a')).toBe(2);
  });

  it('looks at one stage alone', () => {
    const events = [...logOf(fates('silent', 'silent', 'silent'), 'tts'), ...logOf(fates('silent'))];
    expect(countQuickCrashes(events, 'stt', 'reader')).toBe(1);
  });

  it('begins at zero after an owner that lived or gave the session up, whatever came before', () => {
    fc.assert(
      fc.property(fc.array(someOwner), fc.constantFrom<Owner['fate'][]>('settled', 'drained'), (before, fate) => {
        expect(count([...before, { replica: 'x', fate }])).toBe(0);
      }),
    );
  });

  it('counts one more for each crash of a replica that nobody hears of again', () => {
    fc.assert(
      fc.property(fc.array(someOwner), (before) => {
        expect(count([...before, { replica: 'gone', fate: 'silent' }])).toBe(count(before) + 1);
      }),
    );
  });

  it('never blames more owners than there were, nor a replica that reads for its silence', () => {
    fc.assert(
      fc.property(fc.array(someOwner), (owners) => {
        expect(count(owners)).toBeLessThanOrEqual(owners.length);
        expect(count([...owners, { replica: 'reader', fate: 'silent' }])).toBe(0);
      }),
    );
  });
});
