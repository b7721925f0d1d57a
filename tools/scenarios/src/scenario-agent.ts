import { setTimeout as sleep } from 'node:timers/promises';
import { sandwichShop } from '@parley/example-sandwich-shop';
import { defineAgent, defineTool, type AgentDefinition, type ToolDefinition } from '@parley/ports';
import type { ScriptedRule } from '@parley/testing/engines';
import { z } from 'zod';
import type { Answer, ScenarioTool } from './agent-settings.js';
import type { Scenario } from './scenario.js';

/** The part of a scenario that its agent is made of. Plain JSON. */
export type AgentPart = Pick<Scenario, 'id' | 'agent' | 'answers' | 'tools'>;

const LONGEST_NAME = 64;

/** The name by which a scenario's caller asks for its agent. */
export function agentNameOf(id: string): string {
  return id.slice(-LONGEST_NAME);
}

/** The agent of a scenario, as the agent service loads it. */
export function agentOf({ id, agent, answers, tools }: AgentPart): AgentDefinition {
  const { like, ...settings } = agent;
  const name = agentNameOf(id);
  if (like === 'sandwich-shop') return defineAgent({ ...(sandwichShop as AgentDefinition), ...settings, name });
  return defineAgent<unknown>({
    ...settings,
    name,
    instructions: `Follow the script.\n<script>${JSON.stringify(answers.map(ruleOf))}</script>`,
    tools: Object.entries(tools).map(([toolName, tool]) => toolOf(toolName, tool)),
    initialState: undefined,
  });
}

function ruleOf({ to, says, calls, then, fails, thinks_ms: firstTokenMs, word_ms: tokenMs }: Answer): ScriptedRule {
  const rule = { reply: says, calls, then, error: fails, firstTokenMs, tokenMs };
  const given = Object.entries(rule).filter(([, value]) => value !== undefined);
  return { when: to, ...(Object.fromEntries(given) as Partial<ScriptedRule>) };
}

function toolOf(name: string, tool: ScenarioTool): ToolDefinition<unknown> {
  const { takes_ms: takesMs, answers, fails, ...settings } = tool;
  return defineTool<unknown>()({
    ...settings,
    name,
    description: `What the scenario has of ${name}.`,
    args: z.looseObject({}),
    async execute(_args, context) {
      await sleep(takesMs, undefined, { signal: context.signal });
      if (fails !== undefined) throw new Error(fails);
      return { result: answers ?? 'done' };
    },
  });
}
