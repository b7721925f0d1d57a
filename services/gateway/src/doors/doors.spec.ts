import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '@parley/testing';
import { WebSocket } from 'ws';
import { RunningGateway } from '../../spec-support/running-gateway.js';
import { IoTestCaller, WsTestCaller, type TestCaller } from '../../spec-support/test-callers.js';

const FRAME = Buffer.alloc(640, 1);
let gateway: RunningGateway;
const callers: TestCaller[] = [];

async function restart(env: Record<string, string>, stages?: Parameters<typeof RunningGateway.start>[1]) {
  await gateway.stop();
  gateway = await RunningGateway.start(env, stages);
}

function kept<T extends TestCaller>(caller: T): T {
  callers.push(caller);
  return caller;
}
const ws = async (query = '') => kept(await WsTestCaller.connect(gateway.port, query));
const socketIo = async (request: object = {}) => kept(await IoTestCaller.start(gateway.port, request));

beforeEach(async () => {
  gateway = await RunningGateway.start();
});

afterEach(async () => {
  for (const caller of callers.splice(0)) caller.leave();
  await gateway.stop();
});

describe.each([
  ['/ws', (query: Record<string, string>) => ws(`?${new URLSearchParams(query)}`)],
  ['socket.io', (query: Record<string, string>) => socketIo(query)],
] as [string, (query: Record<string, string>) => Promise<TestCaller>][])('a session through %s', (door, open) => {
  it('opens with what the caller asked for', async () => {
    const caller = await open({ agent: 'barista', mode: 'voice-to-voice', language: 'en', frameMs: '40' });
    const sessionId = await caller.sessionId();
    expect(caller.events[0]).toEqual({
      type: 'session_started',
      sessionId,
      agent: 'barista',
      mode: 'voice-to-voice',
      sampleRateHz: 16_000,
      frameMs: 40,
      resumeToken: expect.stringMatching(`^${sessionId}\\.[A-Za-z0-9_-]{32}$`),
      resumeWindowMs: 15_000,
    });
    expect(gateway.bus.events(sessionId, 'session.opened')[0]).toMatchObject({
      agent: 'barista',
      mode: 'voice-to-voice',
      language: 'en',
      inputSampleRateHz: 16_000,
      outputSampleRateHz: 16_000,
      outputFrameMs: 40,
      door: door === '/ws' ? 'ws' : 'socket.io',
      resumeKeyHash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(JSON.stringify(gateway.bus.events(sessionId))).not.toContain((await caller.token()).split('.')[1]);
  });

  it('carries the caller’s voice and text to the bus, in order and numbered by samples', async () => {
    const caller = await open({});
    const sessionId = await caller.sessionId();
    caller.sendAudio(FRAME);
    caller.sendAudio(Buffer.alloc(3200, 2));
    caller.sendAudio(FRAME);
    caller.sendText('two lattes');
    const text = await eventually(() => gateway.bus.events(sessionId, 'session.text')[0], { what: 'session.text' });
    expect(text.text).toBe('two lattes');
    const frames = gateway.bus.frames(sessionId, 'in');
    expect(frames.map(({ pts, payload, reply }) => [pts, payload.byteLength, reply])).toEqual([
      [0, 640, 0],
      [320, 3200, 0],
      [1920, 640, 0],
    ]);
  });

  it('carries what the stages say and the agent’s voice to the caller', async () => {
    const caller = await open({});
    const sessionId = await caller.sessionId();
    const stt = await gateway.writer('stt', sessionId);
    const agent = await gateway.writer('agent', sessionId);
    const tts = await gateway.writer('tts', sessionId);
    await stt.publish('transcript.final', { utterance: 1, text: 'hello', endPts: 1, audioMs: 1, engine: 'x', transcriptionMs: 1 }); // prettier-ignore
    await agent.publish('reply.started', { reply: 1, turn: 1, userText: 'hello', answers: [] });
    agent.text(1, 'Good ');
    await caller.event('agent_chunk');
    tts.audio('out', {
      codec: 'pcm_s16le',
      sampleRateHz: 16_000,
      reply: 1,
      sentence: 0,
      pts: 0,
      lastOfSentence: true,
      lastOfReply: true,
      payload: Buffer.alloc(1280, 7),
    });
    await agent.publish('reply.ended', { reply: 1, turn: 1, outcome: 'completed', sentences: 1, text: 'Good day.', durationMs: 1 }); // prettier-ignore
    expect(await caller.event('playout_ended')).toMatchObject({ reply: 1, outcome: 'completed' });
    expect(Buffer.concat(caller.audio).equals(Buffer.alloc(1280, 7))).toBe(true);
    expect(caller.audio.map(({ byteLength }) => byteLength)).toEqual([640, 640]);
    const said = caller.events.filter(({ type }) => !type.startsWith('playout'));
    expect(said.slice(1)).toEqual([
      { type: 'stt_output', transcript: 'hello', utterance: 1, id: 'transcript.stt.1.1' },
      { type: 'reply_started', reply: 1, turn: 1, id: 'reply.agent.1.1' },
      { type: 'agent_chunk', text: 'Good ', reply: 1 },
      { type: 'agent_chunk', text: 'day.', reply: 1 },
      { type: 'agent_end', reply: 1, turn: 1, outcome: 'completed', text: 'Good day.', id: 'reply.agent.1.2' },
    ]);
    const reports = await eventually(() => gateway.bus.events(sessionId, 'playout.ended'), { what: 'playout.ended' });
    expect(reports[0]).toMatchObject({ reply: 1, outcome: 'completed', sentence: 0, playedMs: 40, totalMs: 40 });
  });

  it('says goodbye and closes when the caller ends it', async () => {
    const caller = await open({});
    const sessionId = await caller.sessionId();
    caller.end();
    expect(await caller.event('session_ended')).toEqual({ type: 'session_ended', reason: 'caller_ended' });
    await caller.closed();
    expect(gateway.bus.events(sessionId, 'session.closed').map(({ reason }) => reason)).toEqual(['caller_ended']);
    expect(gateway.core.registry.size).toBe(0);
  });

  it('closes the session on the bus when the caller leaves', async () => {
    const caller = await open({});
    const sessionId = await caller.sessionId();
    caller.leave();
    const closed = await eventually(() => gateway.bus.events(sessionId, 'session.closed')[0], { what: 'closed' });
    expect(closed.reason).toBe('caller_left');
    await eventually(() => gateway.core.registry.size === 0, { what: 'empty registry' });
  });

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

  it('ends with an error when the agent is not known', async () => {
    const caller = await open({ agent: 'nobody' });
    const agent = await gateway.writer('agent', await caller.sessionId());
    await agent.publish('stage.failed', { code: 'unknown_agent', message: 'nobody', retryable: false });
    expect(await caller.error('unknown_agent')).toMatchObject({ retryable: false, stage: 'agent' });
    expect((await caller.event('session_ended')).reason).toBe('unknown_agent');
    await caller.closed();
  });

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

  it('reports a stage that is gone and that it is back, once each, and the session goes on', async () => {
    await restart({ STAGE_CLAIM_TIMEOUT_MS: '100' }, ['stt', 'agent']);
    const caller = await open({});
    const sessionId = await caller.sessionId();
    expect(await caller.error('stage_unavailable')).toMatchObject({ stage: 'tts', retryable: true });
    await gateway.startStage('tts');
    expect(await caller.event('stage_restored')).toMatchObject({ type: 'stage_restored', stage: 'tts' });
    caller.sendText('still there');
    await eventually(() => gateway.bus.events(sessionId, 'session.text')[0], { what: 'session.text' });
    expect(caller.errors()).toEqual(['stage_unavailable']);
  });

  it('reports a stage that loses its last replica in the middle', async () => {
    await restart({ STAGE_CLAIM_TIMEOUT_MS: '100' });
    const caller = await open({});
    await gateway.writer('tts', await caller.sessionId());
    await gateway.stopStage('tts');
    expect(await caller.error('stage_unavailable')).toMatchObject({ stage: 'tts' });
    expect((await fetch(`http://127.0.0.1:${gateway.port}/ready`)).status).toBe(503);
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

describe('the door at /ws', () => {
  it.each([
    ['invalid_json', 'text that is not JSON', 'two lattes'],
    ['invalid_json', 'JSON that is no object', '[1]'],
    ['unknown_type', 'an unknown type', '{"type":"dance"}'],
    ['unknown_type', 'no type', '{}'],
    ['invalid_message', 'a text without text', '{"type":"text","text":" "}'],
    ['message_too_large', 'more than 64 KiB of it', `{"type":"text","text":"${'a'.repeat(70_000)}"}`],
  ])('answers %s to %s and goes on', async (code, _, text) => {
    const caller = await ws();
    const sessionId = await caller.sessionId();
    caller.socket.send(text);
    await caller.error(code);
    caller.sendText('go on');
    await eventually(() => gateway.bus.events(sessionId, 'session.text')[0], { what: 'session.text' });
  });

  it('keeps up to a second of voice that comes before the session has begun, and refuses what is over', async () => {
    const acquire = gateway.bus.acquire.bind(gateway.bus);
    let letGo = () => {};
    const gate = new Promise<void>((resolve) => (letGo = resolve));
    gateway.bus.acquire = async (...args) => {
      await gate;
      return acquire(...args);
    };
    const caller = await ws();
    for (let i = 0; i < 12; i++) caller.sendAudio(Buffer.alloc(3200, i));
    caller.sendText('early');
    await caller.error('session_not_started');
    expect(caller.errors()).toEqual(['session_not_started']);
    letGo();
    const sessionId = await caller.sessionId();
    await eventually(() => gateway.bus.events(sessionId, 'session.text')[0], { what: 'the early text' });
    expect(gateway.bus.frames(sessionId, 'in').map(({ payload }) => payload[0])).toEqual([...Array(10).keys()]);
    expect(await gateway.metric('parley_gateway_caller_frames_dropped_total{reason="session_not_started"')).toBe(2);
  });

  it('closes with 1009 when a message is beyond every limit', async () => {
    const [caller, other] = [await ws(), await ws()];
    await caller.sessionId();
    await other.sessionId();
    caller.sendAudio(Buffer.alloc(2_000_000));
    await caller.closed();
    expect(caller.closeCode).toBe(1009);
    await eventually(() => gateway.core.registry.suspended === 1, { what: 'suspended session' });
    expect(other.isClosed).toBe(false);
  });

  it('closes with 1013 when it is full', async () => {
    await restart({ GATEWAY_MAX_SESSIONS: '1' });
    await (await ws()).sessionId();
    const refused = await ws();
    await refused.closed();
    expect(refused.closeCode).toBe(1013);
  });

  it('leaves other paths alone: 404', async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${gateway.port}/other`);
    const status = await new Promise((resolve) => socket.once('unexpected-response', (_, { statusCode }) => resolve(statusCode))); // prettier-ignore
    expect(status).toBe(404);
  });
});

describe('the door at socket.io', () => {
  it('answers session_not_started to voice and messages before the session', async () => {
    const caller = kept(await IoTestCaller.connect(gateway.port));
    caller.sendAudio(FRAME);
    await caller.error('session_not_started');
    expect(await caller.ask('message', { type: 'text', text: 'hi' })).toMatchObject({ ok: false, code: 'session_not_started' }); // prettier-ignore
    expect(await caller.ask('session:start', {})).toEqual({ ok: true, sessionId: await caller.sessionId() });
  });

  it('acknowledges voice and messages when asked to', async () => {
    const caller = await socketIo();
    const sessionId = await caller.sessionId();
    expect(await caller.ask('audio', FRAME)).toEqual({ ok: true });
    expect(await caller.ask('audio', Buffer.alloc(3))).toMatchObject({ ok: false, code: 'audio_odd_length' });
    expect(await caller.ask('audio', 'no bytes')).toMatchObject({ ok: false, code: 'invalid_message' });
    expect(await caller.ask('message', { type: 'text', text: 'hi' })).toEqual({ ok: true, sessionId });
  });

  it.each([
    ['invalid_json', 'not json'],
    ['invalid_json', 7],
    ['unknown_type', { type: 'dance' }],
    ['invalid_message', { type: 'text' }],
  ])('answers %s to %j', async (code, message) => {
    const caller = await socketIo();
    expect(await caller.ask('message', message)).toMatchObject({ ok: false, code });
    await caller.error(code);
    expect(caller.isClosed).toBe(false);
  });

  it('refuses a second session on one connection', async () => {
    const caller = await socketIo();
    await caller.sessionId();
    expect(await caller.ask('session:start', {})).toMatchObject({ ok: false, code: 'session_exists' });
  });

  it('lets a caller try again on the same connection after a refusal', async () => {
    const caller = kept(await IoTestCaller.connect(gateway.port));
    expect(await caller.ask('session:start', { mode: 'x' })).toMatchObject({ ok: false, code: 'invalid_message' });
    expect(await caller.ask('session:start', {})).toMatchObject({ ok: true });
  });

  it('keeps where the caller says it is in the agent’s voice', async () => {
    const caller = await socketIo();
    await caller.sessionId();
    caller.socket.emit('playout', { reply: 1, sentence: 0, playedMs: 120 });
    caller.socket.emit('playout', 'nonsense');
    await caller.error('invalid_message');
  });

  it('says beside each frame where it belongs', async () => {
    const caller = await socketIo({ frameMs: 10 });
    const tts = await gateway.writer('tts', await caller.sessionId());
    tts.audio('out', {
      codec: 'pcm_s16le',
      sampleRateHz: 16_000,
      reply: 1,
      sentence: 0,
      pts: 0,
      lastOfSentence: true,
      lastOfReply: true,
      payload: FRAME,
    });
    await caller.event('playout_ended');
    expect(caller.infos).toEqual([
      { reply: 1, sentence: 0, pts: 0 },
      { reply: 1, sentence: 0, pts: 160 },
    ]);
  });
});

describe('HTTP', () => {
  it('is healthy, ready, measured, and says where the doors are', async () => {
    const get = (path: string) => fetch(`http://127.0.0.1:${gateway.port}${path}`);
    expect((await get('/health')).status).toBe(200);
    const ready = await get('/ready');
    expect(await ready.json()).toMatchObject({ status: 'ok', checks: { broker: { status: 'ok' }, tts: { status: 'ok' } } }); // prettier-ignore
    const caller = await ws();
    await caller.sessionId();
    expect(await (await get('/metrics')).text()).toContain('parley_gateway_sessions{door="ws",service="gateway"} 1');
    expect(await (await get('/')).json()).toMatchObject({ service: 'parley gateway' });
  });
});
