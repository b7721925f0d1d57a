import type { ToolDefinition } from '@parley/ports';
import type { ConversationRun } from './conversation-run.js';

/** How long a tool takes until its filler is said, where it does not say. */
export const DEFAULT_FILLER_AFTER_MS = 1200;

/**
 * Says a tool's filler once, when the tool takes long.
 * @returns a function that ends the waiting and gives the text that was added to the reply
 */
export function fillWhileCalling(
  run: ConversationRun,
  callId: string,
  tool: ToolDefinition<unknown> | undefined,
): () => string {
  const { filler, fillerAfterMs = DEFAULT_FILLER_AFTER_MS } = tool ?? {};
  if (filler === undefined) return () => '';
  let said = '';
  const timer = setTimeout(() => {
    if (!run.failure) said = run.fill(callId, filler);
  }, fillerAfterMs);
  return () => {
    clearTimeout(timer);
    return said;
  };
}
