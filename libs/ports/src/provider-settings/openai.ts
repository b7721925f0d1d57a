import { z } from 'zod';

/** Settings of OpenAI's chat models, and of services that speak their protocol. */
export const openAiSettings = z.strictObject({
  model: z.string().min(1).default('gpt-4.1-mini').meta({ description: 'Chat model.' }),
  temperature: z.number().min(0).max(2).optional().meta({
    description: 'How freely it is worded, from 0 to 2; 1 when absent. Reasoning models take no other than 1.',
  }),
  maxTokens: z.int().min(1).optional().meta({
    description: 'Most tokens of one answer, those of reasoning included; as many as the model can write when absent.',
  }),
  reasoningEffort: z.enum(['none', 'minimal', 'low', 'medium', 'high', 'xhigh']).optional().meta({
    description: "How much a reasoning model thinks before it answers; the model's own default when absent.",
  }),
  serviceTier: z.enum(['auto', 'default', 'flex', 'priority']).optional().meta({
    description: 'Paid for by the speed of its answers: `priority` is the fastest; that of the project when absent.',
  }),
});

/** As the adapter takes them. */
export type OpenAiSettings = z.output<typeof openAiSettings>;
