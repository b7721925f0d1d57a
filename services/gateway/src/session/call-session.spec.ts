import { describe, expect, it } from '@jest/globals';
import type { ClaimedStage } from '@parley/contracts';
import { HealthRegistry, createLogger, createMetrics } from '@parley/telemetry';
import { FakeBus } from '@parley/testing';
import { ManualClock } from '../../spec-support/manual-clock.js';
import { RecordingCaller } from '../../spec-support/recording-caller.js';
import { GatewayCore } from '../gateway-core.js';
import { loadGatewayConfig } from '../gateway.config.js';

const STAGES: ClaimedStage[] = ['stt', 'agent', 'tts'];
const FRAME = { codec: 'pcm_s16le', sampleRateHz: 16_000, lastOfSentence: false, lastOfReply: false } as const;

async function setUp(env: Record<string, string> = {}, request: object = {}) {
  const clock = new ManualClock();
  const bus = new FakeBus('gateway-1');
  const silence = new Map(
    STAGES.map((stage) => {
      const read = () => ({ stage, state: 'running' as const, sessions: 0, capacity: 10 });
      return [stage, bus.as(`${stage}-1`).announce(read)] as const;
    }),
  );
  const metrics = createMetrics('gateway', { processMetrics: false });
  const log = createLogger({ service: 'gateway', level: 'silent' });
  const config = loadGatewayConfig(env);
  const core = new GatewayCore({ config, bus, log, metrics, health: new HealthRegistry(), clock });
  const caller = new RecordingCaller();
  const session = await core.registry.open(caller, request);
  const { sessionId } = session;
  const owners = await Promise.all(
    STAGES.map(async (stage) => [stage, bus.writer({ stage, sessionId, epoch: await bus.acquire(stage, sessionId) })] as const), // prettier-ignore
  );
  const stages = Object.fromEntries(owners) as Record<ClaimedStage, ReturnType<FakeBus['writer']>>;
  const claim = async (stage: ClaimedStage, replica = `${stage}-1`) => {
    await stages[stage].publish('stage.claimed', { replica, deliveries: 1 });
    await bus.settled();
  };
  const speak = async (reply: number, samples: number) => {
    for (let pts = 0; pts < samples; pts += 320) {
      stages.tts.audio('out', { ...FRAME, reply, sentence: 0, pts, payload: Buffer.alloc(640), lastOfSentence: pts + 320 >= samples }); // prettier-ignore
    }
    await bus.settled();
  };
  const counted = async (line: string) => {
    const found = (await metrics.text()).split('\n').find((each) => each.startsWith(line));
    return found ? Number(found.split(' ').at(-1)) : 0;
  };
  return { clock, bus, core, caller, session, sessionId, stages, claim, speak, silence, counted };
}

const claimAll = async ({ claim }: Awaited<ReturnType<typeof setUp>>) => {
  for (const stage of STAGES) await claim(stage);
};

