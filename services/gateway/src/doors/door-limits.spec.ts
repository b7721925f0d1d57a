import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '@parley/testing';
import { DOORS, FRAME, gateway, restart, startGateway, stopGateway } from '../../spec-support/gateway-and-callers.js';

beforeEach(startGateway);
afterEach(stopGateway);

describe.each(DOORS)('a session through %s', (_, open) => {
  it.each([
    ['audio_odd_length', Buffer.alloc(641)],
    ['frame_too_large', Buffer.alloc(65_538)],
  ])('answers %s, drops the frame and goes on, while others are not touched', async (code, pcm) => {
    const [caller, other] = [await open({}), await open({})];
    const [sessionId, otherId] = [await caller.sessionId(), await other.sessionId()];
    caller.sendAudio(pcm);
    expect(await caller.error(code)).toMatchObject({ type: 'error', retryable: false });
    caller.sendAudio(FRAME);
    other.sendAudio(FRAME);
    const heard = (id: string) => gateway.bus.frames(id, 'in').length === 1;
    await eventually(() => heard(sessionId) && heard(otherId), { what: 'one frame of each' });
    expect(other.errors()).toEqual([]);
    expect(await gateway.metric(`parley_gateway_caller_frames_dropped_total{reason="${code}"`)).toBe(1);
  });

  it('answers audio_too_fast once a second and drops what is over the allowance', async () => {
    const caller = await open({});
    const sessionId = await caller.sessionId();
    for (let i = 0; i < 8; i++) caller.sendAudio(Buffer.alloc(32_000));
    caller.sendText('done');
    await eventually(() => gateway.bus.events(sessionId, 'session.text')[0], { what: 'the text behind the audio' });
    await caller.error('audio_too_fast');
    expect(caller.errors()).toEqual(['audio_too_fast']);
    expect(gateway.bus.frames(sessionId, 'in').length).toBeLessThan(8);
  });

  it('answers audio_not_expected when the mode takes text', async () => {
    const caller = await open({ mode: 'text-to-text' });
    const sessionId = await caller.sessionId();
    caller.sendAudio(FRAME);
    await caller.error('audio_not_expected');
    expect(gateway.bus.offered('stt')).not.toContain(sessionId);
    expect(gateway.bus.offered('tts')).not.toContain(sessionId);
  });

  it('closes an idle session with an error', async () => {
    await restart({ SESSION_IDLE_TIMEOUT_MS: '1000' });
    const caller = await open({});
    const sessionId = await caller.sessionId();
    await caller.error('session_idle');
    await caller.closed();
    expect(gateway.bus.events(sessionId, 'session.closed')[0]?.reason).toBe('session_idle');
  });

  it('refuses what is over its capacity', async () => {
    await restart({ GATEWAY_MAX_SESSIONS: '1' });
    const first = await open({});
    await first.sessionId();
    const second = await open({});
    expect(await second.error('capacity_exceeded')).toMatchObject({ retryable: true });
    expect(first.isClosed).toBe(false);
    expect(await gateway.metric('parley_gateway_sessions_refused_total')).toBe(1);
  });

  it('refuses a request that cannot be used', async () => {
    const caller = await open({ mode: 'telepathy' });
    expect((await caller.error('invalid_message')).message).toContain('mode');
  });

  it('refuses a session when the broker is away, and is not ready', async () => {
    gateway.bus.connected = false;
    const caller = await open({});
    await caller.error('bus_unavailable');
    const ready = await fetch(`http://127.0.0.1:${gateway.port}/ready`);
    expect(ready.status).toBe(503);
    expect(await ready.text()).toContain('unavailable');
    gateway.bus.connected = true;
    expect(gateway.core.registry.size).toBe(0);
  });

  it('cuts off a caller who never reads, and others are not touched', async () => {
    await restart({ CALLER_MAX_OWED_BYTES: '16384', CALLER_SLOW_TIMEOUT_MS: '300' });
    const [deaf, other] = [await open({}), await open({})];
    const [deafId, otherId] = [await deaf.sessionId(), await other.sessionId()];
    deaf.stopReading();
    const agent = await gateway.writer('agent', deafId);
    const chunk = 'a'.repeat(60_000);
    const closed = eventually(
      () => {
        agent.text(1, chunk);
        return gateway.bus.events(deafId, 'session.closed')[0];
      },
      { what: 'closed session', deadlineMs: 8000 },
    );
    expect((await closed).reason).toBe('client_too_slow');
    expect(await gateway.metric('parley_gateway_caller_errors_total{code="client_too_slow"')).toBe(1);
    other.sendText('me too');
    await eventually(() => gateway.bus.events(otherId, 'session.text')[0], { what: 'text of the other' });
    await eventually(() => gateway.core.registry.size === 1, { what: 'one session left' });
  });
});
