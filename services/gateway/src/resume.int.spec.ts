import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { SessionFeed, SessionWriter } from '@parley/bus';
import { SeenEvents, type AudioFrame, type ParleyEvent } from '@parley/contracts';
import { startService, type RunningService } from '@parley/stage-kit';
import { eventually, startBroker, type Broker } from '@parley/testing';
import { ScriptedStages } from '../spec-support/scripted-stages.js';
import { IoTestCaller, WsTestCaller, type TestCaller } from '../spec-support/test-callers.js';
import { loadGatewayConfig } from './gateway.config.js';
import { gatewayService } from './gateway.service.js';

let broker: Broker;
let stages: ScriptedStages;
let one: RunningService;
let two: RunningService;
const callers: TestCaller[] = [];
const feeds: SessionFeed[] = [];

async function startGateway(): Promise<RunningService> {
  const env = { NATS_URL: broker.url, HOST: '127.0.0.1', PORT: '0', DRAIN_TIMEOUT_MS: '200', SESSION_RESUME_WINDOW_MS: '2000' }; // prettier-ignore
  return startService(gatewayService(loadGatewayConfig(env)));
}

beforeAll(async () => {
  broker = await startBroker();
  stages = await ScriptedStages.start(broker.url);
  one = await startGateway();
  two = await startGateway();
}, 60_000);

afterEach(() => {
  for (const feed of feeds.splice(0)) feed.close();
  for (const caller of callers.splice(0)) caller.leave();
});

afterAll(async () => {
  await Promise.all([one?.stop(), two?.stop()]);
  await stages?.stop();
  await broker?.stop();
}, 60_000);

function kept<T extends TestCaller>(caller: T): T {
  callers.push(caller);
  return caller;
}

/** Everything that the caller's side of a session writes to the bus, as any other stage reads it. */
async function follow(sessionId: string) {
  const [events, frames]: [ParleyEvent[], AudioFrame[]] = [[], []];
  const feed = await stages.buses.get('stt')!.feed({
    sessionId,
    kinds: ['session', 'playout'],
    audio: 'in',
    onEvent: (event) => events.push(event),
    onFrame: (frame) => frames.push(frame),
  });
  feeds.push(feed);
  return { events, frames, types: () => events.map(({ type }) => type) };
}

function seenBy({ events }: TestCaller): string {
  const seen = new SeenEvents();
  for (const event of events) if ('id' in event && event.id) seen.add(event.id);
  return seen.encode();
}

/** A sentence whose samples say their place. */
function speak(tts: SessionWriter, reply: number, fromPts: number, samples: number, isLast: boolean): void {
  for (let pts = fromPts; pts < fromPts + samples; pts += 320) {
    const payload = Buffer.alloc(640);
    for (let i = 0; i < 320; i++) payload.writeUInt16LE(pts + i, i * 2);
    const last = isLast && pts + 320 >= fromPts + samples;
    tts.audio('out', { codec: 'pcm_s16le', sampleRateHz: 16_000, reply, sentence: 0, pts, lastOfSentence: last, lastOfReply: last, payload }); // prettier-ignore
  }
}

const samplesOf = ({ audio }: TestCaller) => audio.flatMap((pcm) => [...new Uint16Array(new Uint8Array(pcm).buffer)]);
const count = (length: number) => Array.from({ length }, (_, i) => i);

async function replying(caller: TestCaller) {
  const sessionId = await caller.sessionId();
  const [agent, tts] = await Promise.all([stages.writer('agent', sessionId), stages.writer('tts', sessionId)]);
  await agent.publish('reply.started', { reply: 1, turn: 1, userText: '', answers: [] });
  const ended = () => agent.publish('reply.ended', { reply: 1, turn: 1, outcome: 'completed', sentences: 1, text: 'Hi.', durationMs: 1 }); // prettier-ignore
  return { sessionId, agent, tts, ended };
}

