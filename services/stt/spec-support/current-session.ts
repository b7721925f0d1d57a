import { expect } from '@jest/globals';
import { createScriptedSpeechToText } from '@parley/testing/engines';
import type { ControlledEngine } from './controlled-engine.js';
import { RunningSttSession } from './running-stt-session.js';
import {
  clock,
  startControlled,
  startScripted,
  type ControlledEngineOptions,
  type StartOptions,
} from './started-sessions.js';

/** An agent's policy by which the caller ends turns. */
export const MANUAL = { endpointing: { by: 'manual' as const } };

/** The session that was started last, which the functions here are about. */
export let running: RunningSttSession;

/** Starts it; its engine, unless the test brings one, reads scripted voice without error. */
export async function start(options?: StartOptions, latencyMs?: number): Promise<void> {
  running = await startScripted(options, latencyMs);
}

/** Starts it with an engine that says what the test tells it to. */
export async function startWithControlled(
  options?: StartOptions,
  engineOptions?: ControlledEngineOptions,
): Promise<ControlledEngine> {
  const started = await startControlled(options, engineOptions);
  running = started.running;
  return started.engine;
}

/** Has another owner take it over, whose log is still being read. */
export function takeOver(before: RunningSttSession): RunningSttSession {
  running = new RunningSttSession({ engine: createScriptedSpeechToText({ clock }), clock, after: before });
  return running;
}

/** For after each test: whatever happened, a new owner would know the same. */
export function expectNewOwnerToKnowTheSame(): void {
  const { rest, folded } = running;
  if (rest !== undefined) expect(rest).toEqual(folded);
}

/** Its turns, in order. */
export const turns = () => running.bus.events(running.sessionId, 'turn.ended');
/** What was said in each. */
export const texts = () => turns().map(({ text }) => text);
/** How often the caller committed nothing. */
export const emptyCommits = () => running.counted('parley_stt_empty_commits_total');
