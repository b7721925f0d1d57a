import { sessionPolicySchema, type ParleyEvent } from '@parley/contracts';
import { agentBehaviourSchema, type AgentDefinition, type LanguageModel } from '@parley/ports';
import type { OwnedSession, StageLogic, StageSession } from '@parley/stage-kit';
import { foldTurn, initialTurnState } from '@parley/session-log';
import type { Metrics } from '@parley/telemetry';
import { AgentError } from './agent-error.js';
import { createAgentMetrics, type AgentMetrics } from './agent-metrics.js';
import { AgentSession, stateAtRest, type SpeakingAgent } from './agent-session.js';
import type { AgentConfig } from './agent.config.js';
import { ConversationEngine } from './conversation.js';
import { noticesIn } from './notices.js';

/** The agent stage: turns in, sentences and tool calls out. */
export class AgentLogic implements StageLogic {
  readonly kinds = ['speech', 'transcript', 'playout', 'reply'] as const;
  private readonly agents = new Map<string, SpeakingAgent>();
  private readonly metrics: AgentMetrics;

  constructor(
    private readonly config: AgentConfig,
    definitions: ReadonlyMap<string, AgentDefinition>,
    model: LanguageModel,
    metrics: Metrics,
  ) {
    this.metrics = createAgentMetrics(metrics);
    const settings = config.LLM_MODEL ? { model: config.LLM_MODEL } : {};
    for (const [name, agent] of definitions) {
      const engine = new ConversationEngine({ agent, model, settings, toolTimeoutMs: config.TOOL_TIMEOUT_MS });
      const tools = new Set(agent.tools.map((tool) => tool.name));
      const behaviour = agentBehaviourSchema.parse(agent);
      const policy = sessionPolicySchema.parse(agent);
      const speakers = Object.keys(policy.speakers);
      const isNotice = noticesIn(agent.uninterruptible);
      const preemptive = agent.preemptive ?? false;
      this.agents.set(name, {
        engine,
        modelName: model.name,
        tools,
        policy,
        speakers,
        isNotice,
        behaviour,
        preemptive,
      });
    }
  }

  foldAtRest(events: readonly ParleyEvent[]): unknown {
    return stateAtRest(events.reduce(foldTurn, initialTurnState()));
  }

  warm(): Promise<void> {
    return Promise.resolve();
  }

  open(owned: OwnedSession): Promise<StageSession> {
    const session = new AgentSession(owned, {
      agent: (name) => this.find(name),
      replyTimeoutMs: this.config.REPLY_TIMEOUT_MS,
      metrics: this.metrics,
    });
    return Promise.resolve(session);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  private find(name: string): SpeakingAgent {
    const agent = this.agents.get(name);
    if (agent) return agent;
    throw new AgentError(
      'unknown_agent',
      `there is no agent "${name}": known are ${[...this.agents.keys()].join(', ')}`,
    );
  }
}
