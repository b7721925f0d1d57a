import type { CallbackManagerForLLMRun } from '@langchain/core/callbacks/manager';
import type { BaseMessage } from '@langchain/core/messages';
import type { ChatGenerationChunk, ChatResult } from '@langchain/core/outputs';
import { ChatOpenAICompletions } from '@langchain/openai';
import { EngineError } from '@parley/ports';
import { toEngineError } from './translate-error.js';

type Completions = ChatOpenAICompletions;

/**
 * LangChain's chat model over the chat completions API, with what a voice turn needs beside it: every failure is
 * an `EngineError`, an answer that ends before its time is one too, and services that leave out the role are understood.
 */
export class OpenAiChatModel extends ChatOpenAICompletions {
  override async _generate(
    messages: BaseMessage[],
    options: this['ParsedCallOptions'],
    runManager?: CallbackManagerForLLMRun,
  ): Promise<ChatResult> {
    try {
      return await super._generate(messages, options, runManager);
    } catch (thrown) {
      throw toEngineError(thrown, options.signal);
    }
  }

  override async *_streamResponseChunks(
    messages: BaseMessage[],
    options: this['ParsedCallOptions'],
    runManager?: CallbackManagerForLLMRun,
  ): AsyncGenerator<ChatGenerationChunk> {
    let finished = false;
    try {
      for await (const chunk of super._streamResponseChunks(messages, options, runManager)) {
        finished ||= chunk.generationInfo?.finish_reason != null;
        yield chunk;
      }
    } catch (thrown) {
      throw toEngineError(thrown, options.signal);
    }
    // The client ends quietly when the connection closes in the middle of an answer.
    if (!finished) throw new EngineError('engine_protocol', 'OpenAI: the answer ended before it was finished', true);
  }

  /** Without a role in the first delta LangChain makes a message of no kind, and loses its tool calls. */
  protected override _convertCompletionsDeltaToBaseMessageChunk(
    ...[delta, raw, role]: Parameters<Completions['_convertCompletionsDeltaToBaseMessageChunk']>
  ) {
    return super._convertCompletionsDeltaToBaseMessageChunk(delta, raw, role ?? 'assistant');
  }
}
