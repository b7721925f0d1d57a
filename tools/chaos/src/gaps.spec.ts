import { describe, expect, it } from '@jest/globals';
import { ANSWER_MS, perfectCall } from '../spec-support/perfect-call.js';
import type { InjectedFault } from './fault-injector.js';
import { percentiles, waitsOf } from './gaps.js';
import { ownerAt, takeoversIn } from './ownership.js';

const fault = (changes: Partial<InjectedFault>): InjectedFault => ({
  ordinal: 1,
  atMs: 0,
  kind: 'kill',
  target: 'tts',
  replica: 0,
  phase: 'hearing',
  awayMs: 0,
  hard: false,
  share: 0,
  instance: 'tts',
  replicaName: 'tts-one',
  fromMs: 0,
  toMs: 0,
  callsCut: [],
  ...changes,
});

describe('waits', () => {
  it('are measured from the last word to the first voice', () => {
    expect(waitsOf(perfectCall(), []).answers.map(({ ms }) => ms)).toEqual([ANSWER_MS, ANSWER_MS]);
  });

  it('are blamed on the fault that hit the owner, and on no other', () => {
    const call = perfectCall();
    const fromMs = call.record.turns[0]!.saidToMs;
    const mine = fault({ ordinal: 4, fromMs, toMs: fromMs + 10 });
    const others = fault({ ordinal: 5, fromMs, toMs: fromMs + 10, replicaName: 'tts-two' });
    expect(waitsOf(call, [mine, others]).answers[0]?.fault).toEqual({ ordinal: 4, kind: 'kill', target: 'tts' });
    expect(waitsOf(call, [others]).answers[0]?.fault).toBeUndefined();
  });

  it('are blamed on nothing that came later', () => {
    const call = perfectCall();
    const late = fault({ fromMs: call.record.turns[0]!.saidToMs + ANSWER_MS + 1, toMs: Infinity });
    expect(waitsOf(call, [late]).answers[0]?.fault).toBeUndefined();
  });

  it.each([
    [{ target: 'nats' as const, instance: 'nats' }, true],
    [{ target: 'callers' as const, callsCut: [3] }, true],
    [{ target: 'callers' as const, callsCut: [4] }, false],
    [{ target: 'gateway' as const, instance: 'gateway' }, true],
    [{ target: 'gateway' as const, instance: 'gateway-2' }, false],
    [{ skipped: 'away' }, false],
  ])('see whether %j hit the call', (changes, isHit) => {
    const call = perfectCall();
    const fromMs = call.record.turns[0]!.saidToMs;
    expect(waitsOf(call, [fault({ fromMs, toMs: fromMs, ...changes })]).answers[0]?.fault !== undefined).toBe(isHit);
  });

  it('have nearest-rank percentiles', () => {
    expect(percentiles([5, 1, 4, 2, 3])).toEqual({ count: 5, p50: 3, p95: 5, p99: 5, max: 5 });
    expect(percentiles([])).toEqual({ count: 0, p50: 0, p95: 0, p99: 0, max: 0 });
  });
});

describe('ownership', () => {
  it('follows the claims in the log', () => {
    const { log, record } = perfectCall();
    const atMs = record.turns[1]!.saidFromMs;
    const again = { ...log.find(({ type }) => type === 'stage.claimed')!, at: atMs, replica: 'stt-two', epoch: 2 };
    log.push(again as never);
    expect(ownerAt(log, 'stt', atMs - 1)).toBe('stt-one');
    expect(ownerAt(log, 'stt', atMs)).toBe('stt-two');
    expect(ownerAt(log, 'stt', 0)).toBeUndefined();
    expect(takeoversIn(log)).toBe(1);
  });
});
