import type { ParleyEvent } from '@parley/contracts';
import { foldCallee } from './callee.js';
import { cutShort, heardSoFar, heardWhole, readOn, settledAt, withSentence, withWords } from './heard-reply.js';
import { foldQuiet } from './occasions.js';
import { foldSpeech } from './overlap.js';
import { withKeys } from './pressed-keys.js';
import { foldTrouble } from './trouble.js';
import { MAX_HISTORY_TURNS, speaks, turnOf, type ActiveReply, type HistoryTurn, type TurnState } from './turn-state.js';

/** The state after an event. Pure: live running, a new owner's rebuild and replays use this same function. */
export function foldTurn(state: TurnState, event: ParleyEvent): TurnState {
  if (state.phase === 'ended') return state;
  const speech = foldSpeech(state.speech, event);
  const quiet = foldQuiet(state.quiet, event);
  const trouble = foldTrouble(state.trouble, event);
  return foldConversation({ ...state, speech, quiet, trouble, callee: foldCallee(state.callee, event) }, event);
}

function foldConversation(state: TurnState, event: ParleyEvent): TurnState {
  switch (event.type) {
    case 'session.opened':
      return { ...state, phase: 'listening', agent: event.agent, mode: event.mode };
    case 'session.policy': {
      const { endpointing, interruption, keyTerms, voice, speakers, providers } = event;
      return { ...state, policy: { endpointing, interruption, keyTerms, voice, speakers, providers } };
    }
    case 'session.mode':
      return { ...state, mode: event.mode };
    case 'session.closed':
      return { ...state, phase: 'ended', active: undefined, open: [], keys: [] };
    case 'session.text':
    case 'turn.ended':
      return said(state, event);
    case 'session.dtmf':
      return pressed(state, event);
    case 'reply.started':
      return started(state, event);
    case 'reply.sentence':
      return sentence(state, event);
    case 'tool.called':
      return called(state, event);
    case 'tool.returned':
      return returned(state, event);
    case 'history.summarised':
      return summarised(state, event);
    case 'synthesis.words':
      return withTurn(state, event.reply, (turn) => withWords(turn, event));
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

/** Turns and keys that are taken care of; what is not in the log yet will be. */
function withoutTurns({ open, keys, answeredEarly }: TurnState, ids: readonly string[]) {
  const isHere = (id: string) => open.some((turn) => turn.id === id) || keys.some((pressed) => pressed.id === id);
  return {
    open: open.filter(({ id }) => !ids.includes(id)),
    keys: keys.filter(({ id }) => !ids.includes(id)),
    answeredEarly: [...answeredEarly, ...ids.filter((id) => !isHere(id))],
  };
}

function sentence(state: TurnState, event: EventOfType<'reply.sentence'>): TurnState {
  return withTurn(state, event.reply, (turn) => ({
    ...withSentence(turn, event),
    ...(event.interruptible === false && { uninterruptible: [...turn.uninterruptible, turn.sentences.length] }),
  }));
}

function pressed(state: TurnState, event: EventOfType<'session.dtmf'>): TurnState {
  if (state.answeredEarly.includes(event.id)) {
    return { ...state, answeredEarly: state.answeredEarly.filter((early) => early !== event.id) };
  }
  return { ...state, keys: withKeys(state.keys, event) };
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

/** Of two owners that have summarised, the one that came further counts. */
function summarised(state: TurnState, { through, text }: EventOfType<'history.summarised'>): TurnState {
  if (through <= (state.summary?.through ?? 0)) return state;
  return { ...state, summary: { through, text }, history: state.history.filter(({ reply }) => reply > through) };
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
  return withTurn(state, reply, (turn) => heardSoFar(turn, { sentence, playedMs, sentenceMs }));
}

/** The gateway says what was heard: history keeps that, and nothing else. */
function playedOut(state: TurnState, event: EventOfType<'playout.ended'>): TurnState {
  if (event.shown) return shownInstead(state, event.reply);
  const isWhole = event.outcome === 'completed';
  const next = withTurn(state, event.reply, (turn) => (isWhole ? heardWhole(turn) : settledAt(turn, event)));
  return state.active?.textDone ? over(next, event.reply) : next;
}

/** What was not heard of a reply is read: its text goes on, and when that is complete the floor is free. */
function shownInstead(state: TurnState, reply: number): TurnState {
  const isWritten = state.active?.reply !== reply || state.active.textDone;
  const next = withTurn(state, reply, (turn) => readOn(turn, isWritten));
  return isWritten ? over(next, reply) : next;
}

function over(state: TurnState, reply: number): TurnState {
  if (state.active?.reply !== reply) return state;
  return { ...state, phase: 'listening', active: undefined };
}

function withActive(state: TurnState, reply: number, change: (active: ActiveReply) => ActiveReply): TurnState {
  return state.active?.reply === reply ? { ...state, active: change(state.active) } : state;
}

function withTurn(state: TurnState, reply: number, change: (turn: HistoryTurn) => HistoryTurn): TurnState {
  if (!turnOf(state, reply)) return state;
  return { ...state, history: state.history.map((turn) => (turn.reply === reply ? change(turn) : turn)) };
}
