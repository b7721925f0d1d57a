import type { Metrics } from '@parley/telemetry';

/** What every stage measures of the sessions it holds. */
export type HostMetrics = ReturnType<typeof createHostMetrics>;

/** What the gauges show. */
interface Readings {
  sessions: () => number;
  capacity: () => number;
  suspects: () => number;
}

/** Makes a stage's session metrics; the gauges are read when scraped. */
export function createHostMetrics(metrics: Metrics, read: Readings) {
  metrics.gauge({
    name: 'parley_stage_sessions',
    help: 'Sessions that this replica holds',
    collect: (gauge) => gauge.set(read.sessions()),
  });
  metrics.gauge({
    name: 'parley_stage_capacity',
    help: 'Most sessions that this replica takes',
    collect: (gauge) => gauge.set(read.capacity()),
  });
  metrics.gauge({
    name: 'parley_stage_suspects',
    help: 'Sessions that may have crashed their owners and wait to be opened one at a time',
    collect: (gauge) => gauge.set(read.suspects()),
  });
  return {
    crashes: metrics.counter({
      name: 'parley_stage_session_crashes_total',
      help: 'Errors of sessions that nobody caught; each ended its session here',
    }),
    ended: metrics.counter({
      name: 'parley_stage_sessions_ended_total',
      help: 'Sessions that ended for this replica',
      labels: ['reason'],
    }),
    foldChecks: metrics.counter({
      name: 'parley_stage_fold_checks_total',
      help: "Comparisons of a session's live state with the fold of its log, by outcome",
      labels: ['outcome'],
    }),
    handlerErrors: metrics.counter({
      name: 'parley_stage_handler_errors_total',
      help: "Errors thrown by the stage's logic on a message",
      labels: ['type'],
    }),
    openFailures: metrics.counter({
      name: 'parley_stage_open_failures_total',
      help: 'Sessions that could not be begun',
      labels: ['code'],
    }),
  };
}
