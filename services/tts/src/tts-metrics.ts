import type { Metrics } from '@parley/telemetry';

/** What the tts stage measures. */
export type TtsMetrics = ReturnType<typeof createTtsMetrics>;

/** Makes the tts stage's metrics. */
export function createTtsMetrics(metrics: Metrics) {
  return {
    sentences: metrics.counter({
      name: 'parley_tts_sentences_total',
      help: 'Sentences by what became of them',
      labels: ['engine', 'outcome'],
    }),
    audio: metrics.counter({ name: 'parley_tts_audio_seconds_total', help: 'Voice made', labels: ['engine'] }),
    failures: metrics.counter({
      name: 'parley_tts_engine_failures_total',
      help: 'Failures of the engine',
      labels: ['engine', 'code'],
    }),
    voiceFallbacks: metrics.counter({
      name: 'parley_tts_voice_fallbacks_total',
      help: 'Sentences that another voice was taken for than was asked for: the engine does not have it, or it failed',
      labels: ['engine', 'reason'],
    }),
    apologies: metrics.counter({
      name: 'parley_tts_apologies_total',
      help: 'Replies in which the recorded apology was played, because no engine spoke',
    }),
    timedWords: metrics.counter({
      name: 'parley_tts_timed_words_total',
      help: 'Words whose times the engine gave and the log was told',
      labels: ['engine'],
    }),
    ttfb: metrics.histogram({
      name: 'parley_tts_ttfb_seconds',
      help: 'From a sentence to its first audio',
      labels: ['engine'],
    }),
  };
}
