import {
  elevenLabsTextToSpeechSettings,
  type ProviderIncident,
  type SpeechChunk,
  type SynthesisRequest,
  type TextToSpeech,
} from '@parley/ports';
import { startElevenLabsEmulator, type ElevenLabsEmulatorOptions, type Emulator } from '@parley/testing/emulators';
import { readScripted } from '@parley/testing/engines';
import { createElevenLabsTextToSpeech, type ElevenLabsTextToSpeechOptions } from '../src/create-text-to-speech.js';

/** What is spoken. */
export const TEXT = 'I would like two turkey clubs.';
/** The voice that speaks when none is named. */
export const VOICE = 'JBFqnCBsd6RMkjVDRZzb';
const started: { emulator: Emulator; engine: TextToSpeech }[] = [];

/** How a test's provider and engine are made. */
export interface SpeakingOptions {
  emulated?: ElevenLabsEmulatorOptions;
  settings?: object;
  engine?: Partial<ElevenLabsTextToSpeechOptions>;
}

/** Starts a provider and an engine for it; {@link stopSpeaking} ends them. */
export async function startSpeaking({ emulated, settings = {}, engine: more }: SpeakingOptions = {}) {
  const emulator = await startElevenLabsEmulator({ apiKey: 'key', ...emulated });
  const incidents: ProviderIncident[] = [];
  const engine = createElevenLabsTextToSpeech({
    apiKey: 'key',
    baseUrl: emulator.url,
    settings: elevenLabsTextToSpeechSettings.parse(settings),
    observe: (incident) => incidents.push(incident),
    ...more,
  });
  started.push({ emulator, engine });
  const synthesize = (text: string, request: Partial<SynthesisRequest> = {}) =>
    engine.synthesize({ sessionId: 's', text, language: 'en', sampleRateHz: 16_000, ...request });
  const speak = async (text: string, request?: Partial<SynthesisRequest>) => {
    const chunks: SpeechChunk[] = [];
    for await (const chunk of synthesize(text, request)) chunks.push(chunk);
    return chunks;
  };
  return { emulator, engine, incidents, synthesize, speak };
}

const pcmOf = (chunks: SpeechChunk[]) => Int16Array.from(chunks.flatMap(({ pcm }) => [...pcm]));
/** The words that came with a voice. */
export const wordsOf = (chunks: SpeechChunk[]) => chunks.flatMap(({ words = [] }) => words);
/** What is heard in a scripted voice. */
export const said = (chunks: SpeechChunk[]) => readScripted(pcmOf(chunks)).text;

/** What was sent on a socket. */
export function sentTo(emulator: Emulator, socket = 0): Record<string, unknown>[] {
  const messages = emulator.requests[socket]?.messages ?? [];
  return messages.map(({ data }) => JSON.parse(data.toString()) as Record<string, unknown>);
}

/** Ends what {@link startSpeaking} has started; for `afterEach`. */
export async function stopSpeaking(): Promise<void> {
  for (const { emulator, engine } of started.splice(0)) {
    await engine.close();
    await emulator.stop();
  }
}
