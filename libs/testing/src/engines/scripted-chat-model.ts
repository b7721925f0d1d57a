import type { CallbackManagerForLLMRun } from '@langchain/core/callbacks/manager';
import type { BaseLanguageModelInput } from '@langchain/core/language_models/base';
import {
  BaseChatModel,
  type BaseChatModelCallOptions,
  type BindToolsInput,
} from '@langchain/core/language_models/chat_models';
import { AIMessageChunk, type BaseMessage } from '@langchain/core/messages';
import { ChatGenerationChunk, type ChatResult } from '@langchain/core/outputs';
import type { Runnable } from '@langchain/core/runnables';
import { EngineError } from '@parley/ports';
import { wait, type Clock } from './clock.js';
import type { ScriptedReply, ScriptedToolCall } from './scripted-reply.js';

/** What the chat model needs to know. */
export interface ScriptedChatModelOptions {
  answer: (messages: BaseMessage[]) => ScriptedReply;
  firstTokenMs: number;
  tokenMs: number;
  tokens: number | undefined;
  clock: Clock;
}

/** Settings of one call. */
export interface ScriptedCallOptions extends BaseChatModelCallOptions {
  tools?: BindToolsInput[];
}

/** The LangChain side of the scripted model. */
export class ScriptedChatModel extends BaseChatModel<ScriptedCallOptions> {
  constructor(private readonly script: ScriptedChatModelOptions) {
    super({ maxRetries: 0 });
  }

  override _llmType(): string {
    return 'scripted';
  }

  override bindTools(
    tools: BindToolsInput[],
    kwargs?: Partial<ScriptedCallOptions>,
  ): Runnable<BaseLanguageModelInput, AIMessageChunk, ScriptedCallOptions> {
    return this.withConfig({ ...kwargs, tools });
  }

  override async *_streamResponseChunks(
    messages: BaseMessage[],
    options: this['ParsedCallOptions'],
    runManager?: CallbackManagerForLLMRun,
  ): AsyncGenerator<ChatGenerationChunk> {
    const { clock } = this.script;
    const reply = this.script.answer(messages);
    const { firstTokenMs = this.script.firstTokenMs, tokenMs = this.script.tokenMs } = reply;
    const calls = reply.calls.map((call, index) => callChunk(call, index, messages.length, options.tools));
    await wait(clock, firstTokenMs, options.signal);
    let isFirst = true;
    for (const token of tokensOf(reply, this.script.tokens)) {
      if (!isFirst) await wait(clock, tokenMs, options.signal);
      isFirst = false;
      yield chunkOf(token, []);
      await runManager?.handleLLMNewToken(token);
    }
    if (calls.length > 0 || isFirst) yield chunkOf('', calls);
  }

  override async _generate(
    messages: BaseMessage[],
    options: this['ParsedCallOptions'],
    runManager?: CallbackManagerForLLMRun,
  ): Promise<ChatResult> {
    let whole: ChatGenerationChunk | undefined;
    for await (const chunk of this._streamResponseChunks(messages, options, runManager)) {
      whole = whole ? whole.concat(chunk) : chunk;
    }
    return { generations: whole ? [whole] : [] };
  }
}

type ToolCallChunk = NonNullable<AIMessageChunk['tool_call_chunks']>[number];

function chunkOf(text: string, calls: ToolCallChunk[]): ChatGenerationChunk {
  return new ChatGenerationChunk({ text, message: new AIMessageChunk({ content: text, tool_call_chunks: calls }) });
}

/** The id depends on the conversation's length alone, so that the same conversation gives the same calls. */
function callChunk(call: ScriptedToolCall, index: number, length: number, tools?: BindToolsInput[]): ToolCallChunk {
  if (!tools?.some((tool) => nameOf(tool) === call.tool)) {
    throw new EngineError('engine_input', `the script calls ${call.tool}, which is no tool of the agent`, false);
  }
  const id = `call_${length}_${index}`;
  return { type: 'tool_call_chunk', index, id, name: call.tool, args: JSON.stringify(call.args) };
}

function nameOf(tool: BindToolsInput): unknown {
  const { name, function: described } = tool as { name?: unknown; function?: { name?: unknown } };
  return name ?? described?.name;
}

/** Words with the space after them; the words of a reply without calls are repeated or cut to the set number. */
function tokensOf({ text, calls }: ScriptedReply, length: number | undefined): string[] {
  const words = text.match(/\S+\s*/gu) ?? [];
  if (length === undefined || calls.length > 0 || words.length === 0) return words;
  const spaced = words.map((word, index) => (index === words.length - 1 ? `${word.trimEnd()} ` : word));
  const tokens = Array.from({ length }, (_, index) => spaced[index % spaced.length] as string);
  return tokens.map((token, index) => (index === length - 1 ? token.trimEnd() : token));
}
