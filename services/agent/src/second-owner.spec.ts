import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { closeStages, startStage } from '../spec-support/started-stages.js';

afterEach(closeStages);

describe('a second owner', () => {
  it('finishes a reply under its number, and publishes no sentence again', async () => {
    const { stage, first } = await startStage();
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
    const { stage, first } = await startStage();
    await stage.join();
    const call = await stage.call();
    stage.killOn(first, ({ type }) => type === 'tool.returned');
    await call.writes('Let me add. [add 2] Done.');
    expect(await call.until('reply.ended')).toMatchObject({ epoch: 2, text: 'Let me add. Done.' });
    expect(stage.runs).toHaveLength(1);
    expect(call.folded()).toMatchObject({ toolState: { count: 2 }, history: [{ toolCalls: [{ callId: 'r1c1' }] }] });
  });

  it('calls a tool again that never returned, under the same ids', async () => {
    const { stage, first } = await startStage();
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
    const { stage, first } = await startStage();
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
    const { stage, first } = await startStage();
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
    const { stage, first } = await startStage();
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
    const { stage, first } = await startStage();
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
    const { stage, first } = await startStage();
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
