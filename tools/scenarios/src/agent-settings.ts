import { endpointingSchema, interruptionSchema } from '@parley/contracts';
import { agentBehaviourSchema } from '@parley/ports';
import { z } from 'zod';

const ms = z.number().int().nonnegative();
const text = z.string().min(1);

/** What a scenario says of its agent, in the words of `AgentDefinition`. */
export const agentSettingsSchema = z.strictObject({
  /** An agent of the examples, with its tools; without it the agent says what `answers` has. */
  like: z.enum(['sandwich-shop']).optional(),
  endpointing: endpointingSchema.strict().optional(),
  interruption: interruptionSchema.strict().optional(),
  keyTerms: z.array(text).optional(),
  voice: text.optional(),
  speakers: z.record(text, text).optional(),
  ...agentBehaviourSchema.shape,
  preemptive: z.boolean().optional(),
  uninterruptible: z.array(z.string()).optional(),
});

/** What the agent's model answers to words that fit; the first that fits counts. */
export const answerSchema = z.strictObject({
  /** A regular expression, tried on what the caller said last. */
  to: text.refine(isRegularExpression, 'not a regular expression'),
  /** A template: `{text}` is what the caller said, `{1}` a group of `to`. */
  says: text.optional(),
  calls: z.array(z.strictObject({ tool: text, args: z.record(z.string(), z.unknown()).default({}) })).optional(),
  /** Said when the tools have returned; `{result}` is what they answered. */
  then: text.optional(),
  /** The model fails with this code. */
  fails: z.enum(['engine_unavailable', 'engine_timeout', 'engine_busy', 'engine_protocol', 'engine_input']).optional(),
  /** Until the model's first word. */
  thinks_ms: ms.optional(),
  /** Between two words of the model. */
  word_ms: ms.optional(),
});

/** How a tool of the agent behaves. */
export const toolSchema = z.strictObject({
  takes_ms: ms.default(0),
  answers: z.unknown().optional(),
  /** It throws an error with this message. */
  fails: text.optional(),
  idempotent: z.boolean().optional(),
  onInterruption: z.enum(['cancel', 'finish']).optional(),
  filler: text.optional(),
});

/** Name of a tool as models take it. */
export const toolNameSchema = z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/u, 'not the name of a tool');

/** What the agent's model answers. */
export type Answer = z.output<typeof answerSchema>;
/** How a tool behaves. */
export type ScenarioTool = z.output<typeof toolSchema>;
/** What a scenario says of its agent. */
export type AgentSettings = z.output<typeof agentSettingsSchema>;

function isRegularExpression(source: string): boolean {
  try {
    new RegExp(source, 'iu');
    return true;
  } catch {
    return false;
  }
}
