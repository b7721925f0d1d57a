import { describe, expect, it } from '@jest/globals';
import { RecordingCaller } from '../../spec-support/recording-caller.js';
import { setUpSession as setUp } from '../../spec-support/session-setup.js';

describe('SessionRegistry', () => {
  it('refuses a session that the broker does not take in time, and closes what had begun', async () => {
    const { bus, core, clock } = await setUp();
    const acquire = bus.acquire.bind(bus);
    let letGo = () => {};
    const gate = new Promise<void>((resolve) => (letGo = resolve));
    let lateId = '';
    bus.acquire = async (stage, sessionId) => {
      lateId = sessionId;
      await gate;
      return acquire(stage, sessionId);
    };
    const caller = new RecordingCaller();
    const opening = core.registry.open(caller, {}).catch((error: unknown) => error);
    await bus.settled();
    clock.advance(3000);
    expect(await opening).toMatchObject({ code: 'bus_unavailable', retryable: true });
    letGo();
    await bus.settled();
    expect(bus.events(lateId).map(({ type }) => type)).toEqual(['session.opened', 'session.closed']);
    expect(caller.events).toEqual([]);
    expect(core.registry.size).toBe(1);
  });

  it('counts a session that is being opened when it decides whether there is room', async () => {
    const { core } = await setUp({ GATEWAY_MAX_SESSIONS: '2' });
    const results = await Promise.allSettled([1, 2].map(() => core.registry.open(new RecordingCaller(), {})));
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  });

  it('drains as soon as the last session has ended by itself', async () => {
    const { core, session, clock } = await setUp();
    const drained = core.drain();
    await session.end('caller_ended');
    await drained;
    expect(clock.nowMs()).toBe(0);
    await expect(core.registry.open(new RecordingCaller(), {})).rejects.toMatchObject({ code: 'gateway_draining' });
  });
});
