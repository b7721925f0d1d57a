import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { BaseChatModel } from '@langchain/core/language_models/chat_models';
import { AIMessageChunk, type BaseMessage } from '@langchain/core/messages';
import { ChatGenerationChunk, type ChatResult } from '@langchain/core/outputs';
import { defineAgent, defineTool, EngineError, type LanguageModel } from '@parley/ports';
import { z } from 'zod';
import type { ConversationError } from './conversation-error.js';
import { ConversationEngine, type Conversation, type ConversationEngineOptions } from './conversation.js';
import type { ReplyPart } from './conversation-run.js';
import { callTool } from './conversation-tools.js';
import type { ConversationHistory } from './conversation-turns.js';

interface Call {
  id?: string;
  name: string;
  args: Record<string, unknown> | string;
}
/** One answer: its tokens and calls, or what else happens when the model is asked. */
interface Answer {
  tokens?: string[];
  calls?: Call[];
  fails?: Error;
  /** Never goes on after its tokens. */
  hangs?: boolean;
}

/** Answers by a script, and keeps what it was sent. */
class ScriptedChatModel extends BaseChatModel {
  readonly sent: BaseMessage[][] = [];
  readonly hadTools: boolean[] = [];

  constructor(private readonly script: Answer[]) {
    super({});
  }
  override _llmType() {
    return 'scripted';
  }
  override bindTools(tools: unknown[]) {
    return this.withConfig({ tools } as object) as ReturnType<NonNullable<BaseChatModel['bindTools']>>;
  }
  override async _generate(): Promise<ChatResult> {
    throw new Error('only streams');
  }
  override async *_streamResponseChunks(messages: BaseMessage[], options: this['ParsedCallOptions']) {
    this.sent.push(messages);
    this.hadTools.push('tools' in options);
    const { tokens = [], calls = [], fails, hangs } = this.script.shift() ?? { tokens: ['(end of script)'] };
    for (const token of tokens) yield chunkOf({ content: token });
    if (hangs) await new Promise(() => undefined);
    if (fails) throw fails;
    for (const [index, { id, name, args }] of calls.entries()) {
      const json = typeof args === 'string' ? args : JSON.stringify(args);
      yield chunkOf({ content: '', tool_call_chunks: [{ index, id, name, args: json, type: 'tool_call_chunk' }] });
    }
    yield chunkOf({ content: '', usage_metadata: { input_tokens: 10, output_tokens: 2, total_tokens: 12 } });
  }
}
function chunkOf(fields: ConstructorParameters<typeof AIMessageChunk>[0]) {
  const message = new AIMessageChunk(fields);
  return new ChatGenerationChunk({ text: message.text, message });
}

interface State {
  count: number;
}
const keys: string[] = [];
const hang = jest.fn<(signal: AbortSignal) => Promise<{ result: unknown; state?: State }>>();
const tool = defineTool<State>();
const agent = defineAgent<State>({
  name: 'counter',
  instructions: 'Count.',
  initialState: { count: 0 },
  tools: [
    tool({
      name: 'add',
      description: 'Adds.',
      args: z.object({ n: z.number() }),
      execute: ({ n }, { state, idempotencyKey }) => {
        keys.push(idempotencyKey);
        return { result: { count: state.count + n }, state: { count: state.count + n } };
      },
    }),
    tool({
      name: 'fail',
      description: 'Fails.',
      args: z.object({}),
      execute: () => {
        throw new Error('out of bread');
      },
    }),
    tool({ name: 'hang', description: 'Hangs.', args: z.object({}), execute: (_, { signal }) => hang(signal) }),
    tool({ name: 'big', description: 'Answers nonsense.', args: z.object({}), execute: () => ({ result: 10n }) }),
  ],
});

const opened: Conversation[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((conversation) => conversation.close()));
  keys.length = 0;
});

