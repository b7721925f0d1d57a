import type { Mode, ParleyEvent, SessionPolicy } from '@parley/contracts';
import { heardText, type HeardPosition } from './heard-text.js';
import type { Occasion } from './occasions.js';
import { NO_SPEECH, foldSpeech, type CallerSpeech } from './overlap.js';

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
  /** What it was said for, and word for word, when it answers no turn. */
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
  /** The gateway has said how much was heard in the end: nothing changes `replyText` any more. */
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
  /** The agent's own state, as its tools left it; undefined before the first tool that sets it. */
  toolState: unknown;
  /** What the user is saying. */
  speech: CallerSpeech;
  /** Utterances up to here were said while the caller could not interrupt. */
  mutedThrough: number;
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
    toolState: undefined,
    speech: NO_SPEECH,
    mutedThrough: 0,
  };
}

/** Whether the agent's replies are heard, not only read. */
export function speaks(state: TurnState): boolean {
  return state.mode.endsWith('-to-voice');
}

/** The state after an event. Pure: live running, a new owner's rebuild and replays use this same function. */
export function foldTurn(before: TurnState, event: ParleyEvent): TurnState {
  if (before.phase === 'ended') return before;
  const speech = foldSpeech(before.speech, event);
  const state = speech === before.speech ? before : { ...before, speech };
  switch (event.type) {
    case 'session.opened':
      return { ...state, phase: 'listening', agent: event.agent, mode: event.mode };
    case 'session.policy': {
      const { interruption, voice, speakers } = event;
      return { ...state, policy: { interruption, voice, speakers } };
    }
    case 'session.mode':
      return { ...state, mode: event.mode };
    case 'session.closed':
      return { ...state, phase: 'ended', active: undefined, open: [] };
    case 'session.text':
    case 'turn.ended':
      return said(state, event);
    case 'reply.started':
      return started(state, event);
    case 'reply.sentence':
      return sentence(state, event);
    case 'tool.called':
      return called(state, event);
    case 'tool.returned':
      return returned(state, event);
    case 'playout.started':
      if (state.active?.reply !== event.reply) return state;
      return { ...state, phase: 'replying', active: { ...state.active, playing: true } };
    case 'playout.progress':
    case 'playout.paused':
      return progressed(state, event);
    case 'reply.interrupted':
      return over(withTurn(state, event.reply, cutShort), event.reply);
    case 'reply.kept':
      return kept(state, event);
    case 'reply.ended':
      return textEnded(state, event);
    case 'playout.ended':
      return playedOut(state, event);
    default:
      return state;
  }
}

type EventOfType<T extends ParleyEvent['type']> = Extract<ParleyEvent, { type: T }>;

function said(state: TurnState, { id, text, type }: EventOfType<'session.text' | 'turn.ended'>): TurnState {
  if (state.answeredEarly.includes(id)) {
    return { ...state, answeredEarly: state.answeredEarly.filter((early) => early !== id) };
  }
  const isSpoken = type === 'turn.ended';
  const waits = isSpoken && state.speech.lastFinal > 0 && state.speech.lastFinal <= state.mutedThrough;
  return text.trim() ? { ...state, open: [...state.open, { id, text, isSpoken, waits }] } : state;
}

function kept(state: TurnState, { cause, utterance, unanswered }: EventOfType<'reply.kept'>): TurnState {
  const next = { ...state, ...withoutTurns(state, unanswered) };
  if (cause !== 'muted') return next;
  const open = next.open.map((turn) => (turn.isSpoken ? { ...turn, waits: true } : turn));
  return { ...next, open, mutedThrough: Math.max(state.mutedThrough, utterance) };
}

/** Turns that are taken care of; one that is not in the log yet will be. */
function withoutTurns({ open, answeredEarly }: TurnState, ids: readonly string[]) {
  return {
    open: open.filter(({ id }) => !ids.includes(id)),
    answeredEarly: [...answeredEarly, ...ids.filter((id) => !open.some((turn) => turn.id === id))],
  };
}

function sentence(state: TurnState, { reply, text, interruptible }: EventOfType<'reply.sentence'>): TurnState {
  return withTurn(state, reply, (turn) => ({
    ...turn,
    sentences: [...turn.sentences, text],
    ...(interruptible === false && { uninterruptible: [...turn.uninterruptible, turn.sentences.length] }),
  }));
}

