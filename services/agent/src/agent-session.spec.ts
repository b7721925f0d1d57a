import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { createLogger, createMetrics } from '@parley/telemetry';
import { FakeBus, FakeClock } from '@parley/testing';
import { AgentStage, type AgentStageOptions } from '../spec-support/agent-stage.js';
import { createAgentMetrics } from './agent-metrics.js';
import { AgentSession } from './agent-session.js';
import { AgentError } from './agent-error.js';
import { systemWallClock } from './wall-clock.js';

const stages: AgentStage[] = [];
afterEach(async () => {
  jest.useRealTimers();
  await Promise.all(stages.splice(0).map((stage) => stage.close()));
});

async function setUp(options?: AgentStageOptions) {
  const stage = new AgentStage(options);
  stages.push(stage);
  return { stage, first: await stage.join() };
}

/** As far as the gateway played, of a sentence that lasts 1 s. */
const cutAt = (sentence: number, playedMs: number) => ({
  outcome: 'interrupted' as const,
  sentence,
  playedMs,
  sentenceMs: 1000,
});

describe('a turn', () => {
  it.each(['says', 'writes'] as const)('is answered when the user %s it', async (how) => {
    const { stage } = await setUp();
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
    const { stage } = await setUp();
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
    const { stage } = await setUp();
    const call = await stage.call({ opened: false });
    await call.open('adder', 'text-to-text');
    await call.writes('Hello.');
    expect(await call.until('reply.ended')).toMatchObject({ text: 'Hello.' });
  });

  it('whose reply fails is told so, and the next one is answered', async () => {
    const { stage } = await setUp();
    const call = await stage.call();
    await call.writes('[fail]');
    expect(await call.until('reply.ended', { reply: 1 })).toMatchObject({
      outcome: 'failed',
      error: { code: 'reply_failed' },
    });
    await call.writes('Hello.');
    expect(await call.until('reply.ended', { reply: 2 })).toMatchObject({ outcome: 'completed', text: 'Hello.' });
  });

  it('that is said with others while nobody owned the session is answered with them, once', async () => {
    const stage = new AgentStage();
    stages.push(stage);
    const call = await stage.call();
    const ids = [await call.writes('One.'), await call.says('Two.')];
    await stage.join();
    await call.until('reply.ended');
    expect(call.events('reply.started')).toMatchObject([{ reply: 1, turn: 1, userText: 'One. Two.', answers: ids }]);
    expect(call.events('reply.ended')).toMatchObject([{ text: 'One. Two.' }]);
  });

  it('is answered in its own session, of many at once', async () => {
    const { stage } = await setUp();
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

describe('an interruption', () => {
  it('comes with a turn that is said while the reply is written, and that turn is answered', async () => {
    const clock = new FakeClock();
    const { stage, first } = await setUp({ pace: { tokenMs: 100, clock } });
    const call = await stage.call();
    await call.writes('Hello. This takes long.');
    await clock.advance(100);
    await call.until('reply.sentence');
    await call.writes('Stop.');
    await clock.advance(1000);
    expect(await call.until('reply.ended', { reply: 2 })).toMatchObject({ text: 'Stop.' });
    expect(call.written()).toEqual([
      'reply.started 1',
      'reply.sentence 1',
      'reply.interrupted 1',
      'reply.started 2',
      'reply.sentence 2',
      'reply.ended 2',
    ]);
    expect(call.events('reply.interrupted')).toMatchObject([{ cause: 'new_turn', sentences: 1 }]);
    expect(await first.counted('parley_agent_interruptions_total{reason="new_turn"')).toBe(1);
  });

  it('comes with words over the voice, and no reply follows before the turn is over', async () => {
    const { stage } = await setUp();
    const call = await stage.call({ mode: 'voice-to-voice' });
    await call.says('Hello. How are you?');
    await call.until('reply.ended');
    await call.begins('but');
    await call.until('reply.interrupted');
    expect(call.events('reply.interrupted')).toMatchObject([{ reply: 1, cause: 'user_spoke' }]);
    expect(call.events('reply.started')).toHaveLength(1);
    await call.says('But why?');
    expect(await call.until('reply.ended', { reply: 2 })).toMatchObject({ text: 'But why?' });
  });

  it('leaves in the history of the model what was heard', async () => {
    const { stage } = await setUp();
    const call = await stage.call({ mode: 'voice-to-voice' });
    await call.says('We have soup. It is hot.');
    await call.until('reply.ended');
    await call.begins('but');
    await call.until('reply.interrupted');
    await call.playedOut(1, cutAt(0, 1000));
    await call.says('Ok.');
    await call.until('reply.ended', { reply: 2 });
    expect(stage.sent.at(-1)).toEqual(['human: We have soup. It is hot.', 'ai: We have soup. —', 'human: Ok.']);
  });

  it.each(['before', 'after'] as const)(
    'leaves in the history of the model the words heard by their times, known %s the end of the playout',
    async (when) => {
      const { stage } = await setUp();
      const call = await stage.call({ mode: 'voice-to-voice' });
      await call.says('Counterrevolutionaries internationalise a b c.');
      await call.until('reply.ended');
      const time = () => call.timesWords(1, 0, ['Counterrevolutionaries', 'internationalise', 'a', 'b', 'c'], 200);
      if (when === 'before') await time();
      await call.begins('but');
      await call.until('reply.interrupted');
      await call.playedOut(1, cutAt(0, 850));
      if (when === 'after') await time();
      await call.says('Ok.');
      await call.until('reply.ended', { reply: 2 });
      expect(stage.sent.at(-1)?.[1]).toBe('ai: Counterrevolutionaries internationalise a b —');
      expect(call.folded().history[0]?.replyText).toBe('Counterrevolutionaries internationalise a b');
    },
  );

  it('lets a running tool come to its end, which is told and known to the next reply', async () => {
    const { stage } = await setUp();
    const call = await stage.call();
    await call.writes('Hold on. [wait] Done.');
    await stage.toolWaits();
    await call.writes('Stop.');
    await call.until('reply.interrupted');
    await stage.release();
    await call.until('reply.ended', { reply: 2 });
    expect(call.events('tool.returned')).toMatchObject([{ reply: 1, ok: true, state: { count: 100 } }]);
    expect(call.events('reply.ended')).toHaveLength(1);
    expect(stage.sent.at(-1)).toContain('tool: "waited"');
  });
});

describe('a playout', () => {
  it('that was cut short leaves in the history of the model what was heard', async () => {
    const { stage } = await setUp();
    const call = await stage.call({ mode: 'voice-to-voice' });
    await call.says('We have soup. It is hot.');
    await call.until('reply.ended');
    await call.playedOut(1, { ...cutAt(1, 800), outcome: 'failed' });
    await call.says('Ok.');
    await call.until('reply.ended', { reply: 2 });
    expect(stage.sent.at(-1)?.[1]).toBe('ai: We have soup. It is —');
    expect(call.events('reply.interrupted')).toEqual([]);
  });

  it('that was whole when the interruption came leaves all of the text in the history of the model', async () => {
    const { stage } = await setUp();
    const call = await stage.call({ mode: 'voice-to-voice' });
    await call.says('We have soup.');
    await call.until('reply.ended');
    await call.begins('but');
    await call.until('reply.interrupted');
    await call.playedOut(1, { ...cutAt(0, 1000), outcome: 'completed' });
    await call.says('Ok.');
    await call.until('reply.ended', { reply: 2 });
    expect(stage.sent.at(-1)?.[1]).toMatch(/^ai: We have soup\./);
  });

  it('that was whole leaves the history alone', async () => {
    const { stage } = await setUp();
    const call = await stage.call({ mode: 'voice-to-voice' });
    await call.says('We have soup.');
    await call.until('reply.ended');
    await call.playedOut(1, { ...cutAt(0, 1000), outcome: 'completed' });
    await call.says('Ok.');
    await call.until('reply.ended', { reply: 2 });
    expect(stage.sent.at(-1)?.[1]).toBe('ai: We have soup.');
  });
});

describe('a second owner', () => {
  it('finishes a reply under its number, and publishes no sentence again', async () => {
    const { stage, first } = await setUp();
    await stage.join();
    const call = await stage.call();
    stage.killOn(first, ({ type }) => type === 'reply.sentence');
    await call.writes('We have soup. It is hot. Good bye.');
    expect(await call.until('reply.ended')).toMatchObject({
      epoch: 2,
      reply: 1,
      sentences: 3,
      text: 'We have soup. It is hot. Good bye.',
    });
    expect(call.events('reply.sentence').map(({ epoch, sentence }) => [epoch, sentence])).toEqual([[1, 0], [2, 1], [2, 2]]); // prettier-ignore
    expect(call.events('reply.started')).toHaveLength(1);
  });

  it('does not call a tool again that has returned', async () => {
    const { stage, first } = await setUp();
    await stage.join();
    const call = await stage.call();
    stage.killOn(first, ({ type }) => type === 'tool.returned');
    await call.writes('Let me add. [add 2] Done.');
    expect(await call.until('reply.ended')).toMatchObject({ epoch: 2, text: 'Let me add. Done.' });
    expect(stage.runs).toHaveLength(1);
    expect(call.folded()).toMatchObject({ toolState: { count: 2 }, history: [{ toolCalls: [{ callId: 'r1c1' }] }] });
  });

  it('calls a tool again that never returned, under the same ids', async () => {
    const { stage, first } = await setUp();
    await stage.join();
    const call = await stage.call();
    await call.writes('Hold on. [wait] Done.');
    await stage.toolWaits();
    stage.kill(first, call.sessionId);
    await stage.toolWaits(2);
    await stage.release();
    expect(await call.until('reply.ended')).toMatchObject({ epoch: 2, text: 'Hold on. Done.' });
    const key = `${call.sessionId}:1:1`;
    expect(stage.runs.map(({ replica, idempotencyKey }) => [replica, idempotencyKey])).toEqual([['agent-1', key], ['agent-2', key]]); // prettier-ignore
    expect(call.events('tool.called').map(({ callId }) => callId)).toEqual(['r1c1', 'r1c1']);
    expect(call.folded().history).toMatchObject([{ toolCalls: [{ callId: 'r1c1', returned: { ok: true } }] }]);
  });

  it('does not make a call again that must not be made twice', async () => {
    const { stage, first } = await setUp();
    await stage.join();
    const call = await stage.call();
    await call.writes('Hold on. [charge] Done.');
    await stage.toolWaits();
    stage.kill(first, call.sessionId);
    expect(await call.until('reply.ended')).toMatchObject({ epoch: 2, text: 'Hold on. Done.' });
    await stage.release();
    expect(stage.runs.map(({ tool, replica }) => [tool, replica])).toEqual([['charge', 'agent-1']]);
    expect(call.events('tool.returned')).toMatchObject([
      { callId: 'r1c1', ok: false, result: { error: expect.stringMatching(/outcome is unknown/) as unknown } },
    ]);
  });

  it('interrupts a reply of the first one for a turn that nobody had seen', async () => {
    const { stage, first } = await setUp();
    const call = await stage.call();
    stage.killOn(first, ({ type }) => type === 'reply.sentence');
    await call.writes('We have soup. It is hot.');
    await call.until('reply.sentence');
    await call.writes('Stop.');
    await stage.join();
    expect(await call.until('reply.ended')).toMatchObject({ reply: 2, text: 'Stop.' });
    expect(call.events('reply.interrupted')).toMatchObject([{ reply: 1, cause: 'new_turn', epoch: 2 }]);
  });

  it('leaves alone a reply whose voice is still playing', async () => {
    const { stage, first } = await setUp();
    await stage.join();
    const call = await stage.call({ mode: 'voice-to-voice' });
    await call.says('Hello.');
    await call.until('reply.ended');
    await first.host.drain();
    await stage.bus.settled();
    expect(call.events('stage.claimed')).toHaveLength(2);
    expect(call.written()).toEqual(['reply.started 1', 'reply.sentence 1', 'reply.ended 1']);
  });
});

describe('a hand-over while a tool runs', () => {
  it('tells what the tool did, and the next owner goes on from there', async () => {
    const { stage, first } = await setUp();
    await stage.join();
    const call = await stage.call();
    await call.writes('Hold on. [wait] Done.');
    await stage.toolWaits();
    const drained = first.host.drain();
    await stage.release();
    await drained;
    expect(await call.until('reply.ended')).toMatchObject({ epoch: 2, text: 'Hold on. Done.' });
    expect(call.events('tool.returned')).toMatchObject([{ epoch: 1, ok: true, state: { count: 100 } }]);
    expect(stage.runs).toHaveLength(1);
    expect(call.folded().toolState).toEqual({ count: 100 });
  });

  it('has the next owner call a tool that did not come to its end in time', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate', 'performance'] });
    const { stage, first } = await setUp();
    await stage.join();
    const call = await stage.call();
    await call.writes('Hold on. [wait] Done.');
    while (stage.runs.length === 0) await stage.bus.settled();
    const drained = first.host.drain();
    await jest.advanceTimersByTimeAsync(3500);
    await drained;
    jest.useRealTimers();
    while (stage.runs.length === 1) await stage.bus.settled();
    expect(call.events('tool.returned')).toEqual([]);
    await stage.release();
    expect(await call.until('reply.ended')).toMatchObject({ epoch: 2, text: 'Hold on. Done.' });
    expect(stage.runs.map(({ replica }) => replica)).toEqual(['agent-1', 'agent-2']);
    expect(call.folded().toolState).toEqual({ count: 100 });
  });
});

describe('a session that asks for an agent that is not there', () => {
  it.each([
    ['was open when it was claimed', true],
    ['is opened after it was claimed', false],
  ])('is told so at once when it %s, and nothing else is harmed', async (_, opened) => {
    const { stage } = await setUp();
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
    const { stage, first } = await setUp();
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
