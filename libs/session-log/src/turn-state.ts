import type { Mode, SessionPolicy } from '@parley/contracts';
import { NOT_CALLED, type Callee } from './callee.js';
import type { HeardPosition, SentenceVoice } from './heard-text.js';
import { NOT_OPENED, type Occasion, type Quiet } from './occasions.js';
import { NO_SPEECH, type CallerSpeech } from './overlap.js';
import type { PressedKeys } from './pressed-keys.js';
import { NO_TROUBLE, type Trouble } from './trouble.js';

/** Something the user said or wrote that has no reply yet. */
export interface OpenTurn {
  /** Id of the event that ended the turn. */
  id: string;
  text: string;
  /** Said, not written. */
  isSpoken: boolean;
  /** Said when the caller could not interrupt: it is answered after the reply. */
  waits: boolean;
}

/** A tool call of a reply, as the log has it. */
export interface LoggedToolCall {
  callId: string;
  tool: string;
  args: Record<string, unknown>;
  /** Absent while the tool has not returned. */
  returned?: { ok: boolean; result: unknown };
}

/** One turn of the user and what was answered, as the user knows it. */
export interface HistoryTurn {
  reply: number;
  userText: string;
  /** What it was said for, and word for word, when no model made it. */
  occasion?: Occasion;
  script?: string;
  /** Every sentence published. */
  sentences: string[];
  /** Those of them that cannot be interrupted. */
  uninterruptible: number[];
  /** What was heard of the reply (or shown, without voice); empty until some of it was. */
  replyText: string;
  interrupted: boolean;
  /** How far the gateway said it has played. */
  heard?: HeardPosition;
  /** What is known of the voice of its sentences, by ordinal, for as long as what was heard may depend on it. */
  voices?: Readonly<Record<number, SentenceVoice>>;
  /** The gateway has said how much was heard in the end: only late word times change `replyText` any more. */
  settled: boolean;
  /** The caller reads it, or what was left of it: no voice is waited for, and all of it counts as known. */
  shown: boolean;
  toolCalls: LoggedToolCall[];
  /** Sentences published before the last tool returned: a model that goes on from there does not write them again. */
  sentencesBeforeTool: number;
}

/** The reply that has the floor. */
export interface ActiveReply {
  reply: number;
  /** The text is complete; only its voice may still be playing. */
  textDone: boolean;
  /** The voice has begun to play. */
  playing: boolean;
}

/** Everything the agent stage knows of a session. A fold of the session's log, and of nothing else. */
export interface TurnState {
  phase: 'opening' | 'listening' | 'thinking' | 'replying' | 'ended';
  agent: string;
  mode: Mode;
  /** Undefined until the session's first agent has said it. */
  policy: SessionPolicy | undefined;
  /** User's turns that have been answered or are being answered. */
  turn: number;
  /** Ordinal of the newest reply. */
  reply: number;
  active: ActiveReply | undefined;
  open: OpenTurn[];
  /** Ids of turns that have a reply in the log before they stand there themselves: their writers are not the same. */
  answeredEarly: string[];
  history: HistoryTurn[];
  /** Stands for the turns up to a reply, which are not in the history any more. */
  summary: { through: number; text: string } | undefined;
  /** The agent's own state, as its tools left it; undefined before the first tool that sets it. */
  toolState: unknown;
  /** What the user is saying. */
  speech: CallerSpeech;
  /** Utterances up to here were said while the caller could not interrupt. */
  mutedThrough: number;
  /** Keys pressed that no reply answers yet. */
  keys: PressedKeys[];
  /** Who was heard when: what the agent says by itself follows from it. */
  quiet: Quiet;
  /** What failed, and how often it was apologised for. */
  trouble: Trouble;
  /** Who was called, where it is the agent that calls. */
  callee: Callee;
}

/** Turns that are remembered; the model is shown no more. */
export const MAX_HISTORY_TURNS = 60;

/** Before the first event. */
export function initialTurnState(): TurnState {
  return {
    phase: 'opening',
    agent: '',
    mode: 'voice-to-voice',
    policy: undefined,
    turn: 0,
    reply: 0,
    active: undefined,
    open: [],
    answeredEarly: [],
    history: [],
    summary: undefined,
    toolState: undefined,
    speech: NO_SPEECH,
    mutedThrough: 0,
    keys: [],
    quiet: NOT_OPENED,
    trouble: NO_TROUBLE,
    callee: NOT_CALLED,
  };
}

/** Whether the agent's replies are heard, not only read. */
export function speaks(state: TurnState): boolean {
  return state.mode.endsWith('-to-voice');
}

/** The turn that a reply answers, as history has it. */
export function turnOf(state: TurnState, reply: number): HistoryTurn | undefined {
  return state.history.find((turn) => turn.reply === reply);
}
