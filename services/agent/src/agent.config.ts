import { stageEnv } from '@parley/stage-kit';
import { envFlag, parseEnv, type Environment } from '@parley/telemetry';
import { z } from 'zod';

/** What a timer can wait; longer ones fire at once. */
const MAX_TIMER_MS = 2_147_483_647;
const pause = (fallback: number) => z.coerce.number().int().min(0).max(MAX_TIMER_MS).default(fallback);
const timeout = (fallback: number) => z.coerce.number().int().min(1).max(MAX_TIMER_MS).default(fallback);

/** Variables of the agent stage. */
export const agentEnv = z
  .object({
    ...stageEnv,
    PORT: z.coerce.number().int().min(0).max(65_535).default(8082).meta({ description: 'Port of health and metrics' }),
    AGENT_MODULES: z.string().default('@parley/example-sandwich-shop').meta({
      description: 'Packages or files whose exports are agents, with commas; each agent is known by its name',
    }),
    LLM_ENGINE: z
      .enum(['local', 'openai', 'scripted'])
      .optional()
      .meta({ description: 'Language model; openai when OPENAI_API_KEY is set, else local' }),
    LLM_MODEL: z.string().optional().meta({ description: "Model's name", example: 'gpt-4.1-mini' }),
    OPENAI_API_KEY: z
      .string()
      .min(1)
      .optional()
      .meta({ description: 'Key of OpenAI or a compatible server', secret: true }),
    OPENAI_BASE_URL: z
      .url()
      .optional()
      .meta({ description: 'An OpenAI-compatible server', example: 'http://localhost:11434/v1' }),
    REPLY_TIMEOUT_MS: timeout(30_000).meta({ description: "Longest time for a reply's text, tools included" }),
    TOOL_TIMEOUT_MS: timeout(10_000).meta({ description: 'Longest time for one tool call' }),
    LANGSMITH_TRACING: envFlag().default(false).meta({
      description: 'LangSmith follows the runs of the graph, as its own variables say; a reply costs more then',
    }),
    SCRIPTED_LLM_FIRST_TOKEN_MS: pause(0).meta({ description: "Scripted model's time to first token" }),
    SCRIPTED_LLM_TOKEN_MS: pause(0).meta({ description: "Scripted model's time for each further token" }),
  })
  .transform((env) => ({
    ...env,
    LLM_ENGINE: env.LLM_ENGINE ?? (env.OPENAI_API_KEY ? ('openai' as const) : ('local' as const)),
  }))
  .refine((env) => env.LLM_ENGINE !== 'openai' || env.OPENAI_API_KEY, {
    path: ['OPENAI_API_KEY'],
    message: 'is required for LLM_ENGINE=openai',
  });

/** Settings of the agent stage. */
export type AgentConfig = Readonly<z.output<typeof agentEnv>>;

/** Reads the settings. @throws {ConfigError} `config_invalid` */
export function loadAgentConfig(env: Environment = process.env): AgentConfig {
  return parseEnv(agentEnv, env);
}
