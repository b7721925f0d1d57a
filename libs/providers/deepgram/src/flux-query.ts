import type { DeepgramFluxSettings, SpeechToTextOptions } from '@parley/ports';

/** Parameters of `/v2/listen`. */
export type FluxQuery = ReturnType<typeof fluxQuery>;

const MIN_TIMEOUT_MS = 500;
const MAX_TIMEOUT_MS = 60_000;

/**
 * What a session asks `/v2/listen` for. Where turns are ended by others nothing but `ForceEndTurn` and the longest silence
 * there is ends one. Of how turns end the shortest silence cannot be told: Flux goes by what is said.
 */
export function fluxQuery(settings: DeepgramFluxSettings, options: SpeechToTextOptions) {
  const { language, sampleRateHz, keyTerms = [], endOfTurn } = options;
  const isMulti = settings.model === 'flux-general-multi';
  const timeoutMs = endOfTurn ? Math.round(endOfTurn.maxSilenceMs) : MAX_TIMEOUT_MS;
  return {
    model: settings.model,
    encoding: 'linear16' as const,
    sample_rate: sampleRateHz,
    eot_threshold: endOfTurn ? settings.eotThreshold : 1,
    eot_timeout_ms: Math.min(Math.max(timeoutMs, MIN_TIMEOUT_MS), MAX_TIMEOUT_MS),
    ...(endOfTurn && settings.eagerEotThreshold !== undefined && { eager_eot_threshold: settings.eagerEotThreshold }),
    ...(isMulti && { language_hint: [language.split(/[-_]/)[0] as string] }),
    ...(keyTerms.length > 0 && { keyterm: [...keyTerms] }),
    ...(settings.numerals && { numerals: 'true' }),
    ...(settings.profanityFilter && { profanity_filter: 'true' }),
    ...(settings.redact !== undefined && { redact: settings.redact }),
    ...(settings.tags.length > 0 && { tag: [...settings.tags] }),
    ...(settings.mipOptOut && { mip_opt_out: 'true' }),
  };
}
