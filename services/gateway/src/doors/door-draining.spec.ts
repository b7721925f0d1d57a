import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '@parley/testing';
import { DOORS, gateway, restart, startGateway, stopGateway } from '../../spec-support/gateway-and-callers.js';

beforeEach(startGateway);
afterEach(stopGateway);

describe.each(DOORS)('a session through %s', (_, open) => {
  it('asks callers who can resume to do so elsewhere when it drains, and ends no session of those who do not', async () => {
    await restart({ DRAIN_TIMEOUT_MS: '300' });
    const caller = await open({ resumable: '1' });
    const sessionId = await caller.sessionId();
    caller.sendText('last words');
    await eventually(() => gateway.bus.events(sessionId, 'session.text')[0], { what: 'session.text' });
    await gateway.core.drain();
    expect(await caller.event('session_moved')).toEqual({ type: 'session_moved', reason: 'gateway_draining' });
    await caller.closed();
    expect(gateway.bus.events(sessionId, 'session.closed')).toEqual([]);
  });

  it('tells callers to connect again when it drains, and takes no new ones', async () => {
    await restart({ DRAIN_TIMEOUT_MS: '300' });
    const caller = await open({});
    const sessionId = await caller.sessionId();
    const drained = gateway.core.drain();
    const late = await open({});
    await late.error('gateway_draining');
    expect(caller.events).toHaveLength(1);
    await drained;
    await caller.closed();
    expect(caller.events.slice(1).map(({ type }) => type)).toEqual(['error', 'session_ended']);
    expect(gateway.bus.events(sessionId, 'session.closed')[0]?.reason).toBe('gateway_stopped');
  });
});
