import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AgentPart } from './scenario-agent.js';

/**
 * Writes a module that exports an agent for each part.
 * @returns its path, for `AGENT_MODULES`
 */
export function writeAgentModule(folder: string, parts: readonly AgentPart[]): string {
  const maker = new URL('./scenario-agent.js', import.meta.url);
  const exported = parts.map(({ id, agent, answers, tools }, index) => {
    const part = JSON.stringify({ id, agent, answers, tools });
    return `export const agent${index} = agentOf(${part});`;
  });
  const path = join(folder, 'scenario-agents.mjs');
  writeFileSync(path, [`import { agentOf } from '${maker.href}';`, ...exported, ''].join('\n'));
  return path;
}
