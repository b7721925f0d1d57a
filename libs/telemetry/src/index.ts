export { TelemetryError, type TelemetryErrorCode } from './telemetry-error.js';
export { ConfigError, type ConfigProblem } from './config-error.js';
export { describeEnv, envFlag, parseEnv, type EnvMeta, type EnvVariable, type Environment } from './parse-env.js';
export {
  LOG_LEVELS,
  loadTelemetryConfig,
  telemetryEnv,
  type LogLevel,
  type TelemetryConfig,
  type TracingConfig,
} from './telemetry.config.js';
export { createLogger, errorOf, type Log, type LogBindings, type LogLine, type LogOptions } from './log.js';
export { errorFields, safeFields, summarizePcm } from './log-fields.js';
export {
  METRIC_LABELS,
  SPEECH_LATENCY_BUCKETS,
  createMetrics,
  type HistogramOptions,
  type MetricLabel,
  type MetricOptions,
  type Metrics,
} from './metrics.js';
export {
  HealthRegistry,
  type CheckResult,
  type HealthReport,
  type LifecycleState,
  type ReadinessCheck,
} from './health.js';
export { contextFrom, currentTraceparent, installTraceContext, runWithTraceparent } from './trace-context.js';
export { startTracing, type Tracing } from './tracing.js';
