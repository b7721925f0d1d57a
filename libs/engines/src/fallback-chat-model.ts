import type { CallbackManagerForLLMRun } from '@langchain/core/callbacks/manager';
import type { BaseLanguageModelInput } from '@langchain/core/language_models/base';
import {
  BaseChatModel,
  type BaseChatModelCallOptions,
  type BindToolsInput,
} from '@langchain/core/language_models/chat_models';
import type { AIMessageChunk, BaseMessage } from '@langchain/core/messages';
import { ChatGenerationChunk, type ChatResult } from '@langchain/core/outputs';
import type { Runnable } from '@langchain/core/runnables';
import { EngineError } from '@parley/ports';
import { FallbackAnswer, type AskModel } from './fallback-answer.js';
import type { FallbackEntry, FallbackOptions } from './fallback-options.js';

/** Settings of one call. */
export interface FallbackCallOptions extends BaseChatModelCallOptions {
  tools?: BindToolsInput[];
}

/**
 * A chat model made of several. They are asked in their order, those that are not healthy left out unless all are. One
 * that fails before it has said anything is replaced by the next. One that fails in the middle is, too, unless it has
 * begun a tool call: the next is given what was said so far, since the caller has heard it, and goes on there. With
 * `hedgeAfterMs` a second model is asked when the first word is late, and whichever begins first answers.
 *
 * Tools that are bound reach every model. Usage is that of all models whose answer was handed on.
 */
export class FallbackChatModel extends BaseChatModel<FallbackCallOptions> {
  /** @throws {EngineError} `engine_settings` without any entry */
  constructor(private readonly chain: FallbackOptions) {
    super({ maxRetries: 0 });
    if (chain.entries.length === 0)
      throw new EngineError('engine_settings', 'there is no language model to ask', false);
  }

  override _llmType(): string {
    return 'fallback';
  }

  /** @throws {EngineError} `engine_settings` when one of the models cannot call tools */
  override bindTools(
    tools: BindToolsInput[],
    kwargs?: Partial<FallbackCallOptions>,
  ): Runnable<BaseLanguageModelInput, AIMessageChunk, FallbackCallOptions> {
    const without = this.chain.entries.find(({ model }) => !model.bindTools);
    if (without) throw new EngineError('engine_settings', `${without.provider}: the model cannot call tools`, false);
    return this.withConfig({ ...kwargs, tools });
  }

  override async *_streamResponseChunks(
    messages: BaseMessage[],
    options: this['ParsedCallOptions'],
    runManager?: CallbackManagerForLLMRun,
  ): AsyncGenerator<ChatGenerationChunk> {
    const { tools, signal, ...rest } = options;
    const ask: AskModel = (entry, conversation, cancelled) => {
      // Whoever listens is told by this model alone, and of nothing that is thrown away.
      const config = { ...rest, signal: cancelled, callbacks: [] };
      return withTools(entry, tools, rest).stream(conversation, config);
    };
    for await (const message of new FallbackAnswer(this.chain, messages, ask, signal).chunks()) {
      const chunk = new ChatGenerationChunk({ text: message.text, message });
      yield chunk;
      const index = { prompt: 0, completion: 0 };
      await runManager?.handleLLMNewToken(chunk.text, index, undefined, undefined, undefined, { chunk });
    }
  }

  override async _generate(
    messages: BaseMessage[],
    options: this['ParsedCallOptions'],
    runManager?: CallbackManagerForLLMRun,
  ): Promise<ChatResult> {
    let whole: ChatGenerationChunk | undefined;
    for await (const chunk of this._streamResponseChunks(messages, options, runManager))
      whole = whole ? whole.concat(chunk) : chunk;
    return { generations: whole ? [whole] : [] };
  }
}

type Answering = Runnable<BaseLanguageModelInput, AIMessageChunk>;

/** Bound for each answer: models put tools into their own form, which is not worth keeping for every kind. */
function withTools({ model }: FallbackEntry, tools: BindToolsInput[] | undefined, rest: object): Answering {
  return tools && model.bindTools ? model.bindTools(tools, rest) : model;
}
