import { describe, expect, it } from '@jest/globals';
import type { ClaimedStage, ResumeRequest } from '@parley/contracts';
import { HealthRegistry, createLogger, createMetrics } from '@parley/telemetry';
import { FakeBus } from '@parley/testing';
import { ManualClock } from '../../spec-support/manual-clock.js';
import { RecordingCaller } from '../../spec-support/recording-caller.js';
import { GatewayCore } from '../gateway-core.js';
import { loadGatewayConfig } from '../gateway.config.js';

const STAGES: ClaimedStage[] = ['stt', 'agent', 'tts'];
const FRAME = { codec: 'pcm_s16le', sampleRateHz: 16_000, lastOfReply: false } as const;

/** Two gateways on one bus and one clock, and a session at the first. */
async function setUp(env: Record<string, string> = {}, request: object = {}) {
  const clock = new ManualClock();
  const bus = new FakeBus('gateway-1');
  for (const stage of STAGES) {
    bus.as(`${stage}-1`).announce(() => ({ stage, state: 'running', sessions: 0, capacity: 10 }));
  }
  const gateway = (replica: string) =>
    new GatewayCore({
      config: loadGatewayConfig(env),
      bus: bus.as(replica),
      log: createLogger({ service: 'gateway', level: 'silent' }),
      metrics: createMetrics('gateway', { processMetrics: false }),
      health: new HealthRegistry(),
      clock,
    });
  const [one, two] = [gateway('gateway-1'), gateway('gateway-2')];
  const caller = new RecordingCaller();
  const session = await one.registry.open(caller, request);
  const { sessionId } = session;
  const writers = STAGES.map(async (stage) => {
    const writer = bus.writer({ stage, sessionId, epoch: await bus.acquire(stage, sessionId) });
    await writer.publish('stage.claimed', { replica: `${stage}-1`, deliveries: 1 });
    return [stage, writer] as const;
  });
  const stages = Object.fromEntries(await Promise.all(writers)) as Record<ClaimedStage, ReturnType<FakeBus['writer']>>;
  await bus.settled();
  /** One sentence of a reply, each sample another. */
  const speak = async (reply: number, samples: number, sentence = 0) => {
    for (let pts = 0; pts < samples; pts += 320) {
      const payload = Buffer.alloc(640);
      for (let i = 0; i < 320; i++) payload.writeUInt16LE((sentence * 1000 + pts + i) & 0xffff, i * 2);
      stages.tts.audio('out', { ...FRAME, reply, sentence, pts, payload, lastOfSentence: pts + 320 >= samples });
    }
    await bus.settled();
  };
  const reply = async (ordinal: number) => {
    await stages.agent.publish('reply.started', { reply: ordinal, turn: ordinal, userText: '', answers: [] });
    await bus.settled();
  };
  const replyEnded = (ordinal: number) =>
    stages.agent.publish('reply.ended', { reply: ordinal, turn: ordinal, outcome: 'completed', sentences: 1, text: 'Hi.', durationMs: 1 }); // prettier-ignore
  const resume = async (core: GatewayCore, more: Partial<ResumeRequest> = {}) => {
    const again = new RecordingCaller();
    const request = { resume: session.settings.resumeToken, ...more };
    const resumed = await core.registry.resume(again, request, () => false);
    await bus.settled();
    return { caller: again, session: resumed };
  };
  return { clock, bus, one, two, caller, session, sessionId, stages, speak, reply, replyEnded, resume };
}

const samplesOf = ({ audio }: RecordingCaller) =>
  audio.flatMap(({ pcm }) => [...new Uint16Array(new Uint8Array(pcm).buffer)]);