function started(state: TurnState, event: EventOfType<'reply.started'>): TurnState {
  const turn: HistoryTurn = {
    reply: event.reply,
    userText: event.userText,
    ...(event.occasion && { occasion: event.occasion }),
    ...(event.script !== undefined && { script: event.script }),
    sentences: [],
    uninterruptible: [],
    replyText: '',
    interrupted: false,
    settled: false,
    shown: event.shown ?? !speaks(state),
    toolCalls: [],
    sentencesBeforeTool: 0,
  };
  return {
    ...state,
    phase: 'thinking',
    reply: event.reply,
    turn: event.turn,
    ...withoutTurns(state, event.answers),
    active: { reply: event.reply, textDone: false, playing: false },
    history: [...state.history, turn].slice(-MAX_HISTORY_TURNS),
  };
}

/** A call that never returned is made again, by a new owner, under the same id. */
function called(state: TurnState, { reply, callId, tool, args }: EventOfType<'tool.called'>): TurnState {
  return withTurn(state, reply, (turn) => ({
    ...turn,
    toolCalls: [...turn.toolCalls.filter((call) => call.callId !== callId || call.returned), { callId, tool, args }],
  }));
}

function returned(state: TurnState, event: EventOfType<'tool.returned'>): TurnState {
  const { callId, ok, result } = event;
  const next = withTurn(state, event.reply, (turn) => ({
    ...turn,
    sentencesBeforeTool: turn.sentences.length,
    toolCalls: turn.toolCalls.map((call) =>
      call.callId === callId && !call.returned ? { ...call, returned: { ok, result } } : call,
    ),
  }));
  // Whatever became of the reply, the tool has done what it did.
  return event.state !== undefined ? { ...next, toolState: event.state } : next;
}

/** A reply with voice keeps the floor until the gateway has played it, however its text ended. */
function textEnded(state: TurnState, event: EventOfType<'reply.ended'>): TurnState {
  const turn = turnOf(state, event.reply);
  const next = turn?.settled ? state : withTurn(state, event.reply, (t) => ({ ...t, replyText: event.text }));
  if (turn?.shown || event.sentences === 0 || turn?.settled) return over(next, event.reply);
  return withActive(next, event.reply, (active) => ({ ...active, textDone: true }));
}

/** A report may come behind the interruption that it was sent before. */
function progressed(state: TurnState, event: EventOfType<'playout.progress' | 'playout.paused'>): TurnState {
  const { reply, sentence, playedMs } = event;
  const sentenceMs = event.type === 'playout.progress' ? event.sentenceMs : undefined;
  return withTurn(state, reply, (turn) => {
    const reported = { ...turn, heard: { sentence, playedMs, sentenceMs } };
    return turn.interrupted ? cutShort(reported) : reported;
  });
}

/** The gateway says what was heard: history keeps that, and nothing else. */
function playedOut(state: TurnState, event: EventOfType<'playout.ended'>): TurnState {
  if (event.shown) return readOn(state, event.reply);
  const isWhole = event.outcome === 'completed';
  const next = withTurn(state, event.reply, (turn) => ({
    ...turn,
    interrupted: !isWhole,
    settled: true,
    replyText: isWhole ? turn.sentences.join('') : heardText(turn.sentences, event),
  }));
  return state.active?.textDone ? over(next, event.reply) : next;
}

/** What was not heard of a reply is read: its text goes on, and when that is complete the floor is free. */
function readOn(state: TurnState, reply: number): TurnState {
  const isWritten = state.active?.reply !== reply || state.active.textDone;
  const next = withTurn(state, reply, (turn) => ({
    ...turn,
    shown: true,
    ...(isWritten && !turn.settled && { settled: true, replyText: turn.sentences.join('') }),
  }));
  return isWritten ? over(next, reply) : next;
}

/** Until the gateway says exactly how far it played, its last report stands. */
function cutShort(turn: HistoryTurn): HistoryTurn {
  if (turn.settled) return turn;
  const replyText = turn.shown ? turn.sentences.join('') : heardText(turn.sentences, turn.heard);
  return { ...turn, interrupted: true, replyText };
}

function over(state: TurnState, reply: number): TurnState {
  if (state.active?.reply !== reply) return state;
  return { ...state, phase: 'listening', active: undefined };
}

function withActive(state: TurnState, reply: number, change: (active: ActiveReply) => ActiveReply): TurnState {
  return state.active?.reply === reply ? { ...state, active: change(state.active) } : state;
}

/** The turn that a reply answers, as history has it. */
export function turnOf(state: TurnState, reply: number): HistoryTurn | undefined {
  return state.history.find((turn) => turn.reply === reply);
}

function withTurn(state: TurnState, reply: number, change: (turn: HistoryTurn) => HistoryTurn): TurnState {
  if (!turnOf(state, reply)) return state;
  return { ...state, history: state.history.map((turn) => (turn.reply === reply ? change(turn) : turn)) };
}
