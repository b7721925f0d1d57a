import { DiagLogLevel, diag } from '@opentelemetry/api';
import type { Sampler } from '@opentelemetry/sdk-trace-node';
import type { Log } from './log.js';
import { loadTelemetryConfig, type TracingConfig } from './telemetry.config.js';
import { installTraceContext } from './trace-context.js';

/** Running or absent tracing. */
export interface Tracing {
  /** Whether spans are recorded and exported. */
  readonly enabled: boolean;
  /** Sends what is waiting, within the deadline. May be called twice. Never rejects: what fails is logged. */
  shutdown(deadlineMs?: number): Promise<void>;
}

/**
 * Starts tracing when a collector is configured. Otherwise the OpenTelemetry SDK is not even loaded, and incoming
 * trace context is passed on unchanged.
 * @param options.config taken from the environment when absent
 */
export async function startTracing(options: { service: string; log?: Log; config?: TracingConfig }): Promise<Tracing> {
  const config = options.config ?? loadTelemetryConfig().tracing;
  installTraceContext();
  if (!config.tracesUrl) return { enabled: false, shutdown: () => Promise.resolve() };
  if (options.log) reportTo(options.log);

  const [sdk, { OTLPTraceExporter }, { defaultResource, resourceFromAttributes }] = await Promise.all([
    import('@opentelemetry/sdk-trace-node'),
    import('@opentelemetry/exporter-trace-otlp-proto'),
    import('@opentelemetry/resources'),
  ]);
  const provider = new sdk.NodeTracerProvider({
    resource: defaultResource().merge(
      resourceFromAttributes({ 'service.name': config.serviceName ?? `parley-${options.service}` }),
    ),
    sampler: samplerOf(sdk, config),
    spanProcessors: [new sdk.BatchSpanProcessor(new OTLPTraceExporter({ url: config.tracesUrl }))],
  });
  // The context manager and the propagator are in place already; null leaves them alone.
  provider.register({ contextManager: null, propagator: null });

  let stopping: Promise<void> | undefined;
  return {
    enabled: true,
    shutdown: (deadlineMs = 5000) => (stopping ??= within(deadlineMs, provider.shutdown(), options.log)),
  };
}

function samplerOf(sdk: typeof import('@opentelemetry/sdk-trace-node'), config: TracingConfig): Sampler {
  const name = config.sampler.replace('parentbased_', '');
  const root =
    name === 'always_on'
      ? new sdk.AlwaysOnSampler()
      : name === 'always_off'
        ? new sdk.AlwaysOffSampler()
        : new sdk.TraceIdRatioBasedSampler(config.samplerRatio);
  return config.sampler.startsWith('parentbased_') ? new sdk.ParentBasedSampler({ root }) : root;
}

/** The SDK's own complaints (a collector that cannot be reached) go to the log, at most one of each kind per 10 s. */
function reportTo(log: Log): void {
  const report = (level: 'warn' | 'error') => (message: string) =>
    log.limited(`opentelemetry.${level}`, level, { detail: message.slice(0, 500) }, 'tracing has a problem');
  const quiet = () => {};
  diag.setLogger(
    { error: report('error'), warn: report('warn'), info: quiet, debug: quiet, verbose: quiet },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
}

async function within(deadlineMs: number, work: Promise<void>, log: Log | undefined): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`spans were not sent within ${deadlineMs} ms`)), deadlineMs);
  });
  await Promise.race([work, late])
    .catch((err: unknown) => log?.warn({ err }, 'the last spans were not sent'))
    .finally(() => clearTimeout(timer));
}
