import type { ElevenLabsTextToSpeechSettings, SpeechChunk, SynthesisRequest } from '@parley/ports';
import { primaryLanguage, settingsError } from './service.js';

/** A text, and how it is to be spoken. */
export interface Speech {
  text: string;
  voice: string;
  /** Undefined where the model takes none. */
  language: string | undefined;
  sampleRateHz: number;
}

/** A way of having texts spoken. */
export interface SpeechTransport {
  /** Prepares for texts like this one. */
  warm(speech: Omit<Speech, 'text'>): Promise<void>;
  /** Speaks a text, and stops when aborted or left. */
  speak(speech: Speech, signal: AbortSignal | undefined): AsyncIterable<SpeechChunk>;
  close(): Promise<void>;
}

/** Languages of the models that speak many. */
const LANGUAGES: readonly string[] =
  'en ar bg cs da de el es fi fil fr hi hr hu id it ja ko ms nl no pl pt ro ru sk sv ta tr uk vi zh'.split(' ');

/** The languages of a model. */
export function languagesOf(model: string): readonly string[] {
  return /^eleven_(flash_v2|turbo_v2|monolingual_v1)$/.test(model) ? ['en'] : LANGUAGES;
}

/** Sample rates that can be had, the preferred first. */
export function ratesOf({ transport, proSampleRates }: ElevenLabsTextToSpeechSettings): readonly number[] {
  const rates = [16_000, 24_000, 8000, 22_050];
  if (proSampleRates) rates.push(44_100, ...(transport === 'http' ? [48_000] : []));
  return rates;
}

/** The voices that may be named, the one that speaks when none is named first; none when it may be any. */
export function voicesOf({ voice, voices }: ElevenLabsTextToSpeechSettings): readonly string[] {
  return voices.length === 0 ? [] : [...new Set([voice, ...voices])];
}

/**
 * What is to be spoken for a request; undefined when there is nothing to say in it.
 * @throws {EngineError} `engine_settings` for a voice, a language or a rate that is not to be had
 */
export function speechOf(request: SynthesisRequest, settings: ElevenLabsTextToSpeechSettings): Speech | undefined {
  const { sampleRateHz, voice = settings.voice } = request;
  const known = voicesOf(settings);
  const language = settings.language ?? primaryLanguage(request.language);
  if (!ratesOf(settings).includes(sampleRateHz)) throw settingsError(`it does not make ${sampleRateHz} Hz`);
  if (known.length > 0 && !known.includes(voice)) throw settingsError(`there is no voice ${voice}`);
  if (!languagesOf(settings.model).includes(language)) throw settingsError(`it does not speak ${language}`);
  const text = sayable(request.text);
  return text === '' ? undefined : { text, voice, sampleRateHz, language: languageFor(settings.model, language) };
}

/** The code that a model is told; older ones find out for themselves, and refuse it. */
export function languageFor(model: string, language: string): string | undefined {
  return /_v2_5$|^eleven_v3/.test(model) ? language : undefined;
}

/** The voice's settings as they are on the wire; undefined where the voice's own are to be used. */
export function voiceSettingsOf(settings: ElevenLabsTextToSpeechSettings) {
  const { stability, similarity, style, speed, speakerBoost } = settings;
  const given = { stability, similarity_boost: similarity, style, speed, use_speaker_boost: speakerBoost };
  return Object.values(given).some((value) => value !== undefined) ? given : undefined;
}

/** A text without what cannot be sent, in one line; empty when nothing of it can be said. */
function sayable(text: string): string {
  const line = text.replace(/[\p{Cc}\p{Cs}\s]+/gu, ' ').trim();
  return /[\p{L}\p{N}\p{S}]/u.test(line) ? line : '';
}
