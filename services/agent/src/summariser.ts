import type { BaseChatModel } from '@langchain/core/language_models/chat_models';
import { HumanMessage, SystemMessage, type AIMessageChunk } from '@langchain/core/messages';
import { EngineError } from '@parley/ports';
import type { HistoryTurn } from '@parley/session-log';

/** The longest summary that is kept. */
export const MAX_SUMMARY_CHARS = 4000;

const TASK =
  'You keep the memory of an agent that talks to a caller. Write down in at most 200 words what the agent must still know of ' +
  'the conversation below: what the caller wants and has said of itself, what was agreed, done and answered, and what is ' +
  'still open. Plain sentences, names and numbers exactly as they are. Write nothing else.';

/**
 * Has a model summarise turns.
 * @param before what was summarised earlier
 * @throws {EngineError} the model's own, or `engine_protocol` when it writes nothing
 */
export async function summarise(
  model: BaseChatModel,
  before: string | undefined,
  turns: readonly HistoryTurn[],
  signal: AbortSignal,
): Promise<string> {
  const said = [...(before ? [`Earlier: ${before}`] : []), ...turns.map(transcriptOf)].join('\n');
  let text = '';
  for await (const chunk of await model.stream([new SystemMessage(TASK), new HumanMessage(said)], { signal }))
    text += (chunk as AIMessageChunk).text;
  signal.throwIfAborted();
  if (text.trim() === '') throw new EngineError('engine_protocol', 'the language model summarised nothing', true);
  return text.trim().slice(0, MAX_SUMMARY_CHARS);
}

function transcriptOf({ userText, replyText, toolCalls, interrupted }: HistoryTurn): string {
  const calls = toolCalls.map(
    ({ tool, args, returned }) => `Tool ${tool} ${JSON.stringify(args)}: ${JSON.stringify(returned?.result ?? null)}`,
  );
  const reply = replyText.trim() && `Agent: ${replyText.trim()}${interrupted ? ' (interrupted)' : ''}`;
  return [userText && `Caller: ${userText}`, ...calls, reply].filter(Boolean).join('\n');
}
