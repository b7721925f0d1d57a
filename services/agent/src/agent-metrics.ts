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
    occasions: metrics.counter({
      name: 'parley_agent_occasions_total',
      help: 'Replies that no model makes, by what they are said for',
      labels: ['kind'],
    }),
    answered: metrics.counter({
      name: 'parley_agent_calls_answered_total',
      help: 'Outgoing calls by who has answered',
      labels: ['kind'],
    }),
    tools: metrics.counter({
      name: 'parley_agent_tool_calls_total',
      help: 'Tool calls by what became of them',
      labels: ['tool', 'outcome'],
    }),
    fillers: metrics.counter({
      name: 'parley_agent_tool_fillers_total',
      help: 'Tool calls that took so long that something was said meanwhile',
    }),
    memories: metrics.counter({
      name: 'parley_agent_memories_total',
      help: 'Times that the oldest turns of a conversation were taken from what the model is shown, summarised or dropped',
      labels: ['outcome'],
    }),
    interruptions: metrics.counter({
      name: 'parley_agent_interruptions_total',
      help: 'Replies interrupted',
      labels: ['reason'],
    }),
    lateWords: metrics.counter({
      name: 'parley_agent_heard_corrections_total',
      help: 'Replies whose heard text was corrected by word times that came after it was told how far they were played',
    }),
    kept: metrics.counter({
      name: 'parley_agent_interruptions_false_total',
      help: 'Speech during a reply that was no interruption',
      labels: ['reason'],
    }),
    preemptive: metrics.counter({
      name: 'parley_agent_preemptive_replies_total',
      help: 'Replies begun before their turn was over, by what became of them',
      labels: ['outcome'],
    }),
    preemptiveSaved: metrics.histogram({
      name: 'parley_agent_preemptive_saved_seconds',
      help: 'How long before the end of the turn a reply that was kept had been begun',
    }),
    preemptiveWasted: metrics.counter({
      name: 'parley_agent_preemptive_wasted_tokens_total',
      help: 'Pieces of text that the model streamed for replies that were thrown away',
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
