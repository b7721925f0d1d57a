import { z } from 'zod';
import { openAiSettings } from './openai.js';

/** Settings of a chat model that Azure serves for OpenAI. */
export const azureOpenAiSettings = z.strictObject({
  endpoint: z
    .url({ protocol: /^https?$/ })
    .optional()
    .meta({ description: 'Of the resource, `https://<name>.openai.azure.com`, where the base URL does not say it.' }),
  deployment: z.string().min(1).meta({ description: 'What the deployment of the model is called.' }),
  apiVersion: z
    .string()
    .regex(/^(v1|\d{4}-\d{2}-\d{2}(-preview)?)$/, 'is neither v1 nor a date')
    .default('2024-10-21')
    .meta({
      description:
        'Of the API for deployments, a date such as `2024-10-21`, or `v1` for the API that has no versions. ' +
        'Reasoning effort needs `2024-12-01-preview` or later, or `v1`.',
    }),
  model: z.string().min(1).optional().meta({
    description: 'Which model is deployed: reasoning models take other parameters. Told by the name of the deployment when absent.', // prettier-ignore
  }),
  temperature: openAiSettings.shape.temperature,
  maxTokens: openAiSettings.shape.maxTokens,
  reasoningEffort: openAiSettings.shape.reasoningEffort,
});

/** As the adapter takes them. */
export type AzureOpenAiSettings = z.output<typeof azureOpenAiSettings>;
