import type { Metrics } from '@parley/telemetry';

/** What the agent stage measures. */
export type AgentMetrics = ReturnType<typeof createAgentMetrics>;

/** Makes the agent stage's metrics. */
export function createAgentMetrics(metrics: Metrics) {
  return {
    replies: metrics.counter({
      name: 'parley_agent_replies_total',
      help: 'Replies by what became of them',
      labels: ['engine', 'outcome'],
    }),
    tools: metrics.counter({
      name: 'parley_agent_tool_calls_total',
      help: 'Tool calls by what became of them',
      labels: ['tool', 'outcome'],
    }),
    interruptions: metrics.counter({
      name: 'parley_agent_interruptions_total',
      help: 'Replies interrupted',
      labels: ['reason'],
    }),
    ttft: metrics.histogram({
      name: 'parley_agent_ttft_seconds',
      help: "From the end of the turn, as the agent saw it, to the model's first token",
      labels: ['engine'],
    }),
    firstSentence: metrics.histogram({
      name: 'parley_agent_first_sentence_seconds',
      help: 'From the end of the turn, as the agent saw it, to the first sentence that can be spoken',
      labels: ['engine'],
    }),
  };
}
