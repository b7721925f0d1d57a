import type { GenerationConfig, GenerationRequest } from '@cartesia/cartesia-js/resources/tts.js';
import { EngineError, type CartesiaSettings, type SynthesisRequest } from '@parley/ports';

/** Rates that Cartesia makes raw audio in, in Hz, the preferred first. */
export const SAMPLE_RATES_HZ = [24_000, 16_000, 8000, 22_050, 44_100, 48_000] as const;

/** Languages of Sonic 3. */
export const LANGUAGES =
  'en fr de es pt zh ja hi it ko nl pl ru sv tr tl bg ro ar cs el fi hr ms sk da ta uk hu no vi bn th he ka id te gu kn ml mr pa'.split(
    ' ',
  );

/** Languages by the names that it knows them by. */
const KNOWN_AS: Readonly<Record<string, string>> = { nb: 'no', nn: 'no', fil: 'tl', cmn: 'zh' };

/**
 * What Cartesia is sent for one text, in a context of its own.
 * @returns undefined for a text with nothing to say, which Cartesia would refuse
 * @throws {EngineError} `engine_settings` for a rate, a voice or a language that it does not have
 */
export function speechRequest(
  { text, voice, language, sampleRateHz }: SynthesisRequest,
  settings: CartesiaSettings,
  contextId: string,
): GenerationRequest | undefined {
  const rate = SAMPLE_RATES_HZ.find((each) => each === sampleRateHz);
  if (rate === undefined) throw settingsError(`it makes ${SAMPLE_RATES_HZ.join(', ')} Hz, not ${sampleRateHz}`);
  const wanted = voice ?? settings.voice;
  const known = [settings.voice, ...settings.voices].find((each) => each === wanted);
  if (known === undefined) throw settingsError(`there is no voice ${wanted} among the settings`);
  const transcript = sayable(text);
  const spoken = settings.language ?? languageOf(language);
  if (!/[\p{L}\p{N}]/u.test(transcript)) return undefined;
  return {
    context_id: contextId,
    model_id: settings.model,
    transcript,
    voice: { mode: 'id', id: known },
    language: spoken,
    output_format: { container: 'raw', encoding: 'pcm_s16le', sample_rate: rate },
    add_timestamps: true,
    continue: false,
    max_buffer_delay_ms: settings.maxBufferDelayMs,
    generation_config: guidance(settings),
    pronunciation_dict_id: settings.pronunciationDictionaryId,
  };
}

function guidance({ speed, volume, emotion }: CartesiaSettings): GenerationConfig | undefined {
  if (speed === undefined && volume === undefined && emotion === undefined) return undefined;
  return { speed, volume, emotion: emotion as GenerationConfig['emotion'] };
}

/** Cartesia takes no control characters and no halves of surrogate pairs. */
function sayable(text: string): string {
  return text.replace(/\p{Cc}|\p{Cs}/gu, ' ').trim();
}

function languageOf(tag: string): string {
  const own = tag.toLowerCase().split(/[-_]/)[0] ?? '';
  const base = KNOWN_AS[own] ?? own;
  if (!LANGUAGES.includes(base)) throw settingsError(`it does not speak ${tag}`);
  return base;
}

function settingsError(message: string): EngineError {
  return new EngineError('engine_settings', `Cartesia: ${message}`, false);
}
