import type { ParleyEvent, Payload } from '@parley/contracts';
import { isHello } from './answerer.js';
import { isWaitedFor, ofNoAnswer, type AnsweredCommand, type OutgoingPlan } from './outgoing.js';
import { say, sayInAnswer } from './say.js';
import { decideApology, type ApologyPlan } from './trouble.js';
import type { TurnState } from './turn-state.js';

/** What a reply is said for that no model makes. */
export type Occasion = NonNullable<Payload<'reply.started'>['occasion']>;
/** Why the agent ends a session. */
export type EndReason = NonNullable<Payload<'reply.ended'>['endReason']>;

/** What an agent says by itself, and when. */
export interface OccasionPlan {
  greeting?: string | undefined;
  /** Of calls that the agent makes; without it they are as any other. */
  outgoing?: OutgoingPlan | undefined;
  /** Said one after the other to a caller who says nothing, then the goodbye. */
  idle?: { afterMs: number; prompts: readonly string[]; goodbye?: string | undefined } | undefined;
  maxDurationMs?: number | undefined;
  /** Said so long before a session has its longest duration. */
  warning?: { text: string; beforeMs: number } | undefined;
  /** Said when it has. */
  goodbye?: string | undefined;
  /** What becomes of failures; without it the caller is told nothing. */
  apology?: ApologyPlan | false | undefined;
}

/** A reply that no model makes. */
export interface SayCommand {
  type: 'say';
  occasion: Occasion;
  reply: number;
  turn: number;
  /** Word for word; empty for nothing. */
  script: string;
  /** What it answers, and the ids of the events; empty when it answers nothing. */
  userText: string;
  answers: string[];
  /** The session ends when it has been heard. */
  endReason?: EndReason;
}

/** There is nothing to do before this time. */
export interface RestCommand {
  type: 'rest';
  /** In ms since 1970. */
  untilMs: number;
}

/** The reply that has the floor must end. */
export interface InterruptCommand {
  type: 'interrupt';
  reply: number;
  cause: string;
}

/** What the log says of who was heard when. Times are in ms since 1970, by the clocks of those who wrote. */
export interface Quiet {
  openedMs: number;
  /** Nothing was said or done since. */
  sinceMs: number;
  /** The caller's voice is heard. */
  isSpeaking: boolean;
  /** The caller's connection is lost. */
  isAway: boolean;
  /** Prompts said since the caller was heard. */
  prompts: number;
  /** It was said that the session will soon have its longest duration. */
  isWarned: boolean;
  /** The agent has hung up, and the caller has said nothing since. */
  isHungUp: boolean;
}

/** Before the first event. */
export const NOT_OPENED: Quiet = {
  openedMs: 0,
  sinceMs: 0,
  isSpeaking: false,
  isAway: false,
  prompts: 0,
  isWarned: false,
  isHungUp: false,
};

/** What is said at a pause comes no sooner than this after the last word, so that nobody is spoken over who goes on. */
const PAUSE_MS = 2000;
/** How long a pause is waited for when a session has had its time. */
const LAST_PAUSE_MS = 10_000;

/** What is known of who was heard after an event. Pure. */
export function foldQuiet(quiet: Quiet, event: ParleyEvent): Quiet {
  if (event.type === 'stage.claimed') return event.stage === 'stt' ? { ...quiet, isSpeaking: false } : quiet;
  const isOfNobody = event.type === 'synthesis.words' || event.type === 'session.answered';
  if (event.type.startsWith('stage.') || isOfNobody) return quiet;
  const next = { ...quiet, sinceMs: Math.max(quiet.sinceMs, event.at) };
  switch (event.type) {
    case 'session.opened':
      return { ...next, openedMs: event.at };
    case 'session.suspended':
      return { ...next, isAway: true, isSpeaking: false };
    case 'session.resumed':
      return { ...next, isAway: false };
    case 'session.mode':
      return event.mode.startsWith('text-') ? { ...next, isSpeaking: false } : next;
    case 'speech.started':
      return { ...heard(next), isSpeaking: true };
    case 'speech.stopped':
      return { ...next, isSpeaking: false };
    case 'session.text':
    case 'session.dtmf':
    case 'session.commit':
    case 'turn.ended':
      return heard(next);
    case 'transcript.interim':
    case 'transcript.final':
      return event.text.trim() ? heard(next) : next;
    case 'reply.started':
      if (event.occasion === 'idle') return { ...next, prompts: next.prompts + 1 };
      return event.occasion === 'warning' ? { ...next, isWarned: true } : next;
    case 'reply.ended':
      return event.hangUp ? { ...next, isHungUp: true } : next;
    case 'reply.interrupted':
      return { ...next, isHungUp: false };
    default:
      return next;
  }
}