function setUp(script: Answer[], options: Partial<ConversationEngineOptions> = {}, history?: ConversationHistory) {
  const chatModel = new ScriptedChatModel(script);
  const model: LanguageModel = {
    name: 'scripted',
    capabilities: { streaming: true, tools: true },
    createChatModel: () => chatModel,
  };
  const engine = new ConversationEngine({ agent, model, toolTimeoutMs: 20, toolGraceMs: 20, ...options });
  const conversation = engine.open('s1', history);
  opened.push(conversation);
  const parts: ReplyPart[] = [];
  return {
    engine,
    conversation,
    parts,
    /** What the model was sent last, without the system prompt: who and what. */
    sent: (index = chatModel.sent.length - 1) =>
      (chatModel.sent[index] ?? []).slice(1).map((message) => `${message.getType()}: ${message.text}`),
    sentMessages: (index = chatModel.sent.length - 1) => chatModel.sent[index] ?? [],
    hadTools: chatModel.hadTools,
    async reply(reply: number, userText: string, signal = new AbortController().signal, deadlineMs?: number) {
      parts.length = 0;
      for await (const part of conversation.reply({ reply, userText, signal, deadlineMs })) parts.push(part);
      return parts.at(-1);
    },
    /** Aborts when a part of this type comes. */
    async aborted(reply: number, userText: string, when: ReplyPart['type']) {
      const abort = new AbortController();
      parts.length = 0;
      try {
        for await (const part of conversation.reply({ reply, userText, signal: abort.signal })) {
          parts.push(part);
          if (part.type === when) abort.abort();
        }
      } catch (error) {
        return error as EngineError;
      }
      throw new Error('the reply was not aborted');
    },
  };
}

