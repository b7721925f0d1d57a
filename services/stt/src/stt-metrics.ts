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
    voiceWindows: metrics.counter({
      name: 'parley_stt_voice_windows_total',
      help: 'Windows of 32 ms of voice that the Silero model judged, or that count as no speech: quiet, failed, dropped',
      labels: ['outcome'],
    }),
    voiceWait: metrics.histogram({
      name: 'parley_stt_voice_activity_seconds',
      help: 'From when a window of voice is there until it is judged, the longest of each batch',
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1],
    }),
    finals: metrics.counter({ name: 'parley_stt_finals_total', help: 'Final transcripts', labels: ['engine'] }),
    turns: metrics.counter({
      name: 'parley_stt_turns_total',
      help: 'Turns ended, by what ended them and how their words end: complete, trailing or open',
      labels: ['cause', 'kind'],
    }),
    continued: metrics.counter({
      name: 'parley_stt_turns_continued_total',
      help: 'Turns begun within the longest delay of the one before, which may have been ended too soon',
      labels: ['cause'],
    }),
    empty: metrics.counter({ name: 'parley_stt_empty_turns_total', help: 'Turns in which nothing was understood' }),
    emptyCommits: metrics.counter({
      name: 'parley_stt_empty_commits_total',
      help: 'Commits by callers who had said nothing',
    }),
    fallbacks: metrics.counter({
      name: 'parley_stt_endpointing_fallbacks_total',
      help: 'Sessions whose agent wants the engine to end turns, and whose engine cannot',
      labels: ['engine'],
    }),
    reopened: metrics.counter({
      name: 'parley_stt_streams_reopened_total',
      help: "Streams opened again because the agent's policy came late",
      labels: ['engine'],
    }),
    unheard: metrics.counter({
      name: 'parley_stt_audio_unheard_seconds_total',
      help: "Caller's voice that came while the caller was writing, and was not transcribed",
    }),
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
      labels: ['cause'],
    }),
  };
}
