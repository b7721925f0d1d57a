import type { DeepgramSettings, SpeechToTextOptions } from '@parley/ports';

/** Parameters of `/v1/listen`. */
export type NovaQuery = ReturnType<typeof novaQuery>;

/** What a session asks `/v1/listen` for. */
export function novaQuery(settings: DeepgramSettings, options: SpeechToTextOptions) {
  const { language, sampleRateHz, keyTerms = [] } = options;
  const terms = keyTerms.length > 0 ? [...keyTerms] : undefined;
  // Nova-3 refuses `keywords`, and models before it `keyterm`.
  const takesKeyterm = /^nova-3(-|$)/.test(settings.model);
  return {
    model: settings.model,
    language: settings.language ?? language,
    encoding: 'linear16',
    sample_rate: sampleRateHz,
    channels: 1,
    interim_results: 'true',
    endpointing: settings.endpointingMs,
    utterance_end_ms: settings.utteranceEndMs,
    punctuate: String(settings.punctuate),
    ...(settings.smartFormat && { smart_format: 'true' }),
    ...(settings.numerals && { numerals: 'true' }),
    ...(settings.fillerWords && { filler_words: 'true' }),
    ...(settings.profanityFilter && { profanity_filter: 'true' }),
    ...(settings.redact.length > 0 && { redact: [...settings.redact] as unknown as string }),
    ...(settings.tags.length > 0 && { tag: [...settings.tags] }),
    ...(settings.mipOptOut && { mip_opt_out: 'true' }),
    ...(takesKeyterm ? { keyterm: terms } : { keywords: terms }),
  };
}
