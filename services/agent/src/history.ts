import type { ConversationHistory } from './conversation-turns.js';
import type { TurnState } from '@parley/session-log';

/** The conversation as the session's log tells it: what a new owner's model goes on from. */
export function conversationHistory(state: TurnState): ConversationHistory {
  return {
    turns: state.history.map(({ reply, userText, replyText, interrupted, toolCalls }) => ({
      reply,
      userText,
      replyText,
      interrupted,
      toolCalls: toolCalls.flatMap(({ callId, tool, args, returned }) =>
        returned ? [{ callId, tool, args, ok: returned.ok, result: returned.result }] : [],
      ),
    })),
    ...(state.summary?.text && { summary: state.summary.text }),
    ...(state.toolState !== undefined && { state: state.toolState }),
  };
}