describe('a reply', () => {
  it('streams tokens, then tells the text, the time to the first token and the usage', async () => {
    const { reply, parts } = setUp([{ tokens: ['Hel', 'lo.'] }]);
    expect(await reply(1, 'hi')).toEqual({
      type: 'done',
      text: 'Hello.',
      ttftMs: expect.any(Number),
      usage: { inputTokens: 10, outputTokens: 2 },
    });
    expect(parts.slice(0, 2)).toEqual([
      { type: 'token', text: 'Hel' },
      { type: 'token', text: 'lo.' },
    ]);
  });

  it('makes parallel tool calls one after the other, each from the state of the one before', async () => {
    const { reply, parts, sent, conversation } = setUp([
      {
        tokens: ['Let me add.'],
        calls: [
          { id: 'a', name: 'add', args: { n: 1 } },
          { id: 'b', name: 'add', args: { n: 2 } },
        ],
      },
      { tokens: ['Three.'] },
    ]);
    expect(await reply(1, 'add one and two')).toMatchObject({ text: 'Let me add. Three.', usage: { inputTokens: 20 } });
    expect(parts.map(({ type }) => type)).toEqual([
      'token',
      'tool_called',
      'tool_returned',
      'tool_called',
      'tool_returned',
      'token',
      'done',
    ]);
    expect(parts[4]).toMatchObject({
      callId: 'r1c2',
      tool: 'add',
      ok: true,
      result: { count: 3 },
      state: { count: 3 },
    });
    expect(keys).toEqual(['s1:1:1', 's1:1:2']);
    expect(sent()).toEqual(['human: add one and two', 'ai: Let me add.', 'tool: {"count":1}', 'tool: {"count":3}']);
    expect((await conversation.snapshot()).state).toEqual({ count: 3 });
  });

  it('keeps the state and the history over turns', async () => {
    const { reply, sent } = setUp([
      { calls: [{ id: 'a', name: 'add', args: { n: 1 } }] },
      { tokens: ['One.'] },
      { calls: [{ id: 'b', name: 'add', args: { n: 1 } }] },
      { tokens: ['Two.'] },
    ]);
    await reply(1, 'add');
    await reply(2, 'again');
    expect(sent()).toEqual([
      'human: add',
      'ai: ',
      'tool: {"count":1}',
      'ai: One.',
      'human: again',
      'ai: ',
      'tool: {"count":2}',
    ]);
    expect(keys).toEqual(['s1:1:1', 's1:2:1']);
  });

  it.each<[string, Call, RegExp]>([
    ['wrong arguments', { id: 'a', name: 'add', args: { n: 'x' } }, /arguments are wrong.*expected number/],
    ['arguments that are no JSON', { id: 'a', name: 'add', args: '{"n": "\\u' }, /./],
    ['an unknown tool', { id: 'a', name: 'nope', args: {} }, /no tool "nope".*add/],
    ['a tool that throws', { id: 'a', name: 'fail', args: {} }, /out of bread/],
    ['a tool that never answers', { id: 'a', name: 'hang', args: {} }, /within 20 ms/],
    ['a result that is no JSON', { id: 'a', name: 'big', args: {} }, /tool failed/],
  ])('tells the model of %s and goes on', async (_, call, says) => {
    hang.mockImplementation(() => new Promise(() => undefined));
    const { reply, parts, sentMessages } = setUp([{ calls: [call] }, { tokens: ['Sorry.'] }]);
    expect(await reply(1, 'go')).toMatchObject({ type: 'done', text: 'Sorry.' });
    const returned = parts.find((part) => part.type === 'tool_returned');
    expect(returned).toMatchObject({ callId: 'r1c1', ok: false, result: { error: expect.stringMatching(says) } });
    expect(sentMessages().at(-1)).toMatchObject({ status: 'error', tool_call_id: 'r1c1' });
  });

  it.each([undefined, 'call_x7'])('numbers a call that the model gives the id %p', async (id) => {
    const call = { ...(id && { id }), name: 'add', args: { n: 1 } };
    const { reply, parts } = setUp([{ calls: [call] }, { calls: [call] }, { tokens: ['Ok.'] }]);
    await reply(3, 'go');
    expect(parts.flatMap((part) => (part.type === 'tool_called' ? [part.callId] : []))).toEqual(['r3c1', 'r3c2']);
  });

  it('takes the tools away when the model does nothing but call them', async () => {
    const call = { calls: [{ id: 'a', name: 'add', args: { n: 1 } }] };
    const { reply, hadTools } = setUp([call, call, { tokens: ['Enough.'] }], { maxToolRounds: 2 });
    expect(await reply(1, 'go')).toMatchObject({ text: 'Enough.' });
    expect(hadTools).toEqual([true, true, false]);
  });

  it('makes the model wait when nobody reads, and loses nothing', async () => {
    const tokens = Array.from({ length: 2000 }, (_, index) => `${index} `);
    const { conversation } = setUp([{ tokens }]);
    const iterator = conversation.reply({ reply: 1, userText: 'go', signal: new AbortController().signal });
    let text = '';
    for await (const part of iterator) {
      if (part.type === 'token') text += part.text;
      if (text.length < 500) await new Promise((resolve) => setImmediate(resolve));
    }
    expect(text).toBe(tokens.join(''));
  });
});

