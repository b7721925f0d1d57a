import type { CallbackManagerForLLMRun } from '@langchain/core/callbacks/manager';
import type { BaseLanguageModelInput } from '@langchain/core/language_models/base';
import { BaseChatModel, type BindToolsInput } from '@langchain/core/language_models/chat_models';
import { AIMessageChunk, type BaseMessage, type UsageMetadata } from '@langchain/core/messages';
import { ChatGenerationChunk, type ChatResult } from '@langchain/core/outputs';
import type { Runnable } from '@langchain/core/runnables';
import { systemClock, wait } from './clock.js';
import type { ScriptedCallOptions } from './scripted-chat-model.js';

/** One thing that a {@link SteppedChatModel} does. */
export type ModelStep =
  /** Says this, as one token. */
  | string
  | { waitMs: number }
  /** A piece of a tool call; the first one has its id and name. */
  | { call: { index: number; id?: string; name?: string; args?: string } }
  | { usage: UsageMetadata }
  /** Fails with it. */
  | Error;

/** Something that a {@link SteppedChatModel} was asked. */
export interface ModelAsked {
  messages: BaseMessage[];
  tools: BindToolsInput[];
  /** Whether whoever asked did not want the answer any more. */
  wasAborted: boolean;
}

/** A chat model that answers step by step: each answer by the next list, and the last one again and again. */
export class SteppedChatModel extends BaseChatModel<ScriptedCallOptions> {
  /** What it was asked, oldest first. */
  readonly asked: ModelAsked[] = [];

  constructor(private readonly answers: readonly (readonly ModelStep[])[]) {
    super({ maxRetries: 0 });
  }

  override _llmType(): string {
    return 'stepped';
  }

  override bindTools(
    tools: BindToolsInput[],
    kwargs?: Partial<ScriptedCallOptions>,
  ): Runnable<BaseLanguageModelInput, AIMessageChunk, ScriptedCallOptions> {
    return this.withConfig({ ...kwargs, tools });
  }

  override async *_streamResponseChunks(
    messages: BaseMessage[],
    { signal, tools = [] }: this['ParsedCallOptions'],
    runManager?: CallbackManagerForLLMRun,
  ): AsyncGenerator<ChatGenerationChunk> {
    const steps = this.answers[Math.min(this.asked.length, this.answers.length - 1)] ?? [];
    const asked: ModelAsked = { messages, tools, wasAborted: signal?.aborted === true };
    signal?.addEventListener('abort', () => (asked.wasAborted = true), { once: true });
    this.asked.push(asked);
    for (const step of steps) {
      if (step instanceof Error) throw step;
      if (typeof step === 'object' && 'waitMs' in step) {
        await wait(systemClock, step.waitMs, signal);
        continue;
      }
      const message = messageOf(step);
      yield new ChatGenerationChunk({ text: message.text, message });
      await runManager?.handleLLMNewToken(message.text);
    }
  }

  override async _generate(messages: BaseMessage[], options: this['ParsedCallOptions']): Promise<ChatResult> {
    let whole: ChatGenerationChunk | undefined;
    for await (const chunk of this._streamResponseChunks(messages, options))
      whole = whole ? whole.concat(chunk) : chunk;
    return { generations: whole ? [whole] : [] };
  }
}

function messageOf(step: Exclude<ModelStep, Error | { waitMs: number }>): AIMessageChunk {
  if (typeof step === 'string') return new AIMessageChunk({ content: step });
  if ('usage' in step) return new AIMessageChunk({ content: '', usage_metadata: step.usage });
  return new AIMessageChunk({ content: '', tool_call_chunks: [{ type: 'tool_call_chunk', ...step.call }] });
}
