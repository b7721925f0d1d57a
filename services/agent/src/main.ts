import { createModelMetrics } from '@parley/engines';
import { runStage } from '@parley/stage-kit';
import { loadAgents } from './agent-catalog.js';
import { AgentLogic } from './agent.logic.js';
import { loadAgentConfig } from './agent.config.js';
import { createLanguageModels } from './engines.js';
import { leaveOutGraphContext } from './graph-context.js';

await runStage(() => {
  const config = loadAgentConfig();
  if (!config.LANGSMITH_TRACING) leaveOutGraphContext();
  return {
    stage: 'agent',
    config,
    logic: async (log, metrics) => {
      const modules = config.AGENT_MODULES.split(',')
        .map((specifier) => specifier.trim())
        .filter(Boolean);
      const models = await createLanguageModels(config, createModelMetrics(metrics), (provider) =>
        log.limited('provider', 'warn', { provider }, 'an agent names a provider that has no key here'),
      );
      return new AgentLogic(config, await loadAgents(modules), models, metrics);
    },
  };
});
