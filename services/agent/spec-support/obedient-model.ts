import { HumanMessage, ToolMessage, type BaseMessage } from '@langchain/core/messages';
import { EngineError, type LanguageModel } from '@parley/ports';
import { createScriptedModel, type Clock, type ScriptedReply } from '@parley/testing/engines';

/**
 * A model that does what the user tells it in so many words: text is said, `[add 2]` calls the tool `add` with `n` 2,
 * and `[fail]` fails. "Let me see. [add 2] Done." says the first sentence, calls, and says the last one when the tool
 * has returned; calls side by side are made in one answer. What it answers follows from what it is sent alone.
 */
export function obedientModel(
  onAsked: (messages: BaseMessage[]) => void,
  pace: { tokenMs?: number; clock?: Clock } = {},
): LanguageModel {
  return createScriptedModel({
    firstTokenMs: 0,
    tokenMs: 0,
    ...pace,
    answer: (messages) => {
      onAsked(messages);
      return obey(messages);
    },
  });
}

/** Messages as they read, without the system prompt: who, and what. */
export function readable(messages: readonly BaseMessage[]): string[] {
  return messages.slice(1).map((message) => `${message.getType()}: ${message.text}`);
}

function obey(messages: BaseMessage[]): ScriptedReply {
  const asked = messages.findLastIndex((message) => HumanMessage.isInstance(message));
  const steps = (messages[asked]?.text ?? '').split(/(\[[^\]]*\])/).map((step) => step.trim());
  let returned = messages.slice(asked + 1).filter((message) => ToolMessage.isInstance(message)).length;
  const reply: { text: string; calls: { tool: string; args: Record<string, unknown> }[] } = { text: '', calls: [] };
  for (const step of steps.filter(Boolean)) {
    const [, tool, n] = /^\[(\w+) ?(\d*)\]$/.exec(step) ?? [];
    if (tool && returned > 0) {
      returned--;
      reply.text = '';
    } else if (tool === 'fail') throw new EngineError('engine_unavailable', 'told to fail', true);
    else if (tool) reply.calls.push({ tool, args: n ? { n: Number(n) } : {} });
    else if (reply.calls.length > 0) break;
    else reply.text = step;
  }
  return reply;
}
