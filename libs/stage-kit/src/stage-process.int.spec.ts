import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { ConnectedBus, SessionFeed } from '@parley/bus';
import { newSessionId, type ParleyEvent } from '@parley/contracts';
import { deadline, eventually, startBroker, type Broker } from '@parley/testing';
import { startGatewayOnBroker } from '../spec-support/gateway-on-broker.js';
import { startStageProcess, type StageProcess } from '../spec-support/stage-process.js';

const DRAIN_TIMEOUT_MS = 5000;

let broker: Broker;
let gateway: ConnectedBus;
let isOver = false;
const processes: StageProcess[] = [];
const feeds: SessionFeed[] = [];

async function start(): Promise<StageProcess> {
  const stage = await startStageProcess(broker.url);
  processes.push(stage);
  return stage;
}

/** A session with all that a reader is told of its stage. */
async function open() {
  const sessionId = newSessionId();
  const writer = gateway.writer({ stage: 'gateway', sessionId, epoch: await gateway.acquire('gateway', sessionId) });
  const seen: ParleyEvent[] = [];
  const kinds = ['session', 'stage', 'speech'] as const;
  feeds.push(await gateway.feed({ sessionId, kinds, onEvent: (event) => seen.push(event) }));
  await gateway.offer('stt', sessionId);
  const of = <T extends ParleyEvent['type']>(type: T) =>
    seen.filter((event): event is Extract<ParleyEvent, { type: T }> => event.type === type);
  const owner = (replica?: string) =>
    eventually(
      () => {
        const last = of('stage.claimed').at(-1);
        return last && (replica === undefined || last.replica === replica) ? last : undefined;
      },
      { what: `owner ${replica ?? ''}`, deadlineMs: 15_000 },
    );
  const say = (text: string) => writer.publish('session.text', { text });
  return { sessionId, writer, seen, of, owner, say };
}

beforeAll(async () => {
  broker = await startBroker();
  gateway = await startGatewayOnBroker(broker.url);
}, 60_000);

afterEach(async () => {
  isOver = true;
  for (const feed of feeds.splice(0)) feed.close();
  for (const stage of processes.splice(0)) {
    stage.signal('SIGKILL');
    await deadline(stage.exited, 5000, 'end of a stage');
  }
  isOver = false;
});

afterAll(async () => {
  await gateway?.close();
  await broker?.stop();
}, 60_000);

describe('a stage as a process', () => {
  it('hands a hundred sessions over and is gone before its drain timeout', async () => {
    const first = await start();
    const sessions = await Promise.all(Array.from({ length: 100 }, open));
    await Promise.all(sessions.map(({ owner }) => owner(first.replica)));
    const second = await start();
    const startedAt = performance.now();
    first.signal('SIGTERM');
    expect(await deadline(first.exited, DRAIN_TIMEOUT_MS, 'end of the draining replica')).toBe(0);
    const goneMs = performance.now() - startedAt;
    await Promise.all(sessions.map(({ owner }) => owner(second.replica)));
    const movedMs = performance.now() - startedAt;
    process.stdout.write(`100 sessions: gone after ${goneMs.toFixed(0)} ms, moved after ${movedMs.toFixed(0)} ms\n`);
    for (const { of } of sessions) {
      expect(of('stage.claimed').map(({ replica }) => replica)).toEqual([first.replica, second.replica]);
      expect(of('stage.released')).toMatchObject([{ replica: first.replica, reason: 'drained' }]);
    }
    await Promise.all(sessions.map(({ writer }) => writer.publish('session.closed', { reason: 'hangup' })));
  }, 60_000);

  it('gives up a session that another took while it stalled, and writes nothing that a reader accepts', async () => {
    const stalled = await start();
    const { sessionId, seen, of, owner, say, writer } = await open();
    await owner(stalled.replica);
    await say('one');
    await eventually(() => of('speech.started').length === 1, { what: 'sign of the first owner' });
    const next = await start();
    stalled.signal('SIGSTOP');
    await say('two');
    const { epoch } = await owner(next.replica);
    await eventually(() => of('speech.started').some((event) => event.epoch === epoch), { what: 'sign of the second' });
    stalled.signal('SIGCONT');
    const lost = () => stalled.counted('parley_stage_sessions_ended_total{reason="lost"');
    await eventually(async () => (await lost()) === 1, { what: 'loss in the metrics', deadlineMs: 10_000 });
    await say('three');
    await eventually(() => of('speech.started').at(-1)?.utterance === 3, { what: 'sign of the second again' });
    const marked = seen.findIndex((event) => event.type === 'stage.claimed' && event.epoch === epoch);
    expect(seen.slice(marked).filter((event) => event.stage === 'stt' && event.epoch < epoch)).toEqual([]);
    expect(of('stage.claimed').map(({ replica }) => replica)).toEqual([stalled.replica, next.replica]);
    expect(of('stage.released')).toEqual([]);
    expect(await gateway.isOwner('stt', sessionId, epoch)).toBe(true);
    await writer.publish('session.closed', { reason: 'hangup' });
  }, 60_000);

  it.each(['throw', 'reject'])(
    'ends the session alone that has set off an error nobody caught: %s',
    async (text) => {
      const stage = await start();
      const [bad, good] = [await open(), await open()];
      await Promise.all([bad.owner(), good.owner()]);
      await bad.say(text);
      await eventually(() => bad.of('stage.released')[0], { what: 'release' });
      expect(bad.of('stage.failed')[0]).toMatchObject({ code: 'internal', retryable: true });
      expect(bad.of('stage.released')[0]).toMatchObject({ replica: stage.replica, reason: 'crashed' });
      await good.say('hi');
      await eventually(() => good.of('speech.started').length === 1, { what: 'sign of the other session' });
      expect(await stage.counted('parley_stage_session_crashes_total')).toBeGreaterThanOrEqual(1);
      await eventually(() => bad.of('session.closed')[0], { what: 'end of the session', deadlineMs: 15_000 });
      expect(bad.of('session.closed')).toMatchObject([{ reason: 'session_poisoned' }]);
      await good.writer.publish('session.closed', { reason: 'hangup' });
    },
    60_000,
  );

  it('closes a session that kills one process after the other, and keeps those that were with it', async () => {
    const keepRunning = async (): Promise<void> => {
      const stage = await start();
      void stage.exited.then(() => (isOver ? undefined : keepRunning()));
    };
    await keepRunning();
    const [bad, ...good] = await Promise.all(Array.from({ length: 4 }, open));
    await Promise.all([bad, ...good].map((each) => each?.owner()));
    await bad?.say('die');
    await eventually(() => bad?.of('session.closed')[0], { what: 'end of the session', deadlineMs: 60_000 });
    expect(bad?.of('session.closed')).toMatchObject([{ reason: 'session_poisoned', stage: 'stt' }]);
    // Kinds are ordered each for itself.
    await eventually(() => bad?.of('stage.failed')[0], { what: 'why' });
    expect(bad?.of('stage.failed')).toMatchObject([{ code: 'session_poisoned', retryable: false }]);
    expect(bad?.of('stage.claimed')).toHaveLength(4);
    for (const { say, of, writer } of good) {
      await say('hi');
      await eventually(() => of('speech.started').length > 0, { what: 'sign of another session', deadlineMs: 30_000 });
      expect(of('session.closed')).toEqual([]);
      await writer.publish('session.closed', { reason: 'hangup' });
    }
  }, 120_000);
});
