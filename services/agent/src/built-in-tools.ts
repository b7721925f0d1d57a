import { HANG_UP_TOOL, SEND_DIGITS_TOOL, defineTool, type AgentBehaviour, type ToolDefinition } from '@parley/ports';
import { z } from 'zod';

const tool = defineTool<unknown>();

const hangUp = tool({
  name: HANG_UP_TOOL,
  description:
    'Ends the call, when what you say in this reply has been heard. For the end of a conversation: say goodbye in the same reply.',
  args: z.object({}),
  idempotent: true,
  execute: () => ({ result: 'The call ends when this reply has been heard. Say goodbye, unless you have.' }),
});

const sendDigits = tool({
  name: SEND_DIGITS_TOOL,
  description:
    'Presses keys of a telephone, as for the menu of a machine that answers. They sound behind what you have said so far.',
  args: z.object({ digits: z.string().regex(/^[0-9A-D*#]{1,64}$/, 'only 0-9, A-D, * and #, at most 64') }),
  execute: () => ({ result: 'The keys sound behind what you have said so far.' }),
});

/** The tools that an agent has beside its own. */
export function builtInTools(behaviour: Pick<AgentBehaviour, 'hangUp' | 'sendDigits'>): ToolDefinition<unknown>[] {
  return [...(behaviour.hangUp ? [hangUp] : []), ...(behaviour.sendDigits ? [sendDigits] : [])];
}
