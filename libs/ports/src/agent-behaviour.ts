import { z } from 'zod';

const words = z.string().trim().min(1);

/** What an agent says and does by itself, beside its answers. */
export const agentBehaviourSchema = z.object({
  /** The first that is said in a session, word for word. */
  greeting: words.optional(),
});

/** What an agent says and does by itself. */
export type AgentBehaviour = z.output<typeof agentBehaviourSchema>;
/** What an agent may say of it. */
export type AgentBehaviourInput = z.input<typeof agentBehaviourSchema>;
