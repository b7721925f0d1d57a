import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type { FakeBus } from '@parley/testing';
import { CLOSED, drainAll, setUp } from '../spec-support/hosted-replica.js';
import type { RecordingLogic } from '../spec-support/recording-logic.js';

const FRAME = { codec: 'pcm_s16le', sampleRateHz: 16_000, reply: 0, sentence: 0, pts: 0, lastOfSentence: false, lastOfReply: false, payload: new Uint8Array(4) } as const; // prettier-ignore

/** An error as the libraries throw it. */
function failure(code: string, retryable: boolean) {
  return Object.assign(new Error(`it is ${code}`), { code, retryable });
}

const failOpening = (error: unknown) => (logic: RecordingLogic) => {
  logic.opening = () => Promise.reject(error);
};

afterEach(drainAll);

describe('HostedSession', () => {
  it('marks its claim before the stage opens and before it reads the log', async () => {
    let marks = 0;
    const { bus, gateway, logic } = await setUp({
      prepare: (own) => (own.opening = ({ sessionId }) => void (marks = bus.events(sessionId, 'stage.claimed').length)),
    });
    const { sessionId } = await gateway.open();
    expect(marks).toBe(1);
    expect(bus.events(sessionId, 'stage.claimed')).toMatchObject([{ replica: 'stt-1', deliveries: 1, epoch: 1 }]);
    expect(logic.last.told).toEqual(['stage.claimed replayed', 'live']);
  });

  it('delivers the backlog, says that it is live, and then what comes live', async () => {
    const { bus, gateway, logic } = await setUp();
    const sessionId = bus.newSession();
    const early = bus.writer({ stage: 'gateway', sessionId, epoch: 1 });
    await early.publish('session.text', { text: 'early' });
    early.audio('in', FRAME);
    const { writer } = await gateway.open(sessionId);
    await writer.publish('session.text', { text: 'late' });
    await bus.settled();
    expect(logic.last.told).toEqual(['session.text replayed', 'stage.claimed replayed', 'frame 1', 'live', 'session.text']); // prettier-ignore
  });

  it('ends on session.closed and acknowledges the claim', async () => {
    const { bus, gateway, host, logic, counted } = await setUp();
    const { writer } = await gateway.open();
    await writer.publish('session.closed', CLOSED);
    await bus.settled();
    expect(logic.last.told.slice(-2)).toEqual(['session.closed', 'close closed']);
    expect(logic.last.owned.signal.aborted).toBe(true);
    expect(host.size).toBe(0);
    expect(bus.offered('stt')).toEqual([]);
    expect(await counted('parley_stage_sessions_ended_total{reason="closed"')).toBe(1);
  });

  it('ends at once when the session was closed before it was claimed', async () => {
    const { bus, gateway, host, logic } = await setUp();
    const sessionId = bus.newSession();
    await bus.writer({ stage: 'gateway', sessionId, epoch: 1 }).publish('session.closed', CLOSED);
    await gateway.open(sessionId);
    expect(logic.last.told.slice(-2)).toEqual(['session.closed replayed', 'close closed']);
    expect(host.size).toBe(0);
    expect(bus.offered('stt')).toEqual([]);
  });

  it.each([
    ['is not the owner any more', async (bus: FakeBus, sessionId: string) => void (await bus.acquire('stt', sessionId))], // prettier-ignore
    ['cannot ask who is', async (bus: FakeBus) => void (bus.connected = false)],
  ])('leaves the claim alone when the session closes and it %s', async (_, before) => {
    const { bus, gateway, host, logic } = await setUp();
    const { sessionId, writer } = await gateway.open();
    await before(bus, sessionId);
    await writer.publish('session.closed', CLOSED);
    await bus.settled();
    expect(logic.last.told.at(-1)).toBe('close closed');
    expect(host.size).toBe(0);
    expect(bus.offered('stt')).toEqual([sessionId]);
  });

  it('gives up without a word when a newer owner has marked its claim', async () => {
    const { bus, gateway, host, logic } = await setUp();
    const { sessionId, writer } = await gateway.open();
    const { owned } = logic.last;
    let late: Promise<unknown> | undefined;
    logic.last.closing = async () => {
      late = owned.writer.publish('speech.started', { utterance: 1, pts: 0 }).catch((error: unknown) => error);
    };
    const epoch = await bus.acquire('stt', sessionId);
    await bus.writer({ stage: 'stt', sessionId, epoch }).publish('stage.claimed', { replica: 'stt-2', deliveries: 2 });
    await writer.publish('session.text', { text: 'hi' });
    await bus.settled();
    expect(logic.last.told.at(-1)).toBe('close lost');
    expect(await late).toMatchObject({ code: 'writer_closed' });
    expect(bus.events(sessionId).filter((event) => event.stage === 'stt' && event.epoch === 1)).toHaveLength(1);
    expect(host.size).toBe(0);
    expect(bus.offered('stt')).toEqual([sessionId]);
  });

  it('takes no notice of claims of other stages', async () => {
    const { bus, gateway, host } = await setUp();
    const { sessionId } = await gateway.open();
    await bus.writer({ stage: 'tts', sessionId, epoch: 9 }).publish('stage.claimed', { replica: 'tts-1', deliveries: 1 }); // prettier-ignore
    await bus.settled();
    expect(host.size).toBe(1);
  });

  it('delivers nothing and writes nothing while it closes a lost session', async () => {
    const { bus, gateway, logic } = await setUp();
    const { sessionId, writer } = await gateway.open();
    const session = logic.last;
    let closed = () => {};
    session.closing = () => new Promise((resolve) => (closed = resolve));
    session.failOn.set('frame', new Error('closed'));
    bus.expire('stt', sessionId);
    writer.audio('in', FRAME);
    await writer.publish('session.text', { text: 'hi' });
    await bus.settled();
    expect(session.told.slice(-2)).toEqual(['live', 'close lost']);
    closed();
    await bus.settled();
    expect(bus.events(sessionId, 'stage.failed')).toEqual([]);
  });

  it('reports what a handler throws, and goes on with this session and the others', async () => {
    const { bus, gateway, host, logic, counted } = await setUp();
    const broken = await gateway.open();
    const sound = await gateway.open();
    logic.sessions[0]?.failOn.set('session.text', failure('engine_failed', true));
    await broken.writer.publish('session.text', { text: 'hi' });
    await sound.writer.publish('session.text', { text: 'hi' });
    await broken.writer.publish('session.dtmf', { digits: '1' });
    await bus.settled();
    expect(bus.events(broken.sessionId, 'stage.failed')).toMatchObject([
      { code: 'engine_failed', message: 'it is engine_failed', retryable: true },
    ]);
    expect(logic.sessions.map(({ told }) => told.at(-1))).toEqual(['session.dtmf', 'session.text']);
    expect(bus.events(sound.sessionId, 'stage.failed')).toEqual([]);
    expect(host.size).toBe(2);
    expect(await counted('parley_stage_handler_errors_total{type="session.text"')).toBe(1);
  });

  it.each([
    ['an error without a code', new Error('oops'), { code: 'internal', message: 'oops', retryable: true }],
    ['nothing at all', undefined, { code: 'internal', retryable: true }],
  ])('reports a handler that throws %s as internal', async (_, thrown, reported) => {
    const { bus, gateway, logic } = await setUp();
    const { sessionId, writer } = await gateway.open();
    logic.last.failOn.set('session.text', thrown);
    await writer.publish('session.text', { text: 'hi' });
    await bus.settled();
    expect(bus.events(sessionId, 'stage.failed')).toMatchObject([reported]);
  });

  it('reports failing frames once a second, and counts each', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
    const { bus, gateway, logic, counted } = await setUp();
    const { sessionId, writer } = await gateway.open();
    logic.last.failOn.set('frame', failure('odd_length', false));
    for (let i = 0; i < 50; i++) writer.audio('in', FRAME);
    await bus.settled();
    expect(bus.events(sessionId, 'stage.failed')).toHaveLength(1);
    jest.advanceTimersByTime(1000);
    writer.audio('in', FRAME);
    await bus.settled();
    expect(bus.events(sessionId, 'stage.failed')).toHaveLength(2);
    expect(await counted('parley_stage_handler_errors_total{type="frame"')).toBe(51);
  });

  it.each([
    ['rejects', () => Promise.reject(new Error('stuck'))],
    [
      'throws',
      () => {
        throw new Error('stuck');
      },
    ],
  ])('gives the claim up although closing %s', async (_, closing) => {
    const { bus, gateway, host, logic } = await setUp();
    const { writer } = await gateway.open();
    logic.last.closing = closing;
    await writer.publish('session.closed', CLOSED);
    await bus.settled();
    expect(host.size).toBe(0);
    expect(bus.offered('stt')).toEqual([]);
  });

  it('hands a session back for a while when it cannot be opened and another attempt may help', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
    const { bus, gateway, host, logic, counted } = await setUp({ prepare: failOpening(failure('engine_busy', true)) });
    const { sessionId } = await gateway.open();
    expect(host.size).toBe(0);
    expect(bus.offered('stt')).toEqual([sessionId]);
    expect(await counted('parley_stage_open_failures_total{code="engine_busy"')).toBe(1);
    logic.opening = () => {};
    await jest.advanceTimersByTimeAsync(500);
    expect(logic.sessions).toEqual([]);
    await jest.advanceTimersByTimeAsync(600);
    await bus.settled();
    expect(logic.last.owned).toMatchObject({ sessionId, takeover: true, epoch: 2 });
    expect(bus.events(sessionId, 'stage.failed')).toEqual([]);
  });

  it('keeps a session that no attempt can open until it is closed, and says so', async () => {
    const { bus, gateway, host, logic } = await setUp({ prepare: failOpening(failure('unknown_agent', false)) });
    const { sessionId, writer } = await gateway.open();
    expect(bus.events(sessionId, 'stage.failed')).toMatchObject([
      { code: 'unknown_agent', message: 'it is unknown_agent', retryable: false },
    ]);
    expect(host.size).toBe(1);
    await writer.publish('session.closed', CLOSED);
    await bus.settled();
    expect(host.size).toBe(0);
    expect(bus.offered('stt')).toEqual([]);
    expect(logic.told).toEqual(['warm', `open ${sessionId}`]);
  });

  it('releases a session that cannot be opened and was closed before', async () => {
    const { bus, gateway, host } = await setUp({ prepare: failOpening(failure('unknown_agent', false)) });
    const sessionId = bus.newSession();
    await bus.writer({ stage: 'gateway', sessionId, epoch: 1 }).publish('session.closed', CLOSED);
    await gateway.open(sessionId);
    expect(host.size).toBe(0);
    expect(bus.offered('stt')).toEqual([]);
  });

  it('fences with its first frame when it writes voice and takes over', async () => {
    const { bus, gateway, logic } = await setUp({ writesAudio: 'out' });
    const { sessionId } = await gateway.open();
    logic.last.owned.writer.audio('out', FRAME);
    bus.expire('stt', sessionId);
    await bus.settled();
    logic.last.owned.writer.audio('out', FRAME);
    const seen = bus.frames(sessionId, 'out').map(({ epoch, seq, fence }) => ({ epoch, seq, fence }));
    expect(seen).toEqual([
      { epoch: 1, seq: 1, fence: false },
      { epoch: 2, seq: 1, fence: true },
      { epoch: 2, seq: 2, fence: false },
    ]);
  });

  it('writes no fence when it writes no voice', async () => {
    const { bus, gateway } = await setUp();
    const { sessionId } = await gateway.open();
    bus.expire('stt', sessionId);
    await bus.settled();
    expect(bus.events(sessionId, 'stage.claimed')).toHaveLength(2);
    expect(bus.frames(sessionId, 'out')).toEqual([]);
  });

  it('tells the log once that it has lived with the session', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
    const { bus, gateway } = await setUp();
    const { sessionId } = await gateway.open();
    const ended = await gateway.open();
    await ended.writer.publish('session.closed', CLOSED);
    await jest.advanceTimersByTimeAsync(4999);
    expect(bus.events(sessionId, 'stage.settled')).toEqual([]);
    await jest.advanceTimersByTimeAsync(10_000);
    expect(bus.events(sessionId, 'stage.settled')).toMatchObject([{ replica: 'stt-1', epoch: 1 }]);
    expect(bus.events(ended.sessionId, 'stage.settled')).toEqual([]);
  });
});
