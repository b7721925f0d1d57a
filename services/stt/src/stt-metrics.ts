import type { Metrics } from '@parley/telemetry';

/** What the stt stage measures. */
export type SttMetrics = ReturnType<typeof createSttMetrics>;

/** Makes the stt stage's metrics. */
export function createSttMetrics(metrics: Metrics) {
  return {
    audio: metrics.counter({ name: 'parley_stt_audio_seconds_total', help: "Caller's voice received" }),
    gaps: metrics.counter({
      name: 'parley_stt_audio_gap_seconds_total',
      help: "Caller's voice that never arrived, taken for silence",
    }),
    skipped: metrics.counter({
      name: 'parley_stt_audio_skipped_seconds_total',
      help: 'Replayed voice that has its final transcript already',
    }),
    finals: metrics.counter({ name: 'parley_stt_finals_total', help: 'Final transcripts', labels: ['engine'] }),
    turns: metrics.counter({ name: 'parley_stt_turns_total', help: 'Turns ended' }),
    empty: metrics.counter({ name: 'parley_stt_empty_turns_total', help: 'Turns in which nothing was understood' }),
    failures: metrics.counter({
      name: 'parley_stt_engine_failures_total',
      help: 'Failures of the engine',
      labels: ['engine', 'code'],
    }),
    transcription: metrics.histogram({
      name: 'parley_stt_transcription_seconds',
      help: 'From the end of the audio to the final transcript',
      labels: ['engine'],
    }),
    eouDelay: metrics.histogram({
      name: 'parley_stt_eou_delay_seconds',
      help: "From the end of speech to the decision that the turn is over, in the audio's time",
    }),
  };
}
