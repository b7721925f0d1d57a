import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '@parley/testing';
import { DOORS, FRAME, gateway, restart, startGateway, stopGateway } from '../../spec-support/gateway-and-callers.js';

beforeEach(startGateway);
afterEach(stopGateway);

describe.each(DOORS)('a session through %s', (_, open) => {
  it('waits for a caller whose connection is lost, and closes the session when the window is over', async () => {
    await restart({ SESSION_RESUME_WINDOW_MS: '300' });
    const caller = await open({});
    const sessionId = await caller.sessionId();
    caller.lose();
    await eventually(() => gateway.core.registry.suspended === 1, { what: 'suspended session' });
    expect(gateway.bus.events(sessionId, 'session.closed')).toEqual([]);
    const closed = await eventually(() => gateway.bus.events(sessionId, 'session.closed')[0], { what: 'closed' });
    expect(closed.reason).toBe('caller_lost');
    await eventually(() => gateway.core.registry.size === 0, { what: 'empty registry' });
    expect(await gateway.metric('parley_gateway_sessions_suspended_total')).toBe(1);
    expect(await gateway.metric('parley_gateway_sessions_expired_total')).toBe(1);
  });

  it('goes on with a caller who comes back by its token', async () => {
    const caller = await open({ mode: 'voice-to-voice', frameMs: '40' });
    const sessionId = await caller.sessionId();
    const resume = await caller.token();
    caller.sendAudio(FRAME);
    await eventually(() => gateway.bus.frames(sessionId, 'in').length === 1, { what: 'frame' });
    caller.lose();
    const again = await open({ resume, sent: '960', kept: '0', seen: '', received: '0.0.0' });
    expect(await again.resumed()).toMatchObject({ sessionId, receivedSamples: 320, frameMs: 40, resumeToken: resume });
    again.sendAudio(Buffer.alloc(1280, 2));
    const frames = () => gateway.bus.frames(sessionId, 'in').filter(({ fence }) => !fence);
    await eventually(() => frames().length === 2, { what: 'the frame sent again' });
    expect(frames().map(({ pts, epoch }) => [pts, epoch])).toEqual([
      [0, 1],
      [320, 2],
    ]);
    await eventually(() => gateway.core.registry.size === 1, { what: 'one session left' });
    expect(await gateway.metric('parley_gateway_sessions_resumed_total')).toBe(1);
    again.end();
    await again.closed();
    expect(gateway.bus.events(sessionId, 'session.closed').map(({ reason }) => reason)).toEqual(['caller_ended']);
  });

  it.each([
    ['a wrong secret', (token: string) => `${token}x`],
    ['a session that nobody knows', () => 'nobody.secret'],
    ['what is no token', () => 'nonsense'],
  ])('refuses %s, and leaves the session alone', async (_, tokenOf) => {
    const caller = await open({});
    const sessionId = await caller.sessionId();
    const stranger = await open({ resume: tokenOf(await caller.token()) });
    expect(await stranger.error('resume_refused')).toMatchObject({ retryable: false });
    expect(gateway.bus.events(sessionId, 'session.resumed')).toEqual([]);
    expect(caller.isClosed).toBe(false);
    expect(await gateway.metric('parley_gateway_resumes_refused_total')).toBe(1);
  });

  it('refuses the token of a session that is over', async () => {
    const caller = await open({});
    const resume = await caller.token();
    caller.end();
    await caller.closed();
    const late = await open({ resume });
    await late.error('resume_refused');
  });
});
