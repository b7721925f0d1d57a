import type { Metrics } from '@parley/telemetry';

/** What the gateway counts. No label has a value that a caller chooses. */
export type GatewayMetrics = ReturnType<typeof createGatewayMetrics>;

/** Registers the gateway's metrics. @throws {TelemetryError} `metric_exists` when called twice on one registry */
export function createGatewayMetrics(metrics: Metrics) {
  return {
    sessionsOpened: metrics.counter({
      name: 'parley_gateway_sessions_opened_total',
      help: 'Sessions that began.',
      labels: ['door', 'mode'],
    }),
    sessionsRefused: metrics.counter({
      name: 'parley_gateway_sessions_refused_total',
      help: 'Callers who got no session, by error code.',
      labels: ['door', 'code'],
    }),
    sessionsClosed: metrics.counter({
      name: 'parley_gateway_sessions_closed_total',
      help: 'Sessions that ended, by reason.',
      labels: ['reason'],
    }),
    sessionsSuspended: metrics.counter({
      name: 'parley_gateway_sessions_suspended_total',
      help: 'Sessions whose caller was lost and is waited for.',
      labels: ['door'],
    }),
    sessionsResumed: metrics.counter({
      name: 'parley_gateway_sessions_resumed_total',
      help: 'Sessions that went on here with a caller who came back.',
      labels: ['door'],
    }),
    sessionsExpired: metrics.counter({
      name: 'parley_gateway_sessions_expired_total',
      help: 'Sessions that ended because their lost caller did not come back in time.',
    }),
    sessionsLetGo: metrics.counter({
      name: 'parley_gateway_sessions_let_go_total',
      help: 'Sessions that went on elsewhere, or were left for it: taken by another connection, or told to move.',
      labels: ['reason'],
    }),
    modeSwitches: metrics.counter({
      name: 'parley_gateway_mode_switches_total',
      help: 'Modes that callers have switched to while their session ran.',
      labels: ['mode'],
    }),
    resumesRefused: metrics.counter({
      name: 'parley_gateway_resumes_refused_total',
      help: 'Callers who came back and could not go on, by error code.',
      labels: ['door', 'code'],
    }),
    resumeSeconds: metrics.histogram({
      name: 'parley_gateway_session_resume_seconds',
      help: "From a caller's return to the moment its session goes on.",
    }),
    openSeconds: metrics.histogram({
      name: 'parley_gateway_session_open_seconds',
      help: 'From the request of a session to its acceptance.',
    }),
    framesIn: metrics.counter({
      name: 'parley_gateway_caller_frames_total',
      help: 'Frames of callers that went to the bus.',
    }),
    bytesIn: metrics.counter({
      name: 'parley_gateway_caller_bytes_total',
      help: 'Bytes of voice of callers that went to the bus.',
    }),
    framesDropped: metrics.counter({
      name: 'parley_gateway_caller_frames_dropped_total',
      help: 'Frames of callers that were thrown away, by reason.',
      labels: ['reason'],
    }),
    framesOut: metrics.counter({
      name: 'parley_gateway_voice_frames_total',
      help: 'Frames of voice sent to callers.',
    }),
    voiceDroppedSeconds: metrics.counter({
      name: 'parley_gateway_voice_dropped_seconds_total',
      help: "Seconds of the agent's voice that were thrown away, by reason.",
      labels: ['reason'],
    }),
    playoutPauses: metrics.counter({
      name: 'parley_gateway_playout_pauses_total',
      help: 'Replies that were paused because the caller spoke, by what became of that.',
      labels: ['outcome'],
    }),
    underruns: metrics.counter({
      name: 'parley_gateway_playout_underruns_total',
      help: 'Times a reply ran dry, within a sentence or between two.',
      labels: ['kind'],
    }),
    underrunSeconds: metrics.histogram({
      name: 'parley_gateway_playout_underrun_seconds',
      help: 'How long a reply was dry.',
      labels: ['kind'],
    }),
    lateSeconds: metrics.histogram({
      name: 'parley_gateway_playout_late_seconds',
      help: 'How late voice left that was here in time.',
      buckets: [0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1],
    }),
    clockLagSeconds: metrics.histogram({
      name: 'parley_gateway_playout_clock_lag_seconds',
      help: 'How late the playout clock ticked.',
      buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25],
    }),
    callerErrors: metrics.counter({
      name: 'parley_gateway_caller_errors_total',
      help: 'Errors told to callers, by code.',
      labels: ['code'],
    }),
    busFailures: metrics.counter({
      name: 'parley_gateway_bus_failures_total',
      help: 'Messages that did not get to or from the bus, by kind.',
      labels: ['kind'],
    }),
  };
}
