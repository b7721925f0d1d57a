import { isAbsolute, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { defineAgent, type AgentDefinition } from '@parley/ports';
import { AgentError } from './agent-error.js';

/**
 * Loads agents from modules: packages by name, files by path (`./` or absolute). Every export that is an agent
 * counts; the first one of a name is kept.
 * @throws {AgentError} `agent_module_invalid`
 */
export async function loadAgents(modules: readonly string[]): Promise<ReadonlyMap<string, AgentDefinition>> {
  if (modules.length === 0) throw new AgentError('agent_module_invalid', 'AGENT_MODULES names no module');
  const agents = new Map<string, AgentDefinition>();
  for (const specifier of modules) {
    const found = (await importModule(specifier)).filter(isAgent);
    if (found.length === 0)
      throw new AgentError('agent_module_invalid', `${specifier} exports no agent: use defineAgent`);
    for (const agent of found) if (!agents.has(agent.name)) agents.set(agent.name, checked(agent, specifier));
  }
  return agents;
}

async function importModule(specifier: string): Promise<unknown[]> {
  const isPath = specifier.startsWith('.') || isAbsolute(specifier);
  try {
    const url = isPath ? pathToFileURL(resolve(specifier)).href : specifier;
    return Object.values((await import(url)) as Record<string, unknown>);
  } catch (cause) {
    throw invalid(`${specifier} in AGENT_MODULES cannot be loaded`, cause);
  }
}

/** An agent need not have come through `defineAgent`. */
function checked(agent: AgentDefinition, specifier: string): AgentDefinition {
  try {
    return defineAgent(agent);
  } catch (cause) {
    throw invalid(`${specifier} exports an agent that cannot be used`, cause);
  }
}

function invalid(what: string, cause: unknown): AgentError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new AgentError('agent_module_invalid', `${what}: ${why}`, { cause });
}

function isAgent(value: unknown): value is AgentDefinition {
  const { name, instructions, tools } = (value ?? {}) as Partial<AgentDefinition>;
  return typeof name === 'string' && typeof instructions === 'string' && Array.isArray(tools);
}
