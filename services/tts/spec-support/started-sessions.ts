import { jest } from '@jest/globals';
import { createScriptedTextToSpeech } from '@parley/testing/engines';
import { ControlledVoice, type Speak } from './controlled-voice.js';
import { RunningTtsSession, type RunningTtsSessionOptions } from './running-tts-session.js';

/** What a session may be started with that has its engine already. */
type StartOptions = Partial<Omit<RunningTtsSessionOptions, 'engine'>>;

/** For before each test: the sessions live in jest's time. */
export function holdTime(): void {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
}

/** For after each test: the time is the machine's again. */
export function releaseTime(): void {
  jest.useRealTimers();
}

/** A session whose engine speaks scripted voice, 100 ms of it every 10 ms. */
export function startScripted(options: StartOptions = {}): RunningTtsSession {
  return new RunningTtsSession({ engine: createScriptedTextToSpeech({ firstAudioMs: 50 }), ...options });
}

/** A session whose engine speaks as the test says. */
export function startControlled(speak: Speak, options: StartOptions = {}) {
  const engine = new ControlledVoice(speak);
  return { engine, running: new RunningTtsSession({ engine, ...options }) };
}
