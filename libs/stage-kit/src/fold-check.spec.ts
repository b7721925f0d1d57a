import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { ParleyEvent } from '@parley/contracts';
import { FakeBus } from '@parley/testing';
import { startGateway, startReplica } from '../spec-support/replica.js';
import { checkFold } from './fold-check.js';
import type { StageLogic, StageSession } from './stage-logic.js';

/** What was written in the session: the state of a stage that only remembers. */
const foldAtRest = (events: readonly ParleyEvent[]) =>
  events.flatMap((event) => (event.type === 'session.text' ? [event.text] : []));
const logic = { kinds: ['speech'], foldAtRest } as unknown as StageLogic;

function knowing(state: () => unknown): StageSession {
  return { onEvent: () => undefined, close: () => Promise.resolve(), stateAtRest: state };
}

async function sessionWith(...texts: string[]) {
  const bus = new FakeBus();
  const { sessionId, writer } = await (await startGateway(bus)).open();
  for (const text of texts) await writer.publish('session.text', { text });
  return { bus, sessionId, writer };
}

describe('checkFold', () => {
  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  async function check(bus: FakeBus, sessionId: string, session: StageSession, stage = logic) {
    const outcome = checkFold(bus, stage, sessionId, session);
    for (let n = 0; n < 5; n++) await jest.advanceTimersByTimeAsync(300);
    return outcome;
  }

  it('finds the live state the same as what the log folds to', async () => {
    const { bus, sessionId } = await sessionWith('one', 'two');
    await expect(check(bus, sessionId, knowing(() => ['one', 'two']))).resolves.toBe('same'); // prettier-ignore
  });

  it('finds a live state that the log does not fold to', async () => {
    const { bus, sessionId } = await sessionWith('one');
    await expect(check(bus, sessionId, knowing(() => ['two']))).resolves.toBe('diverged'); // prettier-ignore
  });

  it('waits for what was written and is not stored yet', async () => {
    const { bus, sessionId, writer } = await sessionWith('one');
    const outcome = check(bus, sessionId, knowing(() => ['one', 'two'])); // prettier-ignore
    await writer.publish('session.text', { text: 'two' });
    await expect(outcome).resolves.toBe('same');
  });

  it('says nothing of a session that goes on, or in which something is going on', async () => {
    const { bus, sessionId } = await sessionWith('one');
    let n = 0;
    await expect(check(bus, sessionId, knowing(() => [String(n++)]))).resolves.toBe('moved'); // prettier-ignore
    await expect(check(bus, sessionId, knowing(() => undefined))).resolves.toBe('moved'); // prettier-ignore
  });
});

describe('a host', () => {
  it('compares sessions drawn at random, and counts how that came out', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate', 'performance'] });
    const bus = new FakeBus();
    const gateway = await startGateway(bus);
    let known: unknown = [];
    const { host, counted } = await startReplica(bus, 'stt-1', {
      foldCheckMs: 1000,
      prepare: (recording) => {
        Object.assign(recording, { foldAtRest });
        const open = recording.open.bind(recording);
        recording.open = async (owned) => Object.assign(await open(owned), { stateAtRest: () => known });
      },
    });
    const { writer } = await gateway.open();
    const outcome = (name: string) => counted(`parley_stage_fold_checks_total{outcome="${name}"`);
    await jest.advanceTimersByTimeAsync(1100);
    expect(await outcome('same')).toBe(1);
    await writer.publish('session.text', { text: 'one' });
    await jest.advanceTimersByTimeAsync(2500);
    expect(await outcome('diverged')).toBeGreaterThan(0);
    known = ['one'];
    await host.drain();
    jest.useRealTimers();
  });
});
