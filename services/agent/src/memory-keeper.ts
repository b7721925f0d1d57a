import type { BaseChatModel } from '@langchain/core/language_models/chat_models';
import type { TurnState } from '@parley/session-log';
import { errorOf, type Log } from '@parley/telemetry';
import type { AgentMetrics } from './agent-metrics.js';
import { oldTurns, type OldTurns } from './history-size.js';
import { summarise } from './summariser.js';

/** What a {@link MemoryKeeper} works with. */
export interface MemoryKeeperOptions {
  /** Absent when the model cannot summarise. */
  model: BaseChatModel | undefined;
  historyTokens: number;
  timeoutMs: number;
  metrics: AgentMetrics;
  log: Log;
  /** The turns up to this reply are this text from now on. */
  remember(through: number, text: string): void;
}

/**
 * Keeps short what the model is shown of one conversation: has the oldest turns summarised in the background. What cannot
 * be summarised is dropped, and counted.
 */
export class MemoryKeeper {
  private working: AbortController | undefined;
  private closed = false;
  private consideredReply = 0;

  constructor(private readonly options: MemoryKeeperOptions) {}

  /** Looks at the conversation between turns, once after each. */
  consider(state: TurnState): void {
    if (this.working || this.closed || state.reply === this.consideredReply) return;
    this.consideredReply = state.reply;
    const old = oldTurns(state, this.options.historyTokens);
    if (!old) return;
    this.working = new AbortController();
    void this.shorten(old, state.summary?.text, this.working);
  }

  close(): void {
    this.closed = true;
    this.working?.abort();
  }

  private async shorten(
    { through, turns }: OldTurns,
    before: string | undefined,
    work: AbortController,
  ): Promise<void> {
    const { model, metrics, log, timeoutMs } = this.options;
    let text = before ?? '';
    let outcome = 'dropped';
    try {
      const signal = AbortSignal.any([work.signal, AbortSignal.timeout(timeoutMs)]);
      if (model) {
        text = await summarise(model, before, turns, signal);
        outcome = 'summarised';
      }
    } catch (error) {
      if (!this.closed)
        log.limited('memory', 'warn', errorOf(error), 'old turns could not be summarised and are dropped');
    }
    this.working = undefined;
    if (this.closed) return;
    metrics.memories.inc({ outcome });
    this.options.remember(through, text);
  }
}
