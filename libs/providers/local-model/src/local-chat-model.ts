import type { CallbackManagerForLLMRun } from '@langchain/core/callbacks/manager';
import type { BaseFunctionCallOptions } from '@langchain/core/language_models/base';
import { BaseChatModel, type BindToolsInput } from '@langchain/core/language_models/chat_models';
import { AIMessage, AIMessageChunk, isAIMessage, type BaseMessage } from '@langchain/core/messages';
import { ChatGenerationChunk, type ChatResult } from '@langchain/core/outputs';
import type { Runnable } from '@langchain/core/runnables';
import { convertToOpenAITool } from '@langchain/core/utils/function_calling';
import { EngineError } from '@parley/ports';
import { nextMove, type Move } from './dialogue.js';
import { knowledgeOf } from './knowledge.js';
import { shopTools, type BoundTool } from './tool-schema.js';

/** Options of one call. */
export interface LocalChatModelCallOptions extends BaseFunctionCallOptions {
  tools?: BoundTool[];
}

/**
 * A chat model that takes orders, without a network and without chance: the same messages and tools give
 * the same answer. It knows nothing but its messages and the tools bound to it. Streams word by word.
 */
export class LocalChatModel extends BaseChatModel<LocalChatModelCallOptions, AIMessageChunk> {
  constructor() {
    super({ maxRetries: 0 });
  }

  override _llmType(): string {
    return 'parley-local';
  }

  override bindTools(
    tools: BindToolsInput[],
    options?: Partial<LocalChatModelCallOptions>,
  ): Runnable<Parameters<this['invoke']>[0], AIMessageChunk, LocalChatModelCallOptions> {
    return this.withConfig({ ...options, tools: tools.map((tool) => convertToOpenAITool(tool) as BoundTool) });
  }

  override async _generate(messages: BaseMessage[], options: this['ParsedCallOptions']): Promise<ChatResult> {
    assertNotAborted(options.signal);
    const move = nextMove(knowledgeOf(messages), shopTools(options.tools ?? []));
    const text = 'text' in move ? move.text : '';
    const message = new AIMessage({
      content: text,
      tool_calls: callsOf(move, messages).map((call) => ({ ...call, type: 'tool_call' })),
      usage_metadata: usageOf(messages, move),
    });
    return { generations: [{ text, message }] };
  }

  override async *_streamResponseChunks(
    messages: BaseMessage[],
    options: this['ParsedCallOptions'],
    runManager?: CallbackManagerForLLMRun,
  ): AsyncGenerator<ChatGenerationChunk> {
    const move = nextMove(knowledgeOf(messages), shopTools(options.tools ?? []));
    for (const message of piecesOf(move, messages)) {
      assertNotAborted(options.signal);
      const chunk = new ChatGenerationChunk({ text: message.text, message });
      yield chunk;
      await runManager?.handleLLMNewToken(chunk.text, undefined, undefined, undefined, undefined, { chunk });
    }
    assertNotAborted(options.signal);
  }
}

/** Text word by word, and each tool call in three fragments, as hosted models send them. */
function* piecesOf(move: Move, messages: BaseMessage[]): Iterable<AIMessageChunk> {
  if ('text' in move) for (const [word] of move.text.matchAll(/\S+\s*/g)) yield new AIMessageChunk(word);
  for (const [index, { id, name, args }] of callsOf(move, messages).entries()) {
    const json = JSON.stringify(args);
    const half = Math.ceil(json.length / 2);
    for (const fragment of [{ id, name, args: '' }, { args: json.slice(0, half) }, { args: json.slice(half) }])
      yield new AIMessageChunk({ content: '', tool_call_chunks: [{ ...fragment, index, type: 'tool_call_chunk' }] });
  }
  yield new AIMessageChunk({
    content: '',
    usage_metadata: usageOf(messages, move),
    response_metadata: { finish_reason: 'text' in move ? 'stop' : 'tool_calls' },
  });
}

/** The calls of a move with ids that are new in the conversation. */
function callsOf(move: Move, messages: readonly BaseMessage[]) {
  if ('text' in move) return [];
  let last = 0;
  for (const message of messages)
    if (isAIMessage(message))
      for (const { id } of message.tool_calls ?? [])
        last = Math.max(last, Number(/^call_(\d+)$/.exec(id ?? '')?.[1] ?? 0));
  return move.calls.map(({ tool, args }, index) => ({ id: `call_${last + index + 1}`, name: tool, args }));
}

/** Counts words for want of tokens. */
function usageOf(messages: readonly BaseMessage[], move: Move) {
  const input_tokens = messages.reduce((count, message) => count + message.text.split(/\s+/).length, 0);
  const output_tokens = 'text' in move ? move.text.split(/\s+/).length : move.calls.length;
  return { input_tokens, output_tokens, total_tokens: input_tokens + output_tokens };
}

function assertNotAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new EngineError('engine_aborted', 'the caller aborted', false, { cause: signal.reason });
}
