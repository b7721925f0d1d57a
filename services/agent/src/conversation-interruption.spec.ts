import { afterEach, describe, expect, it } from '@jest/globals';
import { agent, closeConversations, hang, keys, setUp } from '../spec-support/scripted-conversation.js';
import { callTool } from './conversation-tools.js';

afterEach(closeConversations);

describe('an interrupted reply', () => {
  it('stops a model that does not listen, and stands in the history as cut off', async () => {
    const { aborted, reply, sent } = setUp([{ tokens: ['I have '], hangs: true }, { tokens: ['Ok.'] }]);
    expect(await aborted(1, 'hi', 'token')).toMatchObject({ code: 'engine_aborted' });
    await reply(2, 'wait');
    expect(sent()).toEqual(['human: hi', 'ai: I have —', 'human: wait']);
  });

  it('keeps what a running tool did in time, and calls no further one', async () => {
    const abort = new AbortController();
    hang.mockImplementation(async (signal) => {
      queueMicrotask(() => abort.abort());
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      return { result: 'done', state: { count: 7 } };
    });
    const calls = [
      { id: 'a', name: 'hang', args: {} },
      { id: 'b', name: 'add', args: { n: 1 } },
    ];
    const { reply, parts, sent, conversation } = setUp([{ calls }, { tokens: ['Ok.'] }], {
      toolTimeoutMs: 5000,
      toolGraceMs: 5000,
    });
    await expect(reply(1, 'go', abort.signal)).rejects.toMatchObject({ code: 'engine_aborted' });
    expect(parts.map(({ type }) => type)).toEqual(['tool_called', 'tool_returned']);
    await reply(2, 'and now');
    expect(sent()).toEqual(['human: go', 'ai: ', 'tool: "done"', 'ai: —', 'human: and now']);
    expect((await conversation.snapshot()).state).toEqual({ count: 7 });
    expect(keys).toEqual([]);
  });

  it('waits only a grace for a tool that does not listen, and tells the model that it may still take effect', async () => {
    const abort = new AbortController();
    hang.mockImplementation(() => {
      queueMicrotask(() => abort.abort());
      return new Promise(() => undefined);
    });
    const { reply, parts } = setUp([{ calls: [{ id: 'a', name: 'hang', args: {} }] }], { toolTimeoutMs: 60_000 });
    await expect(reply(1, 'go', abort.signal)).rejects.toMatchObject({ code: 'engine_aborted' });
    expect(parts[1]).toMatchObject({ ok: false, result: { error: expect.stringMatching(/interrupted.*may still/) } });
  });

  it('does not begin a tool any more', async () => {
    const call = { callId: 'a', tool: 'add', args: { n: 1 } };
    const log = { isRecorded: true, wasBegun: false };
    const context = { sessionId: 's1', state: { count: 0 }, idempotencyKey: 'k', timeoutMs: 20, graceMs: 20, ...log };
    const outcome = await callTool(agent.tools, call, { ...context, signal: AbortSignal.abort() });
    expect(outcome).toEqual({ ok: false, result: { error: expect.stringMatching(/not made/) } });
    expect(keys).toEqual([]);
  });

  it('does not begin a tool that the log knows nothing of', async () => {
    const { conversation } = setUp([{ calls: [{ id: 'a', name: 'add', args: { n: 1 } }] }, { tokens: ['Sorry.'] }]);
    const asked: string[] = [];
    const beforeTool = (callId: string) => (asked.push(callId), Promise.resolve(false));
    const signal = new AbortController().signal;
    const parts = [];
    for await (const part of conversation.reply({ reply: 1, userText: 'go', signal, beforeTool })) parts.push(part);
    expect(asked).toEqual(['r1c1']);
    expect(parts[1]).toMatchObject({ ok: false, result: { error: expect.stringMatching(/not be recorded/) } });
    expect(keys).toEqual([]);
  });

  it('is waited for by the next one', async () => {
    const { conversation, reply, sent } = setUp([{ tokens: ['A'], hangs: true }, { tokens: ['B.'] }]);
    const abort = new AbortController();
    const first = conversation.reply({ reply: 1, userText: 'one', signal: abort.signal });
    await first.next();
    abort.abort();
    expect(await reply(2, 'two')).toMatchObject({ text: 'B.' });
    expect(sent()).toEqual(['human: one', 'ai: A —', 'human: two']);
    await expect(first.next()).rejects.toMatchObject({ code: 'engine_aborted' });
  });

  it('is what leaving the loop makes of it', async () => {
    const { conversation, reply, sent } = setUp([{ tokens: ['A', 'B'], hangs: true }, { tokens: ['C.'] }]);
    for await (const part of conversation.reply({ reply: 1, userText: 'one', signal: new AbortController().signal }))
      if (part.type === 'token') break;
    await reply(2, 'two');
    expect(sent()[1]).toMatch(/^ai: AB? —$/);
  });
});