describe('a reply that goes wrong', () => {
  it.each<[string, Answer, object]>([
    ['the model fails', { fails: new Error('secret') }, { code: 'engine_unavailable', retryable: true }],
    ['the model fails with a code', { fails: new EngineError('engine_auth', 'x', false) }, { code: 'engine_auth' }],
    ['the model fails in the middle', { tokens: ['Hel'], fails: new Error('x') }, { code: 'engine_unavailable' }],
    ['the model answers nothing', {}, { code: 'engine_protocol' }],
  ])('throws an EngineError when %s, and the next one goes well', async (_, answer, expected) => {
    const { reply, sent } = setUp([answer, { tokens: ['Fine.'] }]);
    await expect(reply(1, 'hi')).rejects.toMatchObject({ name: 'EngineError', ...expected });
    expect(await reply(2, 'again')).toMatchObject({ text: 'Fine.' });
    expect(sent()).toEqual(['human: hi', expect.stringMatching(/^ai: (Hel )?—$/), 'human: again']);
  });

  it('is over at its deadline', async () => {
    const { reply } = setUp([{ tokens: ['Hm'], hangs: true }]);
    await expect(reply(1, 'hi', undefined, 20)).rejects.toMatchObject({ code: 'engine_timeout', retryable: true });
  });

  it('is over when a signal with a timeout fires', async () => {
    const { reply } = setUp([{ hangs: true }]);
    const signal = AbortSignal.abort(new DOMException('late', 'TimeoutError'));
    await expect(reply(1, 'hi', signal)).rejects.toMatchObject({ code: 'engine_timeout' });
  });

  it('can be made again under the same number without repeating its tool calls', async () => {
    const { reply, sent } = setUp([
      { calls: [{ id: 'a', name: 'add', args: { n: 1 } }] },
      { fails: new Error('x') },
      { calls: [{ id: 'b', name: 'add', args: { n: 1 } }] },
      { tokens: ['Two.'] },
    ]);
    await expect(reply(1, 'add')).rejects.toThrow();
    expect(await reply(1, 'add')).toMatchObject({ text: 'Two.' });
    expect(keys).toEqual(['s1:1:1', 's1:1:2']);
    expect(sent()).toEqual(['human: add', 'ai: ', 'tool: {"count":1}', 'ai: ', 'tool: {"count":2}']);
  });
});

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

describe('the history', () => {
  it('holds what was heard, marked, with the tool calls', async () => {
    const { reply, conversation, sent } = setUp([
      { tokens: ['Adding.'], calls: [{ id: 'a', name: 'add', args: { n: 1 } }] },
      { tokens: ['That makes one. Anything else?'] },
      { tokens: ['Ok.'] },
    ]);
    await reply(1, 'add');
    conversation.amendReply(1, 'Adding. That');
    conversation.amendReply(1, 'Adding. That makes');
    await reply(2, 'stop');
    expect(sent()).toEqual(['human: add', 'ai: ', 'tool: {"count":1}', 'ai: Adding. That makes —', 'human: stop']);
  });

  it('is left alone when all was heard, and for a reply it does not know', async () => {
    const { reply, conversation, sent } = setUp([{ tokens: ['Hello  there. '] }, { tokens: ['Ok.'] }]);
    await reply(1, 'hi');
    conversation.amendReply(1, 'Hello there.');
    conversation.amendReply(9, 'x');
    await reply(2, 'go');
    expect(sent()).toEqual(['human: hi', 'ai: Hello  there. ', 'human: go']);
  });

  it('says so when nothing was heard', async () => {
    const { reply, conversation, sent } = setUp([{ tokens: ['Hello.'] }, { tokens: ['Ok.'] }]);
    await reply(1, 'hi');
    conversation.amendReply(1, '');
    await reply(2, 'go');
    expect(sent()).toEqual(['human: hi', 'ai: —', 'human: go']);
  });

  it('begins with the greeting', async () => {
    const { reply, conversation, sent } = setUp([{ tokens: ['Ok.'] }]);
    conversation.said(1, 'Welcome!');
    await reply(2, 'hi');
    expect(sent()).toEqual(['ai: Welcome!', 'human: hi']);
  });

  it('explains the mark in the system prompt', async () => {
    const { reply, sentMessages } = setUp([{ tokens: ['Ok.'] }]);
    await reply(1, 'hi');
    expect(sentMessages()[0]?.text).toMatch(/^Count\.\n\n.*ends with "—".*interrupted/);
  });

  it('drops the oldest whole turns beyond the limit, from the memory too', async () => {
    const { reply, sent, conversation } = setUp(
      Array.from({ length: 8 }, (_, index) => ({ tokens: [`${index + 1}.`] })),
      { maxTurns: 3 },
    );
    for (let index = 1; index <= 6; index++) await reply(index, `turn ${index}`);
    expect(sent()).toEqual(['human: turn 4', 'ai: 4.', 'human: turn 5', 'ai: 5.', 'human: turn 6']);
    expect((await conversation.snapshot()).turns).toHaveLength(3);
  });

  it('is rebuilt from the log, the state with it, and an unfinished reply goes on behind its calls', async () => {
    const history: ConversationHistory = {
      state: { count: 4 },
      turns: [
        { reply: 1, userText: '', replyText: 'Welcome!', interrupted: false, toolCalls: [] },
        { reply: 2, userText: 'one', replyText: 'I have', interrupted: true, toolCalls: [] },
        {
          reply: 3,
          userText: 'add four',
          replyText: '',
          interrupted: false,
          toolCalls: [{ callId: 'a', tool: 'add', args: { n: 4 }, ok: true, result: { count: 4 } }],
        },
      ],
    };
    const { reply, sent, conversation } = setUp(
      [{ calls: [{ id: 'b', name: 'add', args: { n: 1 } }] }, { tokens: ['Five.'] }],
      {},
      history,
    );
    expect(await conversation.snapshot()).toEqual(history);
    await reply(3, 'add four');
    expect(sent(0)).toEqual([
      'ai: Welcome!',
      'human: one',
      'ai: I have —',
      'human: add four',
      'ai: ',
      'tool: {"count":4}',
    ]);
    expect(keys).toEqual(['s1:3:2']);
    expect(await conversation.snapshot()).toMatchObject({
      state: { count: 5 },
      turns: [{}, {}, { replyText: 'Five.' }],
    });
  });
});

