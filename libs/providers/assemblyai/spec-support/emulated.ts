import type { SpeechToText, SpeechToTextOptions, SpeechToTextStream, ProviderIncident } from '@parley/ports';
import { assemblyAiSettings } from '@parley/ports';
import { EventLog } from '@parley/ports/conformance';
import {
  startAssemblyAiEmulator,
  type AssemblyAiEmulatedSession,
  type AssemblyAiEmulatorOptions,
  type Emulator,
} from '@parley/testing/emulators';
import { speakScripted } from '@parley/testing/engines';
import { createAssemblyAi, type AssemblyAiOptions } from '../src/index.js';

export const RATE = 16_000;

/** What a test is run with. */
export interface EmulatedOptions {
  settings?: Record<string, unknown>;
  emulator?: AssemblyAiEmulatorOptions;
  engine?: Partial<AssemblyAiOptions>;
}

/** The adapter, its emulated provider, and everything that happens between them. */
export class Emulated {
  readonly incidents: ProviderIncident[] = [];
  readonly sessions: AssemblyAiEmulatedSession[] = [];
  private constructor(
    readonly emulator: Emulator,
    readonly engine: SpeechToText,
  ) {}

  static async start({ settings = {}, emulator: emulated = {}, engine = {} }: EmulatedOptions = {}): Promise<Emulated> {
    const sessions: AssemblyAiEmulatedSession[] = [];
    const incidents: ProviderIncident[] = [];
    const emulator = await startAssemblyAiEmulator({ ...emulated, onSession: (session) => sessions.push(session) });
    const made = createAssemblyAi({
      apiKey: 'the-key',
      baseUrl: emulator.wsUrl,
      settings: assemblyAiSettings.parse({ noWordsMs: 300, ...settings }),
      observe: (incident) => incidents.push(incident),
      ...engine,
    });
    return Object.assign(new Emulated(emulator, made), { incidents, sessions });
  }

  async open(more: Partial<SpeechToTextOptions> = {}): Promise<{ stream: SpeechToTextStream; log: EventLog }> {
    const stream = await this.engine.open({ sessionId: 's1', sampleRateHz: RATE, language: 'en', ...more });
    return { stream, log: new EventLog(stream, 4000) };
  }

  /** Parameters of the newest session. */
  get query(): Record<string, string> {
    return Object.fromEntries(this.emulator.requests.at(-1)?.url.searchParams ?? []);
  }

  /** What the newest session was sent in words. */
  get texts(): unknown[] {
    const messages = this.emulator.requests.at(-1)?.messages ?? [];
    return messages.filter(({ isBinary }) => !isBinary).map(({ data }) => JSON.parse(data.toString()) as unknown);
  }

  /** Lengths of the audio that the newest session was sent, in ms. */
  get frames(): number[] {
    const messages = this.emulator.requests.at(-1)?.messages ?? [];
    return messages.filter(({ isBinary }) => isBinary).map(({ data }) => data.length / 2 / (RATE / 1000));
  }

  /** Has the newest session say something of its own. */
  say(message: string | Record<string, unknown>): void {
    this.sessions.at(-1)?.say(message);
  }

  async stop(): Promise<void> {
    await this.engine.close();
    await this.emulator.stop();
  }
}

/** Scripted voice. */
export function voice(text: string): Int16Array {
  return speakScripted(text, RATE);
}

export function silence(ms: number): Int16Array {
  return new Int16Array((RATE * ms) / 1000);
}

/** A `Turn` message as Universal-Streaming says it. */
export function turn(order: number, transcript: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  const words = transcript.split(' ').map((text, at) => ({ text, start: at * 100, end: at * 100 + 80, confidence: 0.5, word_is_final: true })); // prettier-ignore
  return { type: 'Turn', turn_order: order, turn_is_formatted: false, end_of_turn: false, transcript, end_of_turn_confidence: 0.1, words: transcript === '' ? [] : words, utterance: '', ...more }; // prettier-ignore
}