describe('a resumed session', () => {
  it('goes on with a reply at another gateway, where the caller says it is', async () => {
    const { clock, bus, two, caller, session, sessionId, stages, speak, reply, replyEnded, resume } = await setUp();
    // What the reply answers was said before it, and not over it.
    await stages.stt.publish('speech.started', { utterance: 1, pts: 0 });
    await stages.stt.publish('speech.stopped', { utterance: 1, pts: 8000, durationMs: 500 });
    await reply(1);
    await speak(1, 16_000);
    clock.advance(300);
    session.suspend();
    clock.advance(2000);
    const had = samplesOf(caller).length;
    expect(had).toBeLessThan(16_000);
    await replyEnded(1);
    const { caller: again } = await resume(two, {
      received: `1.0.${had}`,
      seen: 'speech.stt:1.2,reply.agent:1.1,playout.gateway:1.1',
    });
    clock.advance(2000);
    await bus.settled();
    expect([...samplesOf(caller), ...samplesOf(again)]).toEqual(Array.from({ length: 16_000 }, (_, i) => i));
    expect(again.heard).toEqual(['session_resumed', 'agent_end', 'playout_ended']);
    const playouts = bus.events(sessionId).filter(({ type }) => /^playout.(started|ended)/.test(type));
    expect(playouts).toMatchObject([
      { type: 'playout.started', epoch: 1 },
      { type: 'playout.ended', epoch: 2, outcome: 'completed', playedMs: 1000, totalMs: 1000 },
    ]);
  });

  it('stays where it is when the caller has left before it was taken', async () => {
    const { bus, two, session, sessionId } = await setUp();
    session.suspend();
    const request = { resume: session.settings.resumeToken };
    const resuming = two.registry.resume(new RecordingCaller(), request, () => true);
    await expect(resuming).rejects.toMatchObject({ code: 'resume_refused' });
    await bus.settled();
    expect(bus.events(sessionId, 'session.resumed')).toEqual([]);
    expect(session.isSuspended).toBe(true);
  });

  it('waits for a caller who has come back to where it was and has to wait for its turn', async () => {
    const { clock, one, session } = await setUp();
    session.suspend();
    clock.advance(14_000);
    const request = { resume: session.settings.resumeToken };
    await one.registry.resume(new RecordingCaller(), request, () => true).catch(() => undefined);
    clock.advance(14_000);
    expect(session.isSuspended).toBe(true);
    const wrong = { resume: session.settings.resumeToken.replace(/.$/, (last) => (last === 'x' ? 'y' : 'x')) };
    await one.registry.resume(new RecordingCaller(), wrong, () => true).catch(() => undefined);
    clock.advance(2000);
    expect(session.active).toBe(false);
  });

  it('goes by the last report when the caller does not say where it is', async () => {
    const { clock, two, session, speak, reply, resume } = await setUp();
    await reply(1);
    await speak(1, 32_000);
    clock.advance(600);
    session.suspend();
    const { caller: again } = await resume(two);
    expect(again.audio[0]?.info).toEqual({ reply: 1, sentence: 0, pts: 8480 });
  });

  it('tells what the caller has not seen, and nothing else', async () => {
    const { bus, two, session, stages, resume } = await setUp();
    const final = { audioMs: 1, engine: 'x', transcriptionMs: 1 };
    await stages.stt.publish('transcript.interim', { utterance: 1, text: 'o', stableChars: 0 });
    await stages.stt.publish('transcript.final', { utterance: 1, text: 'one', endPts: 320, ...final });
    await bus.settled();
    session.suspend();
    await stages.stt.publish('transcript.interim', { utterance: 2, text: 't', stableChars: 0 });
    await stages.stt.publish('transcript.final', { utterance: 2, text: 'two', endPts: 640, ...final });
    const { caller: again } = await resume(two, { seen: 'transcript.stt:1.2' });
    expect(again.events.slice(1)).toMatchObject([{ type: 'stt_output', transcript: 'two', id: 'transcript.stt.1.4' }]);
    expect(again.events[0]).toMatchObject({ receivedSamples: 640 });
  });

  it('takes from the stream how much of the caller’s voice there is, unless less is kept of it', async () => {
    const { one, two, session, resume } = await setUp();
    for (let i = 0; i < 3; i++) session.audio(Buffer.alloc(640));
    session.suspend();
    const { caller: second } = await resume(two, { sent: 2000, kept: 320 });
    expect(second.events[0]).toMatchObject({ type: 'session_resumed', receivedSamples: 960 });
    const { caller: third } = await resume(one, { sent: 2000, kept: 1280 });
    expect(third.events[0]).toMatchObject({ receivedSamples: 1280 });
  });

  it('takes what the caller sends again at once', async () => {
    const { two, session, resume } = await setUp({ CALLER_AHEAD_MS: '500' });
    session.suspend();
    const { caller: again, session: resumed } = await resume(two, { sent: 16_000 * 10, kept: 0 });
    const verdicts = Array.from({ length: 11 }, () => resumed.audio(Buffer.alloc(32_000)));
    expect(verdicts).toEqual([...Array<undefined>(10).fill(undefined), 'audio_too_fast']);
    expect(again.heard).toEqual(['session_resumed', 'audio_too_fast']);
  });

  it('stores a text once that the gateway before has stored', async () => {
    const { bus, two, session, sessionId, resume } = await setUp();
    await session.message({ type: 'text', text: 'hello', id: 'm1' });
    session.suspend();
    const { session: resumed } = await resume(two);
    await resumed.message({ type: 'text', text: 'hello', id: 'm1' });
    await resumed.message({ type: 'text', text: 'bye', id: 'm2' });
    expect(bus.events(sessionId, 'session.text').map(({ text }) => text)).toEqual(['hello', 'bye']);
  });

  it('is dropped by the gateway before without a word, which closes a caller it still has', async () => {
    const { clock, bus, one, two, caller, session, sessionId, reply, speak, resume } = await setUp();
    await reply(1);
    await speak(1, 16_000);
    await resume(two);
    expect(session.active).toBe(false);
    expect(one.registry.size).toBe(0);
    expect(caller.events.at(-1)).toEqual({ type: 'session_ended', reason: 'resumed_elsewhere' });
    expect(caller.closedFor).toBe('resumed_elsewhere');
    clock.advance(5000);
    const said = bus.events(sessionId).filter(({ stage, epoch }) => stage === 'gateway' && epoch === 1);
    expect(said.map(({ type }) => type)).toEqual(['session.opened', 'playout.started']);
    expect(bus.events(sessionId, 'session.closed')).toEqual([]);
  });

  it('is replaced at the gateway that has it already', async () => {
    const { one, session, resume } = await setUp({ GATEWAY_MAX_SESSIONS: '1' });
    session.suspend();
    const { session: resumed } = await resume(one);
    expect(one.registry.size).toBe(1);
    expect([session.active, resumed.active]).toEqual([false, true]);
  });

  it('is refused when it was closed, and when the gateway is full or draining', async () => {
    const { one, two, session, resume } = await setUp({ GATEWAY_MAX_SESSIONS: '1' });
    const other = await two.registry.open(new RecordingCaller(), {});
    await expect(resume(two)).rejects.toMatchObject({ code: 'capacity_exceeded' });
    await other.end('caller_ended');
    await session.end('caller_ended');
    await expect(resume(two)).rejects.toMatchObject({ code: 'resume_refused' });
    await one.drain();
    await expect(resume(one)).rejects.toMatchObject({ code: 'gateway_draining' });
  });

  it.each([{ seen: 'nonsense' }, { received: '1.2' }, { sent: -1 }])('is refused for %j', async (request) => {
    const { two, resume } = await setUp();
    await expect(resume(two, request)).rejects.toMatchObject({ code: 'invalid_message' });
  });

  it('is closed after the window when the broker failed in the middle of taking it over', async () => {
    const { clock, bus, two, sessionId, session, resume } = await setUp();
    session.suspend();
    two.parts.bus.lastFrame = () => Promise.reject(new Error('away'));
    await expect(resume(two)).rejects.toMatchObject({ code: 'bus_unavailable' });
    expect(bus.events(sessionId, 'session.closed')).toEqual([]);
    clock.advance(15_000);
    await bus.settled();
    expect(bus.events(sessionId, 'session.closed')).toMatchObject([{ epoch: 2, reason: 'caller_lost' }]);
  });
});

