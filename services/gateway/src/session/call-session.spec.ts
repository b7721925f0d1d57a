import { describe, expect, it } from '@jest/globals';
import { HealthRegistry, createLogger, createMetrics } from '@parley/telemetry';
import { FakeBus } from '@parley/testing';
import { ManualClock } from '../../spec-support/manual-clock.js';
import { RecordingCaller } from '../../spec-support/recording-caller.js';
import { claimAll, setUpSession as setUp } from '../../spec-support/session-setup.js';
import { GatewayCore } from '../gateway-core.js';
import { loadGatewayConfig } from '../gateway.config.js';

describe('CallSession', () => {
  it('stays open while somebody speaks, writes or replies, and is closed when nobody does', async () => {
    const all = await setUp({ SESSION_IDLE_TIMEOUT_MS: '60000' });
    const { clock, bus, caller, session, stages, sessionId } = all;
    await claimAll(all);
    clock.advance(50_000);
    await stages.stt.publish('speech.started', { utterance: 1, pts: 0 });
    await bus.settled();
    clock.advance(50_000);
    await session.message({ type: 'text', text: 'hi' });
    clock.advance(50_000);
    await stages.agent.publish('reply.started', { reply: 1, turn: 1, userText: 'hi', answers: [] });
    await bus.settled();
    session.audio(Buffer.alloc(640));
    clock.advance(59_000);
    expect(caller.closedFor).toBeUndefined();
    clock.advance(60_000);
    await bus.settled();
    expect(caller.closedFor).toBe('session_idle');
    expect(caller.heard.slice(-2)).toEqual(['session_idle', 'session_ended']);
    expect(bus.events(sessionId, 'session.closed')[0]?.reason).toBe('session_idle');
  });

  it('says with a commit and a change of the mode where the voice stood', async () => {
    const { bus, session, sessionId } = await setUp();
    await session.message({ type: 'commit' });
    session.audio(Buffer.alloc(640));
    session.audio(Buffer.alloc(640));
    await session.message({ type: 'commit' });
    session.audio(Buffer.alloc(640));
    await session.message({ type: 'mode', mode: 'text-to-voice' });
    expect(bus.events(sessionId, 'session.commit').map(({ pts }) => pts)).toEqual([0, 640]);
    expect(bus.events(sessionId, 'session.mode')).toMatchObject([{ mode: 'text-to-voice', pts: 960 }]);
  });

  it('ends at its longest duration when one is set', async () => {
    const all = await setUp({ SESSION_MAX_DURATION_MS: '3000' });
    await claimAll(all);
    all.clock.advance(3200);
    await all.bus.settled();
    expect(all.caller.heard.slice(1)).toEqual(['session_too_long', 'session_ended']);
  });

  it('closes a caller who owes reading for too long', async () => {
    const all = await setUp();
    await claimAll(all);
    all.caller.bufferedBytes = 300_000;
    all.clock.advance(10_000);
    expect(all.session.active).toBe(true);
    all.clock.advance(400);
    await all.bus.settled();
    expect(all.caller.closedFor).toBe('client_too_slow');
  });

  it('answers bus_unavailable while the broker stores nothing, and keeps the time', async () => {
    const { bus, session, sessionId, caller } = await setUp();
    let unackedFrames = 250;
    const { writer } = session as unknown as { writer: object };
    Object.defineProperty(writer, 'unackedFrames', { get: () => unackedFrames });
    expect(session.audio(Buffer.alloc(640))).toBe('bus_unavailable');
    expect(session.audio(Buffer.alloc(640))).toBe('bus_unavailable');
    expect(caller.heard.slice(1)).toEqual(['bus_unavailable']);
    unackedFrames = 0;
    expect(session.audio(Buffer.alloc(1280))).toBeUndefined();
    expect(bus.frames(sessionId, 'in').map(({ pts }) => pts)).toEqual([640]);
  });

  it('holds what stages say until the caller knows of the session', async () => {
    const bus = new FakeBus('gateway-1');
    const offer = bus.offer.bind(bus);
    bus.offer = async (stage, sessionId) => {
      await offer(stage, sessionId);
      if (stage !== 'agent') return;
      const writer = bus.as('agent-1').writer({ stage, sessionId, epoch: 1 });
      await writer.publish('reply.started', { reply: 1, turn: 0, userText: '', answers: [] });
      await bus.settled();
    };
    const core = new GatewayCore({
      config: loadGatewayConfig({}),
      bus,
      log: createLogger({ service: 'gateway', level: 'silent' }),
      metrics: createMetrics('gateway', { processMetrics: false }),
      health: new HealthRegistry(),
      clock: new ManualClock(),
    });
    const caller = new RecordingCaller();
    await core.registry.open(caller, {});
    expect(caller.heard).toEqual(['session_started', 'reply_started']);
  });
});
