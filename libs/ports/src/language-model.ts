import type { BaseChatModel } from '@langchain/core/language_models/chat_models';

/** What a language model can do. */
export interface LanguageModelCapabilities {
  readonly streaming: boolean;
  readonly tools: boolean;
  /** Writes a summary when it is told to. @defaultValue true */
  readonly summaries?: boolean;
}

/** Settings of the model for one agent. */
export interface LanguageModelSettings {
  model?: string;
  /** 0 to 2. */
  temperature?: number;
  maxTokens?: number;
}

/** A source of chat models. The agent stage runs them inside LangGraph, but for summaries. */
export interface LanguageModel {
  readonly name: string;
  readonly capabilities: LanguageModelCapabilities;
  /**
   * Makes a LangChain chat model that streams and can bind tools. It must not retry by itself.
   * @throws {EngineError} `engine_settings`
   */
  createChatModel(settings: LanguageModelSettings): BaseChatModel;
}