describe('a suspended session', () => {
  it('stands still: nothing is played or published', async () => {
    const { clock, bus, caller, session, sessionId, speak, reply } = await setUp();
    await reply(1);
    await speak(1, 16_000);
    clock.advance(100);
    session.suspend();
    const [sent, said] = [caller.audio.length, bus.events(sessionId).length];
    clock.advance(10_000);
    await bus.settled();
    expect(caller.audio).toHaveLength(sent);
    expect(bus.events(sessionId)).toHaveLength(said);
    expect(session.isSuspended).toBe(true);
  });

  it('ends when nobody comes back in time, with what was heard until the caller was lost', async () => {
    const { clock, bus, session, sessionId, speak, reply } = await setUp({ SESSION_RESUME_WINDOW_MS: '3000' });
    await reply(1);
    await speak(1, 16_000);
    clock.advance(100);
    session.suspend();
    clock.advance(3200);
    await bus.settled();
    expect(bus.events(sessionId).slice(-2)).toMatchObject([
      { type: 'playout.ended', outcome: 'interrupted', playedMs: 100 },
      { type: 'session.closed', reason: 'caller_lost' },
    ]);
  });

  it('is left to whoever resumes it when its gateway drains', async () => {
    const { bus, one, two, session, sessionId, resume } = await setUp();
    session.suspend();
    await one.drain();
    expect(bus.events(sessionId, 'session.closed')).toEqual([]);
    const { session: resumed } = await resume(two);
    expect(resumed.active).toBe(true);
  });
});

describe('a session that is moved', () => {
  it('goes on until another gateway has it', async () => {
    const { bus, one, two, caller, session, sessionId, resume } = await setUp({}, { resumable: true });
    const drained = one.drain();
    expect(caller.events.at(-1)).toEqual({ type: 'session_moved', reason: 'gateway_draining' });
    await session.message({ type: 'text', text: 'hi', id: 'm' });
    expect(bus.events(sessionId, 'session.text')).toHaveLength(1);
    expect(caller.closedFor).toBeUndefined();
    await resume(two);
    await drained;
    expect(caller.closedFor).toBe('resumed_elsewhere');
    expect(bus.events(sessionId, 'session.closed')).toEqual([]);
  });

  it('is let go when its caller has not moved in time, and takes no text any more', async () => {
    const { bus, clock, one, caller, session, sessionId } = await setUp({}, { resumable: true });
    const drained = one.drain();
    clock.advance(5000);
    await drained;
    await expect(session.message({ type: 'text', text: 'hi', id: 'm' })).rejects.toMatchObject({ code: 'gateway_draining' }); // prettier-ignore
    expect(caller.closedFor).toBe('session_moved');
    expect(bus.events(sessionId, 'session.closed')).toEqual([]);
  });
});

describe('a session that a stage has closed', () => {
  it('ends for the caller by that reason, and is not closed again', async () => {
    const { bus, caller, stages, sessionId } = await setUp();
    await stages.agent.publish('session.closed', { reason: 'session_poisoned' });
    await bus.settled();
    expect(caller.events.at(-1)).toEqual({ type: 'session_ended', reason: 'session_poisoned' });
    expect(bus.events(sessionId, 'session.closed')).toHaveLength(1);
  });
});