/**
 * What is to be said unasked, or until when there is nothing to do; undefined when only an event can change that. Pure: of
 * the log's fold, the agent and the time alone, so that an owner that takes over says what the one before would have
 * said, and nothing again.
 */
export function decideOccasion(
  state: TurnState,
  plan: OccasionPlan,
  nowMs: number,
): SayCommand | AnsweredCommand | InterruptCommand | RestCommand | undefined {
  const { phase, active, quiet } = state;
  if (phase === 'ended' || phase === 'opening') return undefined;
  const greeting = greetingOf(state, plan);
  if (greeting) return greeting;
  if (quiet.isAway || quiet.isHungUp) return undefined;
  const lastMs = endMs(state, plan) + LAST_PAUSE_MS;
  if (nowMs >= lastMs && active) return { type: 'interrupt', reply: active.reply, cause: 'session_too_long' };
  if (nowMs >= lastMs) return sayGoodbye(state, plan, 'session_too_long');
  if (active || state.open.length > 0 || quiet.isSpeaking) return rest([lastMs]);
  const apology = decideApology(state, plan.apology);
  if (apology) return apology;
  const silence = plan.outgoing && isWaitedFor(state) ? ofNoAnswer(state, plan, plan.outgoing) : ofSilence(state, plan);
  const due = [...ofDuration(state, plan), ...silence];
  const first = due.find(({ fromMs }) => nowMs >= fromMs);
  return first?.command ?? rest([lastMs, ...due.map(({ fromMs }) => fromMs)]);
}

/** Why the session ends with a goodbye that is said now. */
export function goodbyeReason(state: TurnState, plan: OccasionPlan, nowMs: number): EndReason {
  if (state.callee.answeredBy === 'nobody' && isWaitedFor(state)) return 'no_answer';
  return nowMs >= endMs(state, plan) ? 'session_too_long' : 'agent_ended';
}

/** The greeting, once; who was called speaks first, and is greeted when that was no more than a hello. */
function greetingOf(state: TurnState, { greeting, outgoing }: OccasionPlan): SayCommand | undefined {
  const { reply, active, callee, open } = state;
  if (greeting === undefined || reply > 0 || active) return undefined;
  if (!callee.isOutgoing || !outgoing) return say(state, 'greeting', greeting);
  const isGreeted = open.length > 0 && isHello(open.map(({ text }) => text).join(' '), callee.language);
  return isGreeted ? sayInAnswer(state, 'greeting', greeting) : undefined;
}

/** The caller has said or done something. */
function heard(quiet: Quiet): Quiet {
  return { ...quiet, prompts: 0, isHungUp: false };
}

/** Something that is to be done at a time. */
export interface Due {
  fromMs: number;
  command: SayCommand | AnsweredCommand;
}

/** What a session's duration makes the agent say at the next pause. */
function ofDuration(state: TurnState, plan: OccasionPlan): Due[] {
  const { quiet } = state;
  const end = endMs(state, plan);
  if (end === Infinity) return [];
  const pauseMs = quiet.sinceMs + PAUSE_MS;
  const goodbye = { fromMs: Math.max(end, pauseMs), command: sayGoodbye(state, plan, 'session_too_long') };
  if (!plan.warning || quiet.isWarned) return [goodbye];
  const { text, beforeMs } = plan.warning;
  return [goodbye, { fromMs: Math.max(end - beforeMs, pauseMs), command: say(state, 'warning', text) }];
}

/** What a silence makes the agent say. */
function ofSilence(state: TurnState, { idle, goodbye }: OccasionPlan): Due[] {
  if (!idle) return [];
  const { sinceMs, prompts } = state.quiet;
  const fromMs = sinceMs + idle.afterMs;
  const prompt = idle.prompts[prompts];
  if (prompt !== undefined) return [{ fromMs, command: say(state, 'idle', prompt) }];
  const last = idle.goodbye ?? goodbye;
  return last === undefined ? [] : [{ fromMs, command: sayGoodbye(state, { goodbye: last }, 'agent_ended') }];
}

function endMs({ quiet }: TurnState, { maxDurationMs = Infinity }: OccasionPlan): number {
  return quiet.openedMs + maxDurationMs;
}

function rest(times: readonly number[]): RestCommand | undefined {
  const untilMs = Math.min(...times);
  return untilMs === Infinity ? undefined : { type: 'rest', untilMs };
}

function sayGoodbye(state: TurnState, { goodbye = '' }: OccasionPlan, endReason: EndReason): SayCommand {
  return { ...say(state, 'goodbye', goodbye), endReason };
}
