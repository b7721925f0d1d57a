import { EngineError } from '@parley/ports';
import { FakeClock } from '@parley/testing';
import { createScriptedSpeechToText, speakScripted } from '@parley/testing/engines';
import type { SttSessionOptions } from '../src/stt-session.js';
import { ControlledEngine } from './controlled-engine.js';
import { RunningSttSession, silence, voice } from './running-stt-session.js';

/** What a session says when its engine has failed with {@link UNAVAILABLE}. */
export const FAILED = {
  type: 'stage.failed',
  code: 'engine_failed',
  message: 'speech to text: engine_unavailable',
  retryable: true,
};
/** An engine that is gone. */
export const UNAVAILABLE = new EngineError('engine_unavailable', 'gone', true);

/** The time of the sessions started since {@link newClock}. */
export let clock: FakeClock;

/** Gives the sessions that are started from here on a time of their own. */
export function newClock(): void {
  clock = new FakeClock();
}

/** A live session whose engine reads scripted voice without error. */
export async function startScripted(config?: Partial<SttSessionOptions['config']>, latencyMs = 100) {
  const running = new RunningSttSession({ engine: createScriptedSpeechToText({ clock, latencyMs }), clock, config });
  running.session.onLive();
  await running.settle();
  return running;
}

/** A session whose engine says what the test tells it to. */
export function startControlled(config?: Partial<SttSessionOptions['config']>) {
  const engine = new ControlledEngine();
  const running = new RunningSttSession({ engine, clock, config });
  return { engine, running };
}

/** An utterance of 400 ms and as much silence as ends it, but not the turn. */
export const utterance = () => [voice(400), silence(300)];

/** Voice that the scripted engine reads as this text. */
export const spoken = (text: string) => speakScripted(text, 16_000);
