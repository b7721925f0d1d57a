import {
  SeenEvents,
  resumeRequestSchema,
  sessionRequestSchema,
  type ClaimedStage,
  type Direction,
  type EventOf,
  type Mode,
  type ParleyEvent,
} from '@parley/contracts';
import type { z } from 'zod';
import { isHeard, stagesOf } from './caller-mode.js';
import { EdgeError } from './edge-error.js';
import { newResumeToken, readResumeToken, type ResumeToken } from './resume-token.js';
import type { ReceivedPlace } from './resumed-playout.js';

/** Rate of the agent's voice as callers get it. */
export const VOICE_SAMPLE_RATE_HZ = 16_000;

/** What a session was opened with, or what is known of it when it is resumed; its mode may change later. */
export interface SessionSettings {
  readonly sessionId: string;
  readonly agent: string;
  readonly mode: Mode;
  readonly language: string;
  /** Who has called. */
  readonly direction: Direction;
  /** Length of the frames that the caller gets. */
  readonly frameMs: number;
  /** With it the caller can resume the session anywhere. */
  readonly resumeToken: string;
  /** The caller says that it can. */
  readonly resumable: boolean;
  /** Its speaker can be held. */
  readonly pausable: boolean;
  readonly voiceOut: boolean;
  /** Stages that must work on it. */
  readonly stages: readonly ClaimedStage[];
  /** Stages that a session like this has been offered: those, and what earlier modes needed. */
  readonly offered: readonly ClaimedStage[];
}

/**
 * Checks what a caller asks for.
 * @throws {EdgeError} `invalid_message`
 */
export function readSessionRequest(request: unknown, sessionId: string, defaultAgent: string): SessionSettings {
  const asked = parsed(sessionRequestSchema, request);
  const { agent = defaultAgent, mode, language, direction, frameMs, resumable = false, pausable = false } = asked;
  const resumeToken = newResumeToken(sessionId);
  return settingsOf({ sessionId, agent, mode, language, direction, frameMs, resumeToken, resumable, pausable });
}

/** The settings of a session as its log has them: in the mode that its caller was in last. */
export function loggedSettings(
  opened: EventOf<'session.opened'>,
  log: readonly ParleyEvent[],
  { resumeToken, pausable }: Pick<Resumption, 'resumeToken' | 'pausable'>,
): SessionSettings {
  const { sessionId, agent, language, direction = 'incoming', outputFrameMs: frameMs } = opened;
  const modes = [opened.mode, ...log.flatMap((event) => (event.type === 'session.mode' ? [event.mode] : []))];
  const taken = log.flatMap(({ type, stage }) => (type === 'stage.claimed' ? [stage as ClaimedStage] : []));
  const mode = modes.at(-1) as Mode;
  const offered = [...new Set([...modes.flatMap(stagesOf), ...taken])];
  const known = { sessionId, agent, mode, language, direction, frameMs, resumeToken, resumable: true, pausable };
  return settingsOf(known, offered);
}

/** What a caller says who comes back. */
export interface Resumption {
  /** As it was given, for the caller to use again. */
  resumeToken: string;
  token: ResumeToken;
  seen: SeenEvents;
  received: ReceivedPlace | undefined;
  sent: number | undefined;
  kept: number | undefined;
  /** The former connection still serves the caller. */
  moving: boolean;
  /** Its speaker can be held. */
  pausable: boolean;
}

/**
 * Checks what a caller says who comes back.
 * @throws {EdgeError} `invalid_message`, or `resume_refused` for what cannot be a token
 */
export function readResumption(request: unknown): Resumption {
  const { resume, seen, received, sent, kept, moving = false, pausable = false } = parsed(resumeRequestSchema, request);
  const token = readResumeToken(resume);
  if (!token) throw new EdgeError('resume_refused');
  const [reply = 0, sentence = 0, pts = 0] = received?.split('.').map(Number) ?? [];
  try {
    return {
      resumeToken: resume,
      token,
      seen: SeenEvents.decode(seen ?? ''),
      received: received === undefined ? undefined : { reply, sentence, pts },
      sent,
      kept,
      moving,
      pausable,
    };
  } catch (cause) {
    throw new EdgeError('invalid_message', `the session request cannot be used: ${(cause as Error).message}`, {
      cause,
    });
  }
}

function settingsOf(
  known: Omit<SessionSettings, 'voiceOut' | 'stages' | 'offered'>,
  offered = stagesOf(known.mode),
): SessionSettings {
  return Object.freeze({ ...known, voiceOut: isHeard(known.mode), stages: stagesOf(known.mode), offered });
}

function parsed<S extends z.ZodType>(schema: S, request: unknown): z.output<S> {
  const result = schema.safeParse(request ?? {});
  if (result.success) return result.data;
  const where = result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ');
  throw new EdgeError('invalid_message', `the session request cannot be used: ${where}`);
}
