import { AIMessage, AIMessageChunk, HumanMessage, type BaseMessage } from '@langchain/core/messages';

const GO_ON =
  'Your last message was cut off where it ends, and all of it was heard. Go on exactly there: write only what is ' +
  'missing, repeat nothing of it, and do not mention that it was cut off.';

/**
 * The conversation for a model that is to go on with what another one has said. It ends with the user's words: not every
 * provider lets a model go on with a message of its own.
 */
export function withSaid(messages: readonly BaseMessage[], said: string): BaseMessage[] {
  return said === '' ? [...messages] : [...messages, new AIMessage(said), new HumanMessage(GO_ON)];
}

/**
 * A chunk of another model as a part of an answer that has begun. What vendors add of their own is left out, since it
 * does not go together; a model that was told to go on begins with a word as a rule, and leaves out the space before it.
 */
export function continuing(chunk: AIMessageChunk, said: string, isFirst: boolean): AIMessageChunk {
  const { text, tool_call_chunks, usage_metadata } = chunk;
  const space = isFirst && /\S$/u.test(said) && /^[\p{L}\p{N}]/u.test(text) ? ' ' : '';
  return new AIMessageChunk({ content: space + text, tool_call_chunks, usage_metadata });
}
