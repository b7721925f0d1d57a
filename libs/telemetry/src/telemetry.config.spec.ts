import { describe, expect, it } from '@jest/globals';
import { loadTelemetryConfig } from './telemetry.config.js';

describe('loadTelemetryConfig', () => {
  it('has tracing off when no collector is named', () => {
    expect(loadTelemetryConfig({}).tracing.tracesUrl).toBeUndefined();
  });

  it('completes a base URL and prefers the URL for traces', () => {
    const base = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318/' };
    expect(loadTelemetryConfig(base).tracing.tracesUrl).toBe('http://collector:4318/v1/traces');
    const both = { ...base, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://traces:4318/in' };
    expect(loadTelemetryConfig(both).tracing.tracesUrl).toBe('http://traces:4318/in');
  });

  it('has tracing off when the SDK is disabled', () => {
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318', OTEL_SDK_DISABLED: 'TRUE' };
    expect(loadTelemetryConfig(env).tracing.tracesUrl).toBeUndefined();
  });

  it('names all bad variables at once', () => {
    const env = { PARLEY_LOG_LEVEL: 'loud', OTEL_TRACES_SAMPLER_ARG: '7', OTEL_TRACES_SAMPLER: 'dice' };
    expect(() => loadTelemetryConfig(env)).toThrow(
      /PARLEY_LOG_LEVEL[^]*OTEL_TRACES_SAMPLER:[^]*OTEL_TRACES_SAMPLER_ARG/,
    );
  });
});
