import { afterEach, describe, expect, it } from '@jest/globals';
import { createLogger, createMetrics } from '@parley/telemetry';
import { FakeBus } from '@parley/testing';
import { closeStages, newStage, startStage } from '../spec-support/started-stages.js';
import { AgentError } from './agent-error.js';
import { createAgentMetrics } from './agent-metrics.js';
import { AgentSession } from './agent-session.js';
import { systemWallClock } from './wall-clock.js';

afterEach(closeStages);

describe('a turn', () => {
  it.each(['says', 'writes'] as const)('is answered when the user %s it', async (how) => {
    const { stage } = await startStage();
    const call = await stage.call();
    const id = await call[how]('We have soup. It is hot.');
    await call.until('reply.ended');
    expect(call.written()).toEqual(['reply.started 1', 'reply.sentence 1', 'reply.sentence 1', 'reply.ended 1']);
    expect(call.events('reply.started')).toMatchObject([
      { reply: 1, turn: 1, userText: 'We have soup. It is hot.', answers: [id] },
    ]);
    expect(call.events('reply.ended')).toMatchObject([{ outcome: 'completed', text: 'We have soup. It is hot.' }]);
  });

  it('has tools called and their state kept over turns', async () => {
    const { stage } = await startStage();
    const call = await stage.call();
    await call.writes('Let me add. [add 2] Done.');
    await call.until('reply.ended', { reply: 1 });
    await call.writes('[add 3] Done.');
    await call.until('reply.ended', { reply: 2 });
    expect(call.written().slice(0, 5)).toEqual([
      'reply.started 1',
      'reply.sentence 1',
      'tool.called 1',
      'tool.returned 1',
      'reply.sentence 1',
    ]);
    expect(call.events('tool.returned').map(({ state }) => state)).toEqual([{ count: 2 }, { count: 5 }]);
  });

  it('is answered when the session is opened after it was claimed', async () => {
    const { stage } = await startStage();
    const call = await stage.call({ opened: false });
    await call.open('adder', 'text-to-text');
    await call.writes('Hello.');
    expect(await call.until('reply.ended')).toMatchObject({ text: 'Hello.' });
  });

  it('whose reply fails is told so and apologised for, and the next one is answered', async () => {
    const { stage } = await startStage();
    const call = await stage.call();
    await call.writes('[fail]');
    expect(await call.until('reply.ended', { reply: 1 })).toMatchObject({
      outcome: 'failed',
      error: { code: 'reply_failed' },
    });
    expect(await call.until('reply.started', { reply: 2 })).toMatchObject({ occasion: 'apology', answers: [] });
    expect(await call.until('reply.ended', { reply: 2 })).toMatchObject({ text: expect.stringMatching(/^Sorry/) });
    await call.writes('Hello.');
    expect(await call.until('reply.ended', { reply: 3 })).toMatchObject({ outcome: 'completed', text: 'Hello.' });
    expect(call.events('reply.started').filter(({ occasion }) => occasion === 'apology')).toHaveLength(1);
  });

  it('after turn that fails ends the session, with a goodbye', async () => {
    const { stage } = await startStage();
    const call = await stage.call();
    for (const reply of [1, 3]) {
      await call.writes('[fail]');
      await call.until('reply.ended', { reply: reply + 1 });
    }
    await call.writes('[fail]');
    expect(await call.until('reply.ended', { reply: 6 })).toMatchObject({ hangUp: true, endReason: 'engine_failed' });
  });

  it('that is said with others while nobody owned the session is answered with them, once', async () => {
    const stage = newStage();
    const call = await stage.call();
    const ids = [await call.writes('One.'), await call.says('Two.')];
    await stage.join();
    await call.until('reply.ended');
    expect(call.events('reply.started')).toMatchObject([{ reply: 1, turn: 1, userText: 'One. Two.', answers: ids }]);
    expect(call.events('reply.ended')).toMatchObject([{ text: 'One. Two.' }]);
  });

  it('is answered in its own session, of many at once', async () => {
    const { stage } = await startStage();
    const calls = await Promise.all(Array.from({ length: 20 }, () => stage.call()));
    await Promise.all(calls.map((call, index) => call.writes(`I am ${index}. [add ${index}] Bye ${index}.`)));
    for (const [index, call] of calls.entries()) {
      expect(await call.until('reply.ended')).toMatchObject({ text: `I am ${index}. Bye ${index}.` });
      expect(call.folded().toolState).toEqual({ count: index });
      expect(call.events().every(({ sessionId }) => sessionId === call.sessionId)).toBe(true);
    }
    const keys = stage.runs.map(({ idempotencyKey }) => idempotencyKey);
    expect(keys.toSorted()).toEqual(calls.map(({ sessionId }) => `${sessionId}:1:1`).toSorted());
  });
});

describe('a session that asks for an agent that is not there', () => {
  it.each([
    ['was open when it was claimed', true],
    ['is opened after it was claimed', false],
  ])('is told so at once when it %s, and nothing else is harmed', async (_, opened) => {
    const { stage } = await startStage();
    const other = await stage.call();
    const call = await stage.call({ agent: 'nobody', opened });
    if (!opened) await call.open('nobody', 'text-to-text');
    await stage.bus.settled();
    expect(call.events('stage.failed')).toMatchObject([
      { code: 'unknown_agent', retryable: false, message: expect.stringMatching(/"nobody".*adder/) },
    ]);
    await call.writes('Hello?');
    await other.writes('Hello.');
    await other.until('reply.ended');
    expect(call.written()).toEqual(['stage.failed']);
  });
});

describe('a session that is over', () => {
  it('aborts its reply and writes nothing more', async () => {
    const { stage, first } = await startStage();
    const call = await stage.call();
    await call.writes('Hold on. [wait] Done.');
    await stage.toolWaits();
    await call.gateway('session.closed', { reason: 'caller_left' });
    await stage.release();
    await call.writes('Hello?');
    await stage.bus.settled();
    expect(call.written()).toEqual(['reply.started 1', 'reply.sentence 1', 'tool.called 1']);
    expect(first.host.size).toBe(0);
  });

  it('passes over events that come after it was closed', async () => {
    const bus = new FakeBus();
    const sessionId = bus.newSession();
    const writer = bus.writer({ stage: 'agent', sessionId, epoch: 1 });
    const log = createLogger({ service: 'agent', level: 'silent' });
    const owned = { sessionId, epoch: 1, writer, bus, takeover: false, gatewayBeat: () => 1, signal: new AbortController().signal, log }; // prettier-ignore
    const session = new AgentSession(owned, {
      agent: (name) => {
        throw new AgentError('unknown_agent', name);
      },
      replyTimeoutMs: 1000,
      metrics: createAgentMetrics(createMetrics('agent', { processMetrics: false })),
      clock: systemWallClock,
    });
    session.onLive();
    await session.close('closed');
    const envelope = { id: 'session.gateway.1.1', sessionId, seq: 1, epoch: 1, stage: 'gateway' as const, at: 1 };
    session.onEvent({ ...envelope, type: 'session.text', text: 'Hello?' }, { replayed: false });
    expect(session.turnState.open).toEqual([]);
    expect(bus.events(sessionId)).toEqual([]);
  });
});
