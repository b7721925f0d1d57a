import { z } from 'zod';
import { envFlag, parseEnv, type Environment } from './parse-env.js';

/** Log levels, the most talkative first. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;
/** One of {@link LOG_LEVELS}. */
export type LogLevel = (typeof LOG_LEVELS)[number];

const SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;

/** The variables of telemetry: spread its `shape` into a service's schema, or parse it by itself. */
export const telemetryEnv = z.object({
  PARLEY_LOG_LEVEL: z
    .enum([...LOG_LEVELS, 'silent'])
    .default('info')
    .describe('Least severe level that is logged'),
  PARLEY_LOG_FORMAT: z
    .enum(['auto', 'json', 'pretty'])
    .default('auto')
    .describe('auto is pretty in a terminal and JSON elsewhere'),
  OTEL_SERVICE_NAME: z.string().optional().describe("Name in traces; the service's own by default"),
  OTEL_SDK_DISABLED: envFlag().default(false).describe('Turns tracing off whatever else is set'),
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url().optional().describe('Base URL of an OTLP/HTTP collector; unset means no tracing').meta({ example: 'http://localhost:4318' }), // prettier-ignore
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: z.url().optional().describe('Full URL for traces, instead of the base URL'),
  OTEL_TRACES_SAMPLER: z.enum(SAMPLERS).default('parentbased_always_on').describe('Which traces are recorded'),
  OTEL_TRACES_SAMPLER_ARG: z.coerce.number().min(0).max(1).default(1).describe('Ratio for the traceidratio samplers'),
});

/** Where traces go and which are recorded. */
export interface TracingConfig {
  /** Full URL for traces; absent means tracing is off. */
  readonly tracesUrl?: string;
  readonly serviceName?: string;
  readonly sampler: (typeof SAMPLERS)[number];
  /** 0 to 1. */
  readonly samplerRatio: number;
}

/** Telemetry's settings. */
export interface TelemetryConfig {
  readonly logLevel: LogLevel | 'silent';
  readonly logFormat: 'auto' | 'json' | 'pretty';
  readonly tracing: TracingConfig;
}

/**
 * Reads telemetry's settings.
 * @throws {ConfigError} `config_invalid`
 */
export function loadTelemetryConfig(env: Environment = process.env): TelemetryConfig {
  const vars = parseEnv(telemetryEnv, env);
  const base = vars.OTEL_EXPORTER_OTLP_ENDPOINT?.replace(/\/+$/, '');
  const tracesUrl = vars.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? (base && `${base}/v1/traces`);
  return Object.freeze({
    logLevel: vars.PARLEY_LOG_LEVEL,
    logFormat: vars.PARLEY_LOG_FORMAT,
    tracing: Object.freeze({
      ...(tracesUrl && !vars.OTEL_SDK_DISABLED && { tracesUrl }),
      ...(vars.OTEL_SERVICE_NAME && { serviceName: vars.OTEL_SERVICE_NAME }),
      sampler: vars.OTEL_TRACES_SAMPLER,
      samplerRatio: vars.OTEL_TRACES_SAMPLER_ARG,
    }),
  });
}
