import type { CallbackManagerForLLMRun } from '@langchain/core/callbacks/manager';
import { BaseChatModel } from '@langchain/core/language_models/chat_models';
import { AIMessageChunk, type BaseMessage } from '@langchain/core/messages';
import type { ChatGenerationChunk, ChatResult } from '@langchain/core/outputs';
import { AzureChatOpenAICompletions, ChatOpenAICompletions } from '@langchain/openai';
import { EngineError } from '@parley/ports';
import { guardAnswer, wholeAnswer } from '@parley/provider-kit';
import { toEngineError } from './translate-error.js';

type Completions = ChatOpenAICompletions;
type Messages = Parameters<Completions['_streamResponseChunks']>;

/** LangChain's chat model over OpenAI's own API or a compatible one. `timeout` is the deadline of each gap, in ms. */
export class OpenAiChatModel extends forVoiceTurns(ChatOpenAICompletions, 'OpenAI') {}

/** LangChain's chat model over a deployment on Azure. `timeout` is the deadline of each gap, in ms. */
export class AzureChatModel extends forVoiceTurns(AzureChatOpenAICompletions, 'Azure OpenAI') {}

/** Over Azure's API without versions, where the model's place in the request is the deployment's. */
export class AzureV1ChatModel extends forVoiceTurns(ChatOpenAICompletions, 'Azure OpenAI') {
  constructor(
    private readonly deployment: string,
    fields: ConstructorParameters<typeof ChatOpenAICompletions>[0],
  ) {
    super(fields);
  }

  override invocationParams(...given: Parameters<Completions['invocationParams']>) {
    return { ...super.invocationParams(...given), model: this.deployment };
  }
}

/**
 * What a voice turn needs beside the model: every failure is an `EngineError`, an answer that falls silent or ends before
 * its time is one too, and services that leave out the role are understood.
 */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- what TypeScript asks of a mixin
function forVoiceTurns<Model extends new (...fields: any[]) => Completions>(Model: Model, provider: string) {
  return class extends Model {
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
      const ask = (signal: AbortSignal) => super._streamResponseChunks(messages, { ...options, signal }, runManager);
      return guardAnswer(ask, {
        provider,
        answerTimeoutMs: this.timeout ?? 0,
        signal: options.signal,
        says: ({ message }) => message.content.length > 0 || hasToolCall(message),
        ends: ({ generationInfo }) => generationInfo?.finish_reason != null,
        translate: (thrown) => toEngineError(thrown, options.signal, provider),
      });
    }

    /** LangChain's own way to these events goes past the stream of chunks. */
    override _streamChatModelEvents(...given: Messages) {
      return BaseChatModel.prototype._streamChatModelEvents.apply(this, given);
    }

    /** Without a role in the first delta LangChain makes a message of no kind, and loses its tool calls. */
    protected override _convertCompletionsDeltaToBaseMessageChunk(
      ...[delta, raw, role]: Parameters<Completions['_convertCompletionsDeltaToBaseMessageChunk']>
    ) {
      // LangChain would print that it cannot read this.
      if (delta.content != null && typeof delta.content !== 'string')
        throw new EngineError('engine_protocol', `${provider}: the text of the answer is none`, true);
      return super._convertCompletionsDeltaToBaseMessageChunk(delta, raw, role ?? 'assistant');
    }
  };
}

function hasToolCall(message: BaseMessage): boolean {
  return AIMessageChunk.isInstance(message) && (message.tool_call_chunks?.length ?? 0) > 0;
}