describe('CallSession', () => {
  it('reports a stage that has not taken the session in time, once, and that it has', async () => {
    const { clock, caller, claim } = await setUp();
    await claim('stt');
    await claim('agent');
    clock.advance(1400);
    expect(caller.heard).toEqual(['session_started']);
    clock.advance(3000);
    expect(caller.heard).toEqual(['session_started', 'stage_unavailable tts']);
    await claim('tts');
    expect(caller.events.at(-1)).toEqual({ type: 'stage_restored', stage: 'tts' });
    clock.advance(5000);
    expect(caller.heard).toHaveLength(3);
  });

  it('reports a stage at once that loses its last replica, and its return to life', async () => {
    const all = await setUp();
    const { clock, bus, caller, silence } = all;
    await claimAll(all);
    clock.advance(2000);
    silence.get('agent')?.();
    expect(caller.heard).toEqual(['session_started', 'stage_unavailable agent']);
    bus.as('agent-1').announce(() => ({ stage: 'agent', state: 'running', sessions: 1, capacity: 10 }));
    clock.advance(200);
    expect(caller.heard.at(-1)).toBe('stage_restored');
  });

  it('does not call a stage back because another replica lives that has not taken the session', async () => {
    const all = await setUp();
    const { clock, bus, caller, silence, claim } = all;
    await claimAll(all);
    clock.advance(2000);
    silence.get('agent')?.();
    bus.as('agent-2').announce(() => ({ stage: 'agent', state: 'running', sessions: 0, capacity: 10 }));
    clock.advance(1000);
    expect(caller.heard).toEqual(['session_started', 'stage_unavailable agent']);
    await claim('agent', 'agent-2');
    expect(caller.heard.at(-1)).toBe('stage_restored');
  });

  it('reports a session that a stage gave back and nobody took', async () => {
    const all = await setUp();
    const { clock, bus, caller, stages } = all;
    await claimAll(all);
    clock.advance(10_000);
    await stages.stt.publish('stage.released', { replica: 'stt-1', reason: 'draining' });
    await bus.settled();
    clock.advance(1400);
    expect(caller.heard).toEqual(['session_started']);
    clock.advance(400);
    expect(caller.heard.at(-1)).toBe('stage_unavailable stt');
  });

  it('asks nothing of stages that the mode does not need', async () => {
    const { clock, bus, caller, claim, sessionId } = await setUp({}, { mode: 'text-to-text' });
    await claim('agent');
    clock.advance(5000);
    expect(caller.heard).toEqual(['session_started']);
    expect(STAGES.filter((stage) => bus.offered(stage).includes(sessionId))).toEqual(['agent']);
  });

  it('plays nothing when the mode has no voice out', async () => {
    const { caller, speak, core } = await setUp({}, { mode: 'voice-to-text' });
    await speak(1, 3200);
    expect(caller.audio).toEqual([]);
    expect(core.parts.playoutClock.size).toBe(0);
  });

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

  it('sends no voice to a caller who owes reading, counts it, and goes on when the caller has read', async () => {
    const all = await setUp();
    const { clock, caller, speak, counted } = all;
    await claimAll(all);
    caller.bufferedBytes = 300_000;
    await speak(1, 32_000);
    expect(caller.audio).toEqual([]);
    expect(await counted('parley_gateway_voice_dropped_seconds_total{reason="client_too_slow"')).toBeCloseTo(0.4);
    clock.advance(9000);
    caller.bufferedBytes = 0;
    clock.advance(9000);
    expect(caller.closedFor).toBeUndefined();
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

  it('interrupts the voice, flushes the caller and tells the bus what was heard', async () => {
    const all = await setUp();
    const { clock, bus, caller, stages, speak, sessionId } = all;
    await claimAll(all);
    await stages.agent.publish('reply.started', { reply: 1, turn: 1, userText: '', answers: [] });
    await speak(1, 32_000);
    clock.advance(600);
    await stages.agent.publish('reply.interrupted', { reply: 1, cause: 'speech', sentences: 1 });
    await bus.settled();
    const sent = caller.audio.length;
    clock.advance(1000);
    expect(caller.audio).toHaveLength(sent);
    expect(caller.heard.slice(2)).toEqual(['playout_started', 'audio_flush', 'playout_ended', 'agent_end']);
    expect(bus.events(sessionId).filter(({ type }) => type.startsWith('playout'))).toMatchObject([
      { type: 'playout.started', reply: 1, turn: 1 },
      { type: 'playout.progress', reply: 1, sentence: 0, playedMs: 500 },
      { type: 'playout.ended', reply: 1, outcome: 'interrupted', sentence: 0, playedMs: 600, sentenceMs: 2000 },
    ]);
  });

  it('says what was heard and then that the session is closed when the caller leaves in a reply', async () => {
    const all = await setUp();
    const { clock, bus, speak, session, sessionId } = all;
    await claimAll(all);
    await speak(1, 32_000);
    clock.advance(300);
    await session.end('caller_left');
    const said = bus.events(sessionId).filter(({ stage }) => stage === 'gateway');
    expect(said.slice(-2)).toMatchObject([
      { type: 'playout.ended', outcome: 'interrupted', playedMs: 300 },
      { type: 'session.closed', reason: 'caller_left' },
    ]);
    expect(said.map(({ epoch }) => epoch)).toEqual(said.map(() => 1));
  });

  it('gives up a reply whose voice never comes, with an error', async () => {
    const all = await setUp();
    const { clock, bus, caller, stages } = all;
    await claimAll(all);
    await stages.agent.publish('reply.started', { reply: 1, turn: 1, userText: '', answers: [] });
    await stages.agent.publish('reply.ended', { reply: 1, turn: 1, outcome: 'completed', sentences: 1, text: 'Hi.', durationMs: 1 }); // prettier-ignore
    await bus.settled();
    clock.advance(10_100);
    expect(caller.heard.slice(-2)).toEqual(['playout_ended', 'engine_failed tts']);
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
    expect(session.audio(Buffer.alloc(640))).toBeUndefined();
    expect(bus.frames(sessionId, 'in').map(({ pts }) => pts)).toEqual([640]);
  });

  it('ends once, however often it is told to', async () => {
    const { bus, session, sessionId, caller } = await setUp();
    await Promise.all([session.end('caller_ended'), session.end('caller_left'), session.end('gateway_stopped')]);
    expect(bus.events(sessionId, 'session.closed')).toHaveLength(1);
    expect(caller.heard).toEqual(['session_started', 'session_ended']);
  });

  it('says goodbye to the caller although the broker does not answer', async () => {
    const { bus, clock, session, caller } = await setUp();
    bus.connected = false;
    const ended = session.end('caller_ended');
    await bus.settled();
    clock.advance(1000);
    await ended;
    expect(caller.closedFor).toBe('caller_ended');
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
