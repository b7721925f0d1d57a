import type { AudioOptions } from '@elevenlabs/elevenlabs-js/wrapper/realtime/scribe.js';
import type { ElevenLabsSpeechToTextSettings, SpeechToTextOptions } from '@parley/ports';
import { loadScribe } from './scribe-connection.js';
import { primaryLanguage } from './service.js';

/** Sample rates that Scribe takes, the preferred first. */
export const SCRIBE_RATES_HZ: readonly number[] = [16_000, 8000, 24_000, 22_050, 44_100, 48_000];

/** Limits that the provider sets. */
const MAX_KEY_TERMS = 50;
const MAX_KEY_TERM_CHARS = 20;

/** What the provider's client is told when a stream opens; what it is not told is left to the provider. */
export async function scribeSession(
  settings: ElevenLabsSpeechToTextSettings,
  { sampleRateHz, language, keyTerms = [] }: SpeechToTextOptions,
): Promise<AudioOptions> {
  const { AudioFormat, CommitStrategy } = await loadScribe();
  const terms = [...new Set([...settings.keyTerms, ...keyTerms].map((term) => term.trim()))]
    .filter((term) => term !== '' && term.length <= MAX_KEY_TERM_CHARS)
    .slice(0, MAX_KEY_TERMS);
  const isVad = settings.commitStrategy === 'vad';
  const { vadSilenceMs, vadThreshold, minSpeechMs, minSilenceMs } = settings;
  return {
    modelId: settings.model,
    sampleRate: sampleRateHz,
    audioFormat: AudioFormat[`PCM_${sampleRateHz}` as keyof typeof AudioFormat],
    commitStrategy: isVad ? CommitStrategy.VAD : CommitStrategy.MANUAL,
    ...(isVad && {
      ...(vadSilenceMs !== undefined && { vadSilenceThresholdSecs: vadSilenceMs / 1000 }),
      ...(vadThreshold !== undefined && { vadThreshold }),
      ...(minSpeechMs !== undefined && { minSpeechDurationMs: minSpeechMs }),
      ...(minSilenceMs !== undefined && { minSilenceDurationMs: minSilenceMs }),
    }),
    ...(!settings.detectLanguage && { languageCode: primaryLanguage(language) }),
    ...(settings.secondaryLanguages.length > 0 && { secondaryLanguages: settings.secondaryLanguages }),
    ...(settings.wordTimes && { includeTimestamps: true }),
    ...(terms.length > 0 && { keyterms: terms }),
    ...(settings.noVerbatim && { noVerbatim: true }),
    ...(settings.filterBackgroundAudio && { filterBackgroundAudio: true }),
    ...(!settings.enableLogging && { enableLogging: false }),
  };
}
