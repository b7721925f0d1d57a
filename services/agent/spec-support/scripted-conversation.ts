import { jest } from '@jest/globals';
import { BaseChatModel } from '@langchain/core/language_models/chat_models';
import { AIMessageChunk, type BaseMessage } from '@langchain/core/messages';
import { ChatGenerationChunk, type ChatResult } from '@langchain/core/outputs';
import { defineAgent, defineTool, type EngineError, type LanguageModel } from '@parley/ports';
import { z } from 'zod';
import type { ReplyPart } from '../src/conversation-run.js';
import type { ConversationHistory } from '../src/conversation-turns.js';
import { ConversationEngine, type Conversation, type ConversationEngineOptions } from '../src/conversation.js';

/** A call as the model makes it. */
export interface Call {
  id?: string;
  name: string;
  args: Record<string, unknown> | string;
}
/** One answer: its tokens and calls, or what else happens when the model is asked. */
export interface Answer {
  tokens?: string[];
  calls?: Call[];
  fails?: Error;
  /** Never goes on after its tokens. */
  hangs?: boolean;
}

/** Answers by a script, and keeps what it was sent. */
export class ScriptedChatModel extends BaseChatModel {
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
/** Idempotency keys of the tool runs so far. */
export const keys: string[] = [];
/** What the tool `hang` does. */
export const hang = jest.fn<(signal: AbortSignal) => Promise<{ result: unknown; state?: State }>>();
const tool = defineTool<State>();
/** Counts, with tools that go well, fail and hang. */
export const agent = defineAgent<State>({
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

/** Closes what {@link setUp} opened, and forgets the keys. */
export async function closeConversations(): Promise<void> {
  await Promise.all(opened.splice(0).map((conversation) => conversation.close()));
  keys.length = 0;
}

/** A conversation with a model that answers by a script. */
export function setUp(
  script: Answer[],
  options: Partial<ConversationEngineOptions> = {},
  history?: ConversationHistory,
) {
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
