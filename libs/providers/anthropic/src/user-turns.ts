import { AIMessage, HumanMessage, type BaseMessage } from '@langchain/core/messages';

/** Stands where nobody has said anything. */
export const SILENCE = '(silence)';

/**
 * The conversation as the provider takes it: from something of the user to something of the user. Agents speak first or
 * unasked, and it refuses conversations that end with the model's words.
 */
export function withUserAtBothEnds(messages: readonly BaseMessage[]): BaseMessage[] {
  const conversation = [...messages];
  const first = conversation.findIndex((message) => message.getType() !== 'system');
  const silence = () => new HumanMessage(SILENCE);
  if (first === -1) return [...conversation, silence()];
  if (AIMessage.isInstance(conversation[first])) conversation.splice(first, 0, silence());
  if (AIMessage.isInstance(conversation.at(-1))) conversation.push(silence());
  return conversation;
}
