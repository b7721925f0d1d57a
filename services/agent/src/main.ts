import { runStage } from '@parley/stage-kit';
import { loadAgents } from './agent-catalog.js';
import { AgentLogic } from './agent.logic.js';
import { loadAgentConfig } from './agent.config.js';
import { createLanguageModel } from './engines.js';
import { leaveOutGraphContext } from './graph-context.js';

await runStage(() => {
  const config = loadAgentConfig();
  if (!config.LANGSMITH_TRACING) leaveOutGraphContext();
  return {
    stage: 'agent',
    config,
    logic: async (_log, metrics) => {
      const modules = config.AGENT_MODULES.split(',')
        .map((specifier) => specifier.trim())
        .filter(Boolean);
      return new AgentLogic(config, await loadAgents(modules), await createLanguageModel(config), metrics);
    },
  };
});
