import type { Mode, ParleyEvent } from '@parley/contracts';
import { heardText, type HeardPosition } from './heard-text.js';

/** Something the user said or wrote that has no reply yet. */
export interface OpenTurn {
  /** Id of the event that ended the turn. */
  id: string;
  text: string;
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
  /** Every sentence published. */
  sentences: string[];
  /** What was heard of the reply (or shown, without voice); empty until some of it was. */
  replyText: string;
  interrupted: boolean;
  /** How far the gateway said it has played. */
  heard?: HeardPosition;
  /** The gateway has said how much was heard in the end: nothing changes `replyText` any more. */
  settled: boolean;
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
  /** The user was heard to say words since the reply got the floor. */
  overlap: boolean;
}

/** What is to be done next. */
export type TurnCommand =
  | { type: 'start'; reply: number; turn: number; userText: string; answers: string[] }
  | { type: 'interrupt'; reply: number; cause: string };

/** Turns that are remembered; the model is shown no more. */
export const MAX_HISTORY_TURNS = 60;

/** Before the first event. */
export function initialTurnState(): TurnState {
  return {
    phase: 'opening',
    agent: '',
    mode: 'voice-to-voice',
    turn: 0,
    reply: 0,
    active: undefined,
    open: [],
    answeredEarly: [],
    history: [],
    toolState: undefined,
    overlap: false,
  };
}

/** Whether the agent's replies are heard, not only read. */
export function speaks(state: TurnState): boolean {
  return state.mode.endsWith('-to-voice');
}

/** The state after an event. Pure: live running, a new owner's rebuild and replays use this same function. */
export function foldTurn(state: TurnState, event: ParleyEvent): TurnState {
  if (state.phase === 'ended') return state;
  switch (event.type) {
    case 'session.opened':
      return { ...state, phase: 'listening', agent: event.agent, mode: event.mode };
    case 'session.mode':
      return { ...state, mode: event.mode };
    case 'session.closed':
      return { ...state, phase: 'ended', active: undefined, open: [] };
    case 'session.text':
    case 'turn.ended':
      return said(state, event);
    case 'transcript.interim':
      return event.text.trim() && state.active ? { ...state, overlap: true } : state;
    case 'reply.started':
      return started(state, event);
    case 'reply.sentence':
      return withTurn(state, event.reply, (turn) => ({ ...turn, sentences: [...turn.sentences, event.text] }));
    case 'tool.called':
      return called(state, event);
    case 'tool.returned':
      return returned(state, event);
    case 'playout.started':
      if (state.active?.reply !== event.reply) return state;
      return { ...state, phase: 'replying', active: { ...state.active, playing: true } };
    case 'playout.progress':
      return progressed(state, event);
    case 'reply.interrupted':
      return over(
        withTurn(state, event.reply, (turn) => cutShort(turn, speaks(state))),
        event.reply,
      );
    case 'reply.ended':
      return textEnded(state, event);
    case 'playout.ended':
      return playedOut(state, event);
    default:
      return state;
  }
}

/** What follows from the state; undefined when there is nothing to do but wait. Pure. */
export function decideTurn(state: TurnState): TurnCommand | undefined {
  if (state.phase === 'ended' || state.phase === 'opening') return undefined;
  if (state.active) {
    if (state.open.length > 0) return { type: 'interrupt', reply: state.active.reply, cause: 'new_turn' };
    if (state.overlap) return { type: 'interrupt', reply: state.active.reply, cause: 'user_spoke' };
    // Nobody plays it any more: the rest of its text would be written for nobody.
    const isUnheard = !state.active.textDone && turnOf(state, state.active.reply)?.settled;
    if (isUnheard) return { type: 'interrupt', reply: state.active.reply, cause: 'playout_ended' };
    return undefined;
  }
  if (state.open.length === 0) return undefined;
  return {
    type: 'start',
    reply: state.reply + 1,
    turn: state.turn + 1,
    userText: state.open.map(({ text }) => text).join(' '),
    answers: state.open.map(({ id }) => id),
  };
}

type EventOfType<T extends ParleyEvent['type']> = Extract<ParleyEvent, { type: T }>;

function said(state: TurnState, { id, text }: EventOfType<'session.text' | 'turn.ended'>): TurnState {
  if (state.answeredEarly.includes(id)) {
    return { ...state, answeredEarly: state.answeredEarly.filter((early) => early !== id) };
  }
  return text.trim() ? { ...state, open: [...state.open, { id, text }] } : state;
}

function started(state: TurnState, event: EventOfType<'reply.started'>): TurnState {
  const answered = new Set(event.answers);
  const turn: HistoryTurn = {
    reply: event.reply,
    userText: event.userText,
    sentences: [],
    replyText: '',
    interrupted: false,
    settled: false,
    toolCalls: [],
    sentencesBeforeTool: 0,
  };
  return {
    ...state,
    phase: 'thinking',
    reply: event.reply,
    turn: event.turn,
    overlap: false,
    open: state.open.filter(({ id }) => !answered.has(id)),
    answeredEarly: [
      ...state.answeredEarly,
      ...event.answers.filter((id) => !state.open.some((turn) => turn.id === id)),
    ],
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
  if (!speaks(state) || event.sentences === 0 || turn?.settled) return over(next, event.reply);
  return withActive(next, event.reply, (active) => ({ ...active, textDone: true }));
}

/** A report may come behind the interruption that it was sent before. */
function progressed(state: TurnState, { reply, sentence, playedMs }: EventOfType<'playout.progress'>): TurnState {
  return withTurn(state, reply, (turn) => {
    const reported = { ...turn, heard: { sentence, playedMs } };
    return turn.interrupted ? cutShort(reported, true) : reported;
  });
}

/** The gateway says what was heard: history keeps that, and nothing else. */
function playedOut(state: TurnState, event: EventOfType<'playout.ended'>): TurnState {
  const isWhole = event.outcome === 'completed';
  const next = withTurn(state, event.reply, (turn) => ({
    ...turn,
    interrupted: !isWhole,
    settled: true,
    replyText: isWhole ? turn.sentences.join('') : heardText(turn.sentences, event),
  }));
  return state.active?.textDone ? over(next, event.reply) : next;
}

/** Until the gateway says exactly how far it played, its last report stands. */
function cutShort(turn: HistoryTurn, spoken: boolean): HistoryTurn {
  if (turn.settled) return turn;
  const replyText = spoken ? heardText(turn.sentences, turn.heard) : turn.sentences.join('');
  return { ...turn, interrupted: true, replyText };
}

function over(state: TurnState, reply: number): TurnState {
  if (state.active?.reply !== reply) return state;
  return { ...state, phase: 'listening', active: undefined, overlap: false };
}

function withActive(state: TurnState, reply: number, change: (active: ActiveReply) => ActiveReply): TurnState {
  return state.active?.reply === reply ? { ...state, active: change(state.active) } : state;
}

function turnOf(state: TurnState, reply: number): HistoryTurn | undefined {
  return state.history.find((turn) => turn.reply === reply);
}

function withTurn(state: TurnState, reply: number, change: (turn: HistoryTurn) => HistoryTurn): TurnState {
  if (!turnOf(state, reply)) return state;
  return { ...state, history: state.history.map((turn) => (turn.reply === reply ? change(turn) : turn)) };
}
