import type { EdgeEvent } from '@parley/contracts';
import type { ConversationItem } from './conversation-item.js';
import { summarizeTurn, type TurnSummary } from './turn-summary.js';

/** How a reply's text or its voice came to its end. */
export type ReplyOutcome = 'completed' | 'interrupted' | 'failed';

/** One reply as it was seen here. */
export interface ReplyRecord {
  reply: number;
  startedAtMs: number;
  firstTokenAtMs?: number;
  firstAudioAtMs?: number;
  /** When its text, and then its voice, was complete, interrupted or failed. */
  endedAtMs?: number;
  outcome?: ReplyOutcome;
  playout: 'none' | 'running' | ReplyOutcome;
  text: string;
  audioMs: number;
  tools: string[];
}

/** One turn of the caller (a WAV, which may hold several utterances, or a line) and what came of it. */
export interface TurnRecord {
  label: string;
  openedAtMs: number;
  callerDoneAtMs?: number;
  transcripts: string[];
  turnEnds: { atMs: number; eouDelayMs: number }[];
  replies: ReplyRecord[];
}

/** How long after something was heard from the caller an answer to it may still begin, beside one already given. */
const SECOND_ANSWER_MS = 3000;

/**
 * Folds what happens in a conversation into the caller's turns and their answers. A reply belongs to the turn in
 * which it began; what comes before the first turn is the greeting.
 */
export class TurnTracker {
  readonly #voice: boolean;
  readonly #greeting: TurnRecord = emptyTurn('', 0);
  readonly #turns: TurnRecord[] = [];
  readonly #replies = new Map<number, ReplyRecord>();
  #utteranceOpen = false;
  #heardAtMs = -Infinity;
  #lastReplyAtMs = -Infinity;
  #lastProgressAtMs = -Infinity;

  /** @param options.voice whether an answer must be heard, and the caller's words be transcribed, to count */
  constructor(options: { voice: boolean }) {
    this.#voice = options.voice;
  }

  /** When anything last brought an answer nearer: words understood, a reply's text, tools or voice. */
  get lastProgressAtMs(): number {
    return this.#lastProgressAtMs;
  }

  /** Whether the agent has said or written anything yet, in this turn or before it. */
  get hasReplies(): boolean {
    return this.#replies.size > 0;
  }

  /** Whether no reply is being made or played. */
  get quiet(): boolean {
    return [...this.#replies.values()].every((reply) => !this.#outstanding(reply));
  }

  /** Every turn of the caller so far. */
  get turns(): TurnSummary[] {
    return this.#turns.map((turn) => summarizeTurn(turn, { voice: this.#voice }));
  }

  /**
   * Judges the last turn: `answered` when a reply was completed after the caller was done, `failed` when its last reply
   * failed, and `waiting` while neither is so, a reply is outstanding, or something heard may still be answered.
   */
  verdict(nowMs: number): 'waiting' | 'answered' | 'failed' {
    if (!this.quiet || this.#utteranceOpen) return 'waiting';
    if (this.#heardAtMs > this.#lastReplyAtMs && nowMs < this.#heardAtMs + SECOND_ANSWER_MS) return 'waiting';
    if (this.turns.at(-1)?.answered) return 'answered';
    return this.#current().replies.at(-1)?.outcome === 'failed' ? 'failed' : 'waiting';
  }

  apply(item: ConversationItem): void {
    switch (item.kind) {
      case 'turn_opened':
        this.#turns.push(emptyTurn(item.label, item.atMs));
        break;
      case 'caller_done':
        this.#current().callerDoneAtMs = item.atMs;
        break;
      case 'audio': {
        const reply = this.#reply(item.info.reply, item.atMs);
        reply.firstAudioAtMs ??= item.atMs;
        reply.audioMs += item.durationMs;
        this.#lastProgressAtMs = item.atMs;
        break;
      }
      case 'event':
        this.#applyEvent(item.event, item.atMs);
    }
  }

  #applyEvent(event: EdgeEvent, atMs: number): void {
    switch (event.type) {
      case 'speech_started':
        this.#utteranceOpen = true;
        this.#heardAtMs = atMs;
        return;
      case 'speech_stopped':
        this.#utteranceOpen = false;
        this.#heardAtMs = atMs;
        return;
      case 'stt_output':
        this.#current().transcripts.push(event.transcript);
        this.#heardAtMs = atMs;
        break;
      case 'turn_ended':
        this.#utteranceOpen = false;
        this.#current().turnEnds.push({ atMs, eouDelayMs: event.eouDelayMs });
        this.#heardAtMs = atMs;
        break;
      default:
        if (!('reply' in event)) return;
        applyToReply(this.#reply(event.reply, atMs), event, atMs);
    }
    this.#lastProgressAtMs = atMs;
  }

  #current(): TurnRecord {
    return this.#turns.at(-1) ?? this.#greeting;
  }

  #reply(number: number, atMs: number): ReplyRecord {
    const known = this.#replies.get(number);
    if (known) return known;
    const reply: ReplyRecord = { reply: number, startedAtMs: atMs, playout: 'none', text: '', audioMs: 0, tools: [] };
    this.#replies.set(number, reply);
    this.#current().replies.push(reply);
    this.#lastReplyAtMs = atMs;
    return reply;
  }

  #outstanding(reply: ReplyRecord): boolean {
    if (reply.outcome === undefined || reply.playout === 'running') return true;
    return this.#voice && reply.outcome === 'completed' && reply.text.trim() !== '' && reply.playout === 'none';
  }
}

function applyToReply(reply: ReplyRecord, event: Extract<EdgeEvent, { reply: number }>, atMs: number): void {
  switch (event.type) {
    case 'agent_chunk':
      reply.firstTokenAtMs ??= atMs;
      break;
    case 'tool_call':
      reply.tools.push(event.tool);
      break;
    case 'agent_end':
      reply.outcome = event.outcome;
      reply.text = event.text;
      reply.endedAtMs = atMs;
      break;
    case 'playout_started':
      reply.playout = 'running';
      break;
    case 'playout_ended':
      reply.playout = event.outcome;
      reply.endedAtMs = atMs;
      break;
    case 'audio_flush':
      reply.playout = 'interrupted';
      reply.endedAtMs = atMs;
  }
}

function emptyTurn(label: string, openedAtMs: number): TurnRecord {
  return { label, openedAtMs, transcripts: [], turnEnds: [], replies: [] };
}
