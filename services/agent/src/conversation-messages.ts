import { AIMessage, HumanMessage, SystemMessage, ToolMessage, type BaseMessage } from '@langchain/core/messages';
import type { Turn } from './conversation-turns.js';
import { speakersNote } from './speaker-marks.js';

/** Ends a reply that the caller did not hear all of. */
export const CUT_OFF_MARK = '—';

const CUT_OFF_NOTE =
  `When one of your earlier messages ends with "${CUT_OFF_MARK}", the caller interrupted you there: ` +
  `they did not hear anything beyond it. Never write "${CUT_OFF_MARK}" at the end of a message yourself.`;

const SUMMARY_NOTE = 'What was said in this conversation before the messages below, in short: ';

/**
 * The system prompt for an agent's instructions.
 * @param speakers whom the agent may let speak
 */
export function systemMessageOf(instructions: string, speakers: readonly string[] = []): SystemMessage {
  return new SystemMessage([instructions, speakersNote(speakers), CUT_OFF_NOTE].filter(Boolean).join('\n\n'));
}

/**
 * What the model is sent: the system prompt with a summary of what is not shown, then the turns. Valid for any vendor: every tool call has its
 * result right behind it, and every turn but the last ends with a message of the assistant.
 */
export function messagesOf(system: SystemMessage, turns: readonly Turn[], summary = ''): BaseMessage[] {
  const messages: BaseMessage[] = [summary ? new SystemMessage(`${system.text}\n\n${SUMMARY_NOTE}${summary}`) : system];
  for (const [index, turn] of turns.entries()) pushTurn(messages, turn, index === turns.length - 1);
  return messages;
}

function pushTurn(messages: BaseMessage[], { userText, rounds, interrupted }: Turn, isLast: boolean): void {
  if (userText !== '') messages.push(new HumanMessage(userText));
  let spoken = '';
  for (const { text, calls } of rounds) {
    const returned = calls.filter(({ ok }) => ok !== undefined);
    if (returned.length === 0) {
      spoken += text;
      continue;
    }
    const tool_calls = returned.map(({ callId, tool, args }) => ({ id: callId, name: tool, args }));
    messages.push(new AIMessage({ content: spoken + text, tool_calls }));
    spoken = '';
    for (const { callId, tool, ok, result } of returned)
      messages.push(
        new ToolMessage({
          content: JSON.stringify(result ?? null),
          tool_call_id: callId,
          name: tool,
          status: ok ? 'success' : 'error',
        }),
      );
  }
  // Begun unasked, and nothing of it was heard.
  if (userText === '' && rounds.every(({ calls }) => calls.length === 0) && spoken.trim() === '') return;
  const cutOff = interrupted || (!isLast && spoken.trim() === '');
  if (cutOff) messages.push(new AIMessage(`${spoken.trim()} ${CUT_OFF_MARK}`.trim()));
  else if (spoken !== '') messages.push(new AIMessage(spoken));
}
