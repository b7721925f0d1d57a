import { sessionPolicySchema, type ParleyEvent } from '@parley/contracts';
import { agentBehaviourSchema, type AgentDefinition } from '@parley/ports';
import type { OwnedSession, StageLogic, StageSession } from '@parley/stage-kit';
import { foldTurn, initialTurnState } from '@parley/session-log';
import type { Metrics } from '@parley/telemetry';
import { AgentError } from './agent-error.js';
import { createAgentMetrics, type AgentMetrics } from './agent-metrics.js';
import { builtInTools } from './built-in-tools.js';
import { AgentSession } from './agent-session.js';
import type { SpeakingAgent } from './speaking-agent.js';
import { stateAtRest } from './state-at-rest.js';
import type { AgentConfig } from './agent.config.js';
import { ConversationEngine } from './conversation.js';
import type { LanguageModels } from './engines.js';
import { noticesIn } from './notices.js';
import { systemWallClock, type WallClock } from './wall-clock.js';

/** The agent stage: turns in, sentences and tool calls out. */
export class AgentLogic implements StageLogic {
  readonly kinds = ['speech', 'transcript', 'synthesis', 'playout', 'reply'] as const;
  private readonly agents = new Map<string, SpeakingAgent>();
  private readonly metrics: AgentMetrics;

  constructor(
    private readonly config: AgentConfig,
    definitions: ReadonlyMap<string, AgentDefinition>,
    models: LanguageModels,
    metrics: Metrics,
    private readonly clock: WallClock = systemWallClock,
  ) {
    this.metrics = createAgentMetrics(metrics);
    for (const [name, agent] of definitions) {
      const model = models.for(agent.providers?.llm && sessionPolicySchema.parse(agent).providers.llm);
      const behaviour = agentBehaviourSchema.parse(agent);
      const whole = { ...agent, tools: [...agent.tools, ...builtInTools(behaviour)] };
      const engine = new ConversationEngine({ agent: whole, model, toolTimeoutMs: config.TOOL_TIMEOUT_MS });
      const tools = new Set(whole.tools.map((tool) => tool.name));
      const policy = sessionPolicySchema.parse(agent);
      const speakers = Object.keys(policy.speakers);
      const summariser = model.capabilities.summaries === false ? undefined : model.createChatModel({});
      this.agents.set(name, {
        engine,
        modelName: model.name,
        summariser,
        tools,
        policy,
        speakers,
        isNotice: noticesIn(agent.uninterruptible),
        behaviour,
        preemptive: agent.preemptive ?? false,
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
      clock: this.clock,
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
