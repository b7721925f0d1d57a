import type { CallbackManagerForLLMRun } from '@langchain/core/callbacks/manager';
import { BaseChatModel } from '@langchain/core/language_models/chat_models';
import { AIMessageChunk, type BaseMessage } from '@langchain/core/messages';
import type { ChatGenerationChunk, ChatResult } from '@langchain/core/outputs';
import { ChatAnthropicMessages, type ChatAnthropicInput } from '@langchain/anthropic';
import { errorOfClient, guardAnswer, wholeAnswer } from '@parley/provider-kit';
import { withUserAtBothEnds } from './user-turns.js';

type Given = Parameters<ChatAnthropicMessages['_streamResponseChunks']>;

const words = {
  api_error: 'engine_unavailable',
  authentication_error: 'engine_auth',
  billing_error: 'engine_quota',
  invalid_request_error: 'engine_input',
  not_found_error: 'engine_settings',
  overloaded_error: 'engine_busy',
  permission_error: 'engine_auth',
  rate_limit_error: 'engine_rate_limited',
  request_too_large: 'engine_input',
  timeout_error: 'engine_timeout',
} as const;

/** An account without credit is told so in words alone, by the status of a bad request. */
const quotaText = /credit balance is too low/i;

/**
 * LangChain's chat model over Anthropic's messages API, with what a voice turn needs beside it: every failure is an
 * `EngineError`, an answer that falls silent or ends before its time is one too, and tokens are counted once.
 */
export class AnthropicChatModel extends ChatAnthropicMessages {
  constructor(
    fields: ChatAnthropicInput,
    private readonly answerTimeoutMs: number,
  ) {
    super(fields);
  }

  /** Streams in any case, so that whole answers, too, are given up only when nothing comes any more. */
  override async _generate(
    messages: BaseMessage[],
    options: this['ParsedCallOptions'],
    runManager?: CallbackManagerForLLMRun,
  ): Promise<ChatResult> {
    const whole = await wholeAnswer(this._streamResponseChunks(messages, options, runManager));
    return { generations: whole ? [whole] : [] };
  }

  override _streamResponseChunks(
    messages: BaseMessage[],
    options: this['ParsedCallOptions'],
    runManager?: CallbackManagerForLLMRun,
  ): AsyncGenerator<ChatGenerationChunk> {
    const conversation = withUserAtBothEnds(messages);
    const ask = (signal: AbortSignal) =>
      countOnce(super._streamResponseChunks(conversation, { ...options, signal }, runManager));
    return guardAnswer(ask, {
      provider: 'Anthropic',
      answerTimeoutMs: this.answerTimeoutMs,
      signal: options.signal,
      says: ({ message }) => message.content.length > 0,
      // The same event has the last of the usage; only `message_stop` follows it, which says nothing more.
      ends: ({ message }) => message.additional_kwargs.stop_reason != null,
      translate: (thrown) => errorOfClient(thrown, { provider: 'Anthropic', signal: options.signal, words, quotaText }),
    });
  }

  /** LangChain's own way to these events goes past the stream of chunks. */
  override _streamChatModelEvents(...given: Given) {
    return BaseChatModel.prototype._streamChatModelEvents.apply(this, given);
  }
}

/** The provider says how many tokens there are so far, and LangChain adds these counts up. */
async function* countOnce(chunks: AsyncIterable<ChatGenerationChunk>): AsyncGenerator<ChatGenerationChunk> {
  let counted = 0;
  for await (const chunk of chunks) {
    const usage = AIMessageChunk.isInstance(chunk.message) ? chunk.message.usage_metadata : undefined;
    if (usage) {
      const soFar = Math.max(counted, usage.output_tokens);
      usage.total_tokens += soFar - counted - usage.output_tokens;
      usage.output_tokens = soFar - counted;
      counted = soFar;
    }
    yield chunk;
  }
}
