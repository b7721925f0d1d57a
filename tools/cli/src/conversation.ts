import type { ParleyClient } from '@parley/client';
import type { AgentVoice } from './agent-voice.js';
import { CliError, EXIT } from './cli-error.js';
import type { Clock } from './clock.js';
import type { ConversationItem } from './conversation-item.js';
import type { TurnTracker } from './turn-tracker.js';

/** How a greeting is waited for before the caller's first turn: until one begins, but no longer than this. */
const GREETING_WAIT_MS = 1000;
const POLL_MS = 20;

/** What a conversation is made of. */
export interface ConversationParts {
  client: ParleyClient;
  clock: Clock;
  tracker: TurnTracker;
  voice: AgentVoice;
  /** Told everything that happens, after the tracker. */
  observe(item: ConversationItem): void;
  /** Ends every wait. */
  signal: AbortSignal;
  /** A wait is given up when nothing came of it for this long. */
  turnTimeoutMs: number;
}

/** A running session, seen as a conversation: everything that happens in it, and waits for its turning points. */
export class Conversation {
  readonly client: ParleyClient;
  readonly tracker: TurnTracker;
  readonly #parts: ConversationParts;

  constructor(parts: ConversationParts) {
    this.#parts = parts;
    this.client = parts.client;
    this.tracker = parts.tracker;
    const sampleRateHz = parts.client.session.sampleRateHz;
    this.client.on('event', (event) => {
      if (event.type === 'audio_flush') parts.voice.flush(parts.clock.nowMs());
      this.#tell({ kind: 'event', atMs: parts.clock.nowMs(), event });
    });
    let lostAtMs: number | undefined;
    this.client.on('state', ({ name }) => {
      const atMs = parts.clock.nowMs();
      if (name === 'resuming') {
        lostAtMs = atMs;
        this.#tell({ kind: 'connection_lost', atMs });
      } else if (name === 'open' && lostAtMs !== undefined) {
        this.#tell({ kind: 'connection_resumed', atMs, afterMs: atMs - lostAtMs });
        lostAtMs = undefined;
      }
    });
    this.client.on('audio', ({ info, pcm }) => {
      const atMs = parts.clock.nowMs();
      parts.voice.accept(atMs, pcm);
      const durationMs = (pcm.length * 1000) / sampleRateHz;
      this.#tell({ kind: 'audio', atMs, info, samples: pcm.length, durationMs });
    });
  }

  openTurn(label: string): void {
    this.#tell({ kind: 'turn_opened', atMs: this.#parts.clock.nowMs(), label });
  }

  /** @param atMs when the caller's speech was really over */
  callerDone(atMs: number = this.#parts.clock.nowMs()): void {
    this.#tell({ kind: 'caller_done', atMs });
  }

  /**
   * Waits for a greeting to begin, for a moment, and for it to be over.
   * @throws {CliError} `no_reply` when it does not end, and as {@link Conversation.turnAnswered}
   */
  async greeted(): Promise<void> {
    const greetingDueMs = this.#parts.clock.nowMs() + GREETING_WAIT_MS;
    await this.#until((nowMs) => this.tracker.hasReplies || nowMs >= greetingDueMs, Infinity);
    if ((await this.#until((nowMs) => this.#silent(nowMs))) === 'timeout')
      throw new CliError('no_reply', 'the greeting did not come to its end', EXIT.noReply);
  }

  /**
   * Waits until the last turn is answered and the answer has been played.
   * @throws {CliError} `no_reply`, `interrupted`, or why the session is closed
   */
  async turnAnswered(): Promise<void> {
    const outcome = await this.#until((nowMs) => {
      const verdict = this.tracker.verdict(nowMs);
      return verdict === 'failed' || (verdict === 'answered' && this.#silent(nowMs));
    });
    const turns = this.tracker.turns;
    const turn = turns.at(-1);
    if (outcome === 'done' && turn?.answered) return;
    const within = outcome === 'timeout' ? ` within ${this.#parts.turnTimeoutMs / 1000} s` : '';
    const why = turn?.problem ?? 'a reply is still being made or played';
    throw new CliError('no_reply', `turn ${turns.length} got no reply${within}: ${why}`, EXIT.noReply);
  }

  /** @throws {CliError} `interrupted`, or why the session is closed */
  assertOpen(): void {
    if (this.#parts.signal.aborted) throw new CliError('interrupted', 'stopped before the end', EXIT.interrupted);
    const { state } = this.client;
    if (state.name !== 'closed') return;
    const message = state.error?.message ?? `the gateway closed the session: ${state.reason}`;
    throw new CliError(state.error?.code ?? 'session_closed', message, EXIT.sessionClosed);
  }

  #silent(nowMs: number): boolean {
    return this.tracker.quiet && nowMs >= this.#parts.voice.endsAtMs;
  }

  #tell(item: ConversationItem): void {
    this.tracker.apply(item);
    this.#parts.observe(item);
  }

  async #until(done: (nowMs: number) => boolean, timeoutMs = this.#parts.turnTimeoutMs): Promise<'done' | 'timeout'> {
    const { clock, voice } = this.#parts;
    const startedAtMs = clock.nowMs();
    for (;;) {
      const nowMs = clock.nowMs();
      if (done(nowMs)) return 'done';
      this.assertOpen();
      const quietSinceMs = Math.max(startedAtMs, this.tracker.lastProgressAtMs, Math.min(nowMs, voice.endsAtMs));
      if (nowMs - quietSinceMs >= timeoutMs) return 'timeout';
      await new Promise<void>((resolve) => clock.after(POLL_MS, resolve));
    }
  }
}
