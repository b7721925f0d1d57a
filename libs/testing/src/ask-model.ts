import type { BaseChatModel, BindToolsInput } from '@langchain/core/language_models/chat_models';
import type { AIMessageChunk, BaseMessage } from '@langchain/core/messages';
import { concat } from '@langchain/core/utils/stream';

/** How a model is asked. */
export interface AskOptions {
  tools?: BindToolsInput[];
  signal?: AbortSignal;
  /** Told of every word as it comes. */
  onWord?(word: string): void;
}

/** Streams an answer to its end: its words as they came, and all of it in one. */
export async function askModel(
  model: BaseChatModel,
  messages: BaseMessage[] | string,
  { tools, signal, onWord }: AskOptions = {},
): Promise<{ words: string[]; whole: AIMessageChunk | undefined }> {
  const answering = tools && model.bindTools ? model.bindTools(tools) : model;
  const words: string[] = [];
  let whole: AIMessageChunk | undefined;
  for await (const message of await answering.stream(messages, { signal })) {
    const chunk = message as AIMessageChunk;
    if (chunk.text !== '') {
      words.push(chunk.text);
      onWord?.(chunk.text);
    }
    whole = whole ? concat(whole, chunk) : chunk;
  }
  return { words, whole };
}
