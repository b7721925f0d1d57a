import { EngineError, type AssemblyAiSettings, type SpeechToTextOptions } from '@parley/ports';
import type { StreamingTranscriberParams } from 'assemblyai/streaming';

/** How a session is opened. */
export interface SessionParameters {
  /** For the SDK, which makes the address of them. */
  sdk: Omit<StreamingTranscriberParams, 'apiKey'>;
  /** What the SDK leaves out of the address when it is false or 0. */
  query: Readonly<Record<string, string>>;
  /** Silence before which the provider ends no turn by itself. */
  minTurnSilenceMs: number;
}

const SIX = ['en', 'es', 'fr', 'de', 'it', 'pt'];
const NINETEEN = [...SIX, 'tr', 'nl', 'sv', 'no', 'da', 'fi', 'hi', 'vi', 'ar', 'he', 'ja', 'zh', 'ca'];
const LANGUAGES: Readonly<Record<AssemblyAiSettings['speechModel'], readonly string[]>> = {
  'universal-streaming-english': ['en'],
  'universal-streaming-multilingual': SIX,
  'u3-rt-pro': SIX,
  'universal-3-5-pro': NINETEEN,
  'universal-3-6-pro': [...NINETEEN, 'af', 'yue', 'et', 'gl', 'ko', 'mr', 'nn', 'fa', 'ro', 'ru', 'ur', 'xh', 'zu'],
};

/** Any between 8000 and 96 000 would do. */
export const SAMPLE_RATES_HZ: readonly number[] = [16_000, 8000, 24_000, 48_000];
const MAX_KEY_TERMS = 100;
const MAX_KEY_TERM_CHARS = 50;

/** What a model understands, by ISO codes. */
export function languagesOf(model: AssemblyAiSettings['speechModel']): readonly string[] {
  return LANGUAGES[model];
}

/** Whether a model finds ends of turns by how sure it is of them; the newer ones go by what was said. */
export function isUniversalStreaming(model: AssemblyAiSettings['speechModel']): boolean {
  return model.startsWith('universal-streaming');
}

/**
 * Puts together what a session is opened with. Key terms beyond the first 100, and those of more than 50 characters, are
 * left out: the provider would refuse the session.
 * @throws {EngineError} `engine_settings` for a rate or a language that the model does not take
 */
export function sessionParameters(settings: AssemblyAiSettings, options: SpeechToTextOptions): SessionParameters {
  const { speechModel, formatTurns, endOfTurnConfidence } = settings;
  const { sampleRateHz, endOfTurn } = options;
  const language = options.language.toLowerCase().split(/[-_]/)[0] ?? '';
  if (!SAMPLE_RATES_HZ.includes(sampleRateHz)) throw refusal(`takes ${SAMPLE_RATES_HZ.join(', ')} Hz, not ${sampleRateHz}`); // prettier-ignore
  if (!languagesOf(speechModel).includes(language)) throw refusal(`${speechModel} does not speak ${options.language}`);
  const keyTerms = [...new Set([...(options.keyTerms ?? []), ...settings.keyTerms])].filter(
    (term) => term.trim() !== '' && [...term].length <= MAX_KEY_TERM_CHARS,
  );
  const minTurnSilenceMs = Math.round(endOfTurn?.minSilenceMs ?? settings.minTurnSilenceMs);
  const maxTurnSilenceMs = Math.round(endOfTurn?.maxSilenceMs ?? settings.maxTurnSilenceMs);
  return {
    sdk: {
      sampleRate: sampleRateHz,
      encoding: 'pcm_s16le',
      speechModel,
      minTurnSilence: minTurnSilenceMs,
      maxTurnSilence: Math.max(maxTurnSilenceMs, minTurnSilenceMs),
      inactivityTimeout: settings.inactivityTimeoutMs / 1000,
      ...given('keytermsPrompt', keyTerms.length > 0 ? keyTerms.slice(0, MAX_KEY_TERMS) : undefined),
      ...given('vadThreshold', settings.vadThreshold),
      ...given('domain', settings.domain),
      ...given('mode', settings.mode),
      ...given('prompt', settings.prompt),
      ...given('interruptionDelay', settings.interruptionDelayMs),
      ...given('voiceFocus', settings.voiceFocus),
      ...given('voiceFocusThreshold', settings.voiceFocusThreshold),
      ...given('languageCodes', languageCodes(settings, language)),
    },
    query: {
      filter_profanity: String(settings.filterProfanity),
      ...(isUniversalStreaming(speechModel) ? { format_turns: String(formatTurns ?? false) } : {}),
      ...(endOfTurnConfidence === undefined ? {} : { end_of_turn_confidence_threshold: String(endOfTurnConfidence) }),
    },
    minTurnSilenceMs,
  };
}

/** The first of them sets the script, so the session's own stands first; older models cannot be told. */
function languageCodes({ speechModel, furtherLanguages = [] }: AssemblyAiSettings, language: string) {
  if (isUniversalStreaming(speechModel) || speechModel === 'u3-rt-pro') return undefined;
  return [...new Set([language, ...furtherLanguages])];
}

/** The SDK sends what is there, be it undefined. */
function given<Name extends string, Value>(name: Name, value: Value | undefined): Partial<Record<Name, Value>> {
  return value === undefined ? {} : ({ [name]: value } as Record<Name, Value>);
}

function refusal(message: string): EngineError {
  return new EngineError('engine_settings', `AssemblyAI: ${message}`, false);
}
