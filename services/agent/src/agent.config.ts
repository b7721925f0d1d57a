import { chainEnv, languageModelProviderEnv, readChain } from '@parley/engines';
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
    LLM_ENGINE: chainEnv('llm').optional().meta({
      description:
        'Language models in the order in which they are tried (docs/providers.md); openai when OPENAI_API_KEY is set, else local',
      example: 'openai > anthropic',
    }),
    LLM_MODEL: z
      .string()
      .optional()
      .meta({ description: 'Model of the first of them, where LLM_SETTINGS does not say it', example: 'gpt-4.1-mini' }),
    ...languageModelProviderEnv,
    REPLY_TIMEOUT_MS: timeout(30_000).meta({ description: "Longest time for a reply's text, tools included" }),
    TOOL_TIMEOUT_MS: timeout(10_000).meta({ description: 'Longest time for one tool call' }),
    LANGSMITH_TRACING: envFlag().default(false).meta({
      description: 'LangSmith follows the runs of the graph, as its own variables say; a reply costs more then',
    }),
    SCRIPTED_LLM_FIRST_TOKEN_MS: pause(0).meta({ description: "Scripted model's time to first token" }),
    SCRIPTED_LLM_TOKEN_MS: pause(0).meta({ description: "Scripted model's time for each further token" }),
  })
  .transform((env, context) => {
    const engine = env.LLM_ENGINE ?? (env.OPENAI_API_KEY ? 'openai' : 'local');
    const [first = ''] = engine.split('>').map((name) => name.trim());
    const named = env.LLM_MODEL && first !== 'local' && first !== 'scripted' ? { model: env.LLM_MODEL } : {};
    const ofFirst = { ...named, ...env.LLM_SETTINGS[first] };
    const settings = Object.keys(ofFirst).length > 0 ? { ...env.LLM_SETTINGS, [first]: ofFirst } : env.LLM_SETTINGS;
    const read = readChain('llm', 'LLM_ENGINE', engine, settings, env);
    if ('chain' in read) return { ...env, LLM_ENGINE: engine, LLM_CHAIN: read.chain };
    for (const { name, message } of read.problems) context.addIssue({ code: 'custom', path: [name], message });
    return z.NEVER;
  });

/** Settings of the agent stage. */
export type AgentConfig = Readonly<z.output<typeof agentEnv>>;

/** Reads the settings. @throws {ConfigError} `config_invalid` */
export function loadAgentConfig(env: Environment = process.env): AgentConfig {
  return parseEnv(agentEnv, env);
}