describe('a conversation', () => {
  const code = (expected: ConversationError['code']) =>
    expect.objectContaining({ name: 'ConversationError', code: expected });

  it('makes one reply at a time', async () => {
    const { conversation, reply } = setUp([{ tokens: ['A'], hangs: true }]);
    const first = conversation.reply({ reply: 1, userText: 'one', signal: new AbortController().signal });
    await first.next();
    await expect(reply(2, 'two')).rejects.toEqual(code('conversation_busy'));
    await first.return();
  });

  it.each([
    [2, ' '],
    [0, 'x'],
    [1.5, 'x'],
    [1, 'x'],
  ])('refuses reply %p to %j after reply 2', async (number, text) => {
    const { reply } = setUp([{ tokens: ['A.'] }]);
    await reply(2, 'one');
    await expect(reply(number, text)).rejects.toEqual(code('conversation_input'));
  });

  it('keeps one checkpoint however long it is, and none when it is closed', async () => {
    const { engine, reply, conversation } = setUp(Array.from({ length: 30 }, () => ({ tokens: ['Ok.'] })));
    for (let index = 1; index <= 30; index++) await reply(index, 'hi');
    expect(engine.openConversations).toBe(1);
    expect(engine.keptCheckpoints).toBe(1);
    await conversation.close();
    await conversation.close();
    expect(engine.openConversations).toBe(0);
    await expect(reply(31, 'hi')).rejects.toEqual(code('conversation_closed'));
    expect(() => conversation.amendReply(1, 'x')).toThrow(code('conversation_closed'));
  });

  it('aborts the reply being made when it is closed', async () => {
    const { engine, conversation } = setUp([{ tokens: ['A'], hangs: true }]);
    const first = conversation.reply({ reply: 1, userText: 'one', signal: new AbortController().signal });
    await first.next();
    await conversation.close();
    await expect(first.next()).rejects.toMatchObject({ code: 'engine_closed' });
    expect(engine.openConversations).toBe(0);
  });

  it('needs a model that can call tools when the agent has some', () => {
    const model: LanguageModel = {
      name: 'mute',
      capabilities: { streaming: true, tools: false },
      createChatModel: () =>
        Object.assign(new ScriptedChatModel([]), { bindTools: undefined }) as unknown as BaseChatModel,
    };
    expect(() => new ConversationEngine({ agent, model })).toThrow(
      expect.objectContaining({ code: 'engine_settings' }),
    );
  });
});
