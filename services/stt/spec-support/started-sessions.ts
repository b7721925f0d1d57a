import { FakeClock } from '@parley/testing';
import { createScriptedSpeechToText, speakScripted } from '@parley/testing/engines';
import { ControlledEngine } from './controlled-engine.js';
import { RunningSttSession, silence, voice, type RunningSttSessionOptions } from './running-stt-session.js';

/** What a session may be started with that has its time, and perhaps its engine, already. */
export type StartOptions = Partial<Omit<RunningSttSessionOptions, 'clock'>>;
/** What the engine can do that the test has in its hands. */
export type ControlledEngineOptions = ConstructorParameters<typeof ControlledEngine>[0];

/** The time of the sessions started since {@link newClock}. */
export let clock: FakeClock;

/** Gives the sessions that are started from here on a time of their own. */
export function newClock(): void {
  clock = new FakeClock();
}

/** A live session whose engine, unless the test brings one, reads scripted voice without error. */
export function startScripted(options: StartOptions = {}, latencyMs = 100): Promise<RunningSttSession> {
  return live({ engine: createScriptedSpeechToText({ clock, latencyMs }), ...options });
}

/** A live session whose engine says what the test tells it to. */
export async function startControlled(options: StartOptions = {}, engineOptions: ControlledEngineOptions = {}) {
  const engine = new ControlledEngine(engineOptions);
  return { engine, running: await live({ ...options, engine }) };
}

/** A session that the test has yet to make live, whose engine says what the test tells it to. */
export function claimControlled(config?: RunningSttSessionOptions['config']) {
  const engine = new ControlledEngine();
  return { engine, running: new RunningSttSession({ engine, clock, config }) };
}

/** An utterance of 400 ms and as much silence as ends it, but not the turn. */
export const utterance = () => [voice(400), silence(300)];

/** Voice that the scripted engine reads as this text. */
export const spoken = (text: string) => speakScripted(text, 16_000);

async function live(options: Omit<RunningSttSessionOptions, 'clock'>): Promise<RunningSttSession> {
  const running = new RunningSttSession({ clock, ...options });
  running.session.onLive();
  await running.settle();
  return running;
}