describe('a session that is resumed at another gateway', () => {
  it('plays every sample of a reply once, and loses nothing that was said meanwhile', async () => {
    const caller = kept(await WsTestCaller.connect(one.port));
    const { sessionId, tts, ended } = await replying(caller);
    const log = await follow(sessionId);
    for (let i = 0; i < 5; i++) caller.sendAudio(Buffer.alloc(640, i + 1));
    await eventually(() => log.frames.length === 5, { what: 'voice on the bus' });
    speak(tts, 1, 0, 16_000, false);
    await eventually(() => caller.audio.length > 5, { what: 'voice of the reply' });
    caller.lose();
    await eventually(() => caller.isClosed, { what: 'lost socket' });
    const had = samplesOf(caller).length;
    speak(tts, 1, 16_000, 8000, true);
    await ended();

    // Three frames were said while there was no connection.
    const query = new URLSearchParams({
      resume: await caller.token(),
      seen: seenBy(caller),
      received: `1.0.${had}`,
      sent: String(8 * 320),
      kept: '0',
    });
    const again = kept(await WsTestCaller.connect(two.port, `?${query}`));
    expect((await again.resumed()).receivedSamples).toBe(5 * 320);
    for (let i = 5; i < 8; i++) again.sendAudio(Buffer.alloc(640, i + 1));
    await again.event('playout_ended');
    expect([...samplesOf(caller), ...samplesOf(again)]).toEqual(count(24_000));
    expect(again.events.map(({ type }) => type)).toEqual(['session_resumed', 'agent_end', 'playout_ended']);
    await eventually(() => log.types().includes('playout.ended') && log.frames.length === 8, {
      what: 'all of the log',
    });
    expect(log.frames.map(({ pts, payload }) => [pts, payload[0]])).toEqual(count(8).map((i) => [i * 320, i + 1]));
    expect(log.events.find(({ type }) => type === 'playout.ended')).toMatchObject({
      outcome: 'completed',
      totalMs: 1500,
    });
    expect(log.types().filter((type) => type === 'playout.started')).toHaveLength(1);
  });

  it('goes on through socket.io, and stores a text once that was sent to both', async () => {
    const caller = kept(await IoTestCaller.start(one.port));
    const sessionId = await caller.sessionId();
    const log = await follow(sessionId);
    const text = { type: 'text', text: 'two lattes', id: 'm1' };
    expect(await caller.ask('message', text)).toMatchObject({ ok: true });
    caller.lose();
    const again = kept(await IoTestCaller.connect(two.port));
    expect(await again.ask('session:start', { resume: await caller.token() })).toEqual({ ok: true, sessionId });
    expect(await again.ask('message', text)).toMatchObject({ ok: true });
    expect(await again.ask('message', { ...text, id: 'm2' })).toMatchObject({ ok: true });
    // Whether the gateway sees the loss before it is succeeded is chance.
    const types = () => log.types().filter((type) => type !== 'session.suspended');
    await eventually(() => types().length === 4, { what: 'the log' });
    expect(types()).toEqual(['session.opened', 'session.text', 'session.resumed', 'session.text']);
  });

  it('is fenced against the gateway before, which drops it without a word', async () => {
    const caller = kept(await WsTestCaller.connect(one.port));
    const sessionId = await caller.sessionId();
    const log = await follow(sessionId);
    const again = kept(await WsTestCaller.connect(two.port, `?resume=${await caller.token()}`));
    await again.resumed();
    expect((await caller.event('session_ended')).reason).toBe('resumed_elsewhere');
    await caller.closed();
    const epoch = log.events.find(({ type }) => type === 'session.opened')!.epoch;
    const late = stages.buses.get('stt')!.writer({ stage: 'gateway', sessionId, epoch });
    await late.publish('playout.started', { reply: 7 });
    await late.publish('session.closed', { reason: 'late' });
    again.sendText('still here');
    await eventually(() => log.types().includes('session.text'), { what: 'session.text' });
    expect(log.types()).toEqual(['session.opened', 'session.resumed', 'session.text']);
  });

  it('does not open to a wrong token', async () => {
    const caller = kept(await WsTestCaller.connect(one.port));
    const sessionId = await caller.sessionId();
    const log = await follow(sessionId);
    for (const resume of [`${sessionId}.wrong`, `${await caller.token()}x`, 'nobody.secret']) {
      const stranger = kept(await WsTestCaller.connect(two.port, `?resume=${resume}`));
      await stranger.error('resume_refused');
      await stranger.closed();
      expect(stranger.closeCode).toBe(1008);
    }
    expect(log.types()).toEqual(['session.opened']);
    expect(caller.isClosed).toBe(false);
  });

  it('is closed with caller_lost when nobody comes back in time, and then cannot be resumed', async () => {
    const caller = kept(await WsTestCaller.connect(one.port));
    const log = await follow(await caller.sessionId());
    caller.lose();
    await eventually(() => log.types().includes('session.closed'), { what: 'session.closed', deadlineMs: 6000 });
    expect(log.events.at(-1)).toMatchObject({ reason: 'caller_lost' });
    const late = kept(await WsTestCaller.connect(two.port, `?resume=${await caller.token()}`));
    await late.error('resume_refused');
  });

  it('moves when its gateway stops, with all that was said there', async () => {
    const going = await startGateway();
    const caller = kept(await IoTestCaller.start(going.port, { resumable: true }));
    const sessionId = await caller.sessionId();
    const log = await follow(sessionId);
    for (let i = 0; i < 5; i++) caller.sendAudio(Buffer.alloc(640, i + 1));
    expect(await caller.ask('message', { type: 'text', text: 'wait', id: 'm1' })).toMatchObject({ ok: true });
    const stopped = going.stop();
    await caller.event('session_moved');
    const again = kept(await IoTestCaller.connect(two.port));
    await again.ask('session:start', { resume: await caller.token(), sent: 1600, kept: 0 });
    expect((await again.resumed()).receivedSamples).toBe(1600);
    await stopped;
    again.end();
    await again.closed();
    await eventually(() => log.types().includes('session.closed'), { what: 'session.closed' });
    expect(log.types()).toEqual(['session.opened', 'session.text', 'session.resumed', 'session.closed']);
  });
});
