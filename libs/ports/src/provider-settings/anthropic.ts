import { z } from 'zod';

/** Settings of Anthropic's chat models. */
export const anthropicSettings = z.strictObject({
  model: z.string().min(1).default('claude-haiku-4-5').meta({ description: 'Chat model.' }),
  temperature: z.number().min(0).max(1).optional().meta({
    description: 'How freely it is worded, from 0 to 1; 1 when absent. Models that always think take no other than 1.',
  }),
  maxTokens: z.int().min(1).default(4096).meta({
    description: 'Most tokens of one answer, those of thinking included. The provider has no default.',
  }),
  thinking: z.enum(['disabled', 'adaptive']).optional().meta({
    description: "Whether the model thinks before it answers; the model's own default when absent.",
  }),
  effort: z.enum(['low', 'medium', 'high', 'xhigh', 'max']).optional().meta({
    description: 'How much the model takes upon itself for an answer, of models that can be told; `high` when absent.',
  }),
});

/** As the adapter takes them. */
export type AnthropicSettings = z.output<typeof anthropicSettings>;
