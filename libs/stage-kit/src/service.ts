import 'reflect-metadata';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { Module, type DynamicModule, type INestApplication, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { connectBus, createBusMetrics, type BusOptions } from '@parley/bus';
import type { Stage } from '@parley/contracts';
import {
  HealthRegistry,
  createLogger,
  createMetrics,
  errorOf,
  loadTelemetryConfig,
  startTracing,
  type Log,
} from '@parley/telemetry';
import { RuntimeModule } from './runtime.module.js';
import type { Runtime } from './runtime.js';
import { attributeCrashes } from './session-scope.js';
import { StageError } from './stage-error.js';

/** What a service is, beside its logic. */
export interface ServiceOptions {
  stage: Stage;
  config: { NATS_URL: string; HOST: string; PORT: number; DRAIN_TIMEOUT_MS: number };
  provision?: BusOptions['provision'];
  /** The service's own modules. */
  imports(runtime: Runtime): (DynamicModule | Type)[];
  /** Before it listens: adapters, upgrade handlers. */
  configure?(app: INestApplication, runtime: Runtime): void | Promise<void>;
  /** After it listens: begin to take work. Resolves when ready. */
  start(app: INestApplication, runtime: Runtime): Promise<ServiceWork>;
}

/** The work of a started service. */
export interface ServiceWork {
  /** For the heartbeat. */
  load(): { sessions: number; capacity: number };
  /** Takes nothing new and hands over or ends what it has. */
  drain(): Promise<void>;
}

@Module({})
class ServiceModule {}

/** A running service. */
export interface RunningService {
  readonly port: number;
  /** Drains, disconnects and flushes. May be called twice. */
  stop(): Promise<void>;
}

/**
 * Runs a service's life: telemetry, bus, HTTP, work; idle > starting > running > draining > stopped.
 * @throws {BusError} when the broker cannot be used
 * @throws {StageError} `port_in_use`
 */
export async function startService(options: ServiceOptions): Promise<RunningService> {
  const { stage, config } = options;
  const telemetry = loadTelemetryConfig();
  const log = createLogger({ service: stage, level: telemetry.logLevel, format: telemetry.logFormat });
  const metrics = createMetrics(stage);
  const health = new HealthRegistry();
  const tracing = await startTracing({ service: stage, log, config: telemetry.tracing });
  const opened: (() => Promise<void>)[] = [() => tracing.shutdown()];
  const release = async () => {
    for (const close of opened.splice(0).reverse()) await close();
  };
  try {
    health.transition('starting');
    const bus = await connectBus({
      url: config.NATS_URL,
      stage,
      metrics: createBusMetrics(metrics),
      ...(options.provision && { provision: options.provision }),
      onStatus: (status, connection) =>
        log.limited(`bus.${status}`, 'warn', { status, connection }, 'broker connection'),
    });
    opened.push(() => bus.close());
    health.add('broker', () => bus.ping());
    return await serve(options, { log, metrics, health, bus }, opened, release);
  } catch (error) {
    health.transition('failed');
    await release().catch((cause: unknown) => log.warn(errorOf(cause), 'a service that did not start did not end'));
    throw error;
  }
}

/** HTTP and work. `opened` gets what `release` is to close. */
async function serve(
  options: ServiceOptions,
  runtime: Runtime,
  opened: (() => Promise<void>)[],
  release: () => Promise<void>,
): Promise<RunningService> {
  const { stage, config } = options;
  const { log, health, bus } = runtime;
  const app = await NestFactory.create(
    { module: ServiceModule, imports: [RuntimeModule.for(runtime), ...options.imports(runtime)] },
    { logger: nestLogger(log), abortOnError: false },
  );
  opened.push(() => app.close());
  await options.configure?.(app, runtime);
  const port = await listen(app, config.PORT, config.HOST);
  const work = await options.start(app, runtime);
  health.transition('running');
  const silence = bus.announce(() => ({ stage, state: presenceState(health), ...work.load() }));
  log.info({ port, replica: bus.replica }, 'ready');

  let stopping: Promise<void> | undefined;
  const stop = async () => {
    health.transition('draining');
    log.info(work.load(), 'draining');
    await within(config.DRAIN_TIMEOUT_MS, work.drain(), log);
    health.transition('stopped');
    silence();
    await release();
    log.info('stopped');
  };
  return { port, stop: () => (stopping ??= stop()) };
}

/**
 * Runs a service as this process: starts it, stops it on SIGTERM or SIGINT, and ends the process with 0, or with 1
 * and one clear line when it cannot start. A configuration error is such a line too, so pass what reads it. What nobody
 * catches ends the session that it happened for, and the process when it happened for none.
 */
export async function runService(readOptions: () => ServiceOptions): Promise<void> {
  attributeCrashes((error) => {
    process.stderr.write(`${inspect(error)}\n`);
    process.exit(1);
  });
  try {
    const service = await startService(readOptions());
    const stop = () => {
      void service.stop().then(
        () => process.exit(0),
        (error: unknown) => fail(error),
      );
    };
    process.once('SIGTERM', stop);
    process.once('SIGINT', stop);
  } catch (error) {
    fail(error);
  }
}

function fail(error: unknown): never {
  const { code, message, stack } = error as Error & { code?: unknown };
  process.stderr.write(typeof code === 'string' ? `error ${code}: ${message}\n` : `${stack ?? String(error)}\n`);
  process.exit(1);
}

async function listen(app: INestApplication, port: number, host: string): Promise<number> {
  try {
    await app.listen(port, host);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw cause;
    throw new StageError('port_in_use', `port ${port} is in use: stop what listens there or set PORT`, { cause });
  }
  return (app.getHttpServer().address() as AddressInfo).port;
}

function presenceState(health: HealthRegistry): 'starting' | 'running' | 'draining' | 'stopped' {
  const { state } = health;
  if (state === 'running' || state === 'draining' || state === 'stopped') return state;
  return 'starting';
}

async function within(ms: number, work: Promise<void>, log: Log): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new StageError('drain_timeout', `not drained within ${ms} ms`)), ms);
  });
  await Promise.race([work, late])
    .catch((error: unknown) => log.error(errorOf(error), 'stopping without having handed everything over'))
    .finally(() => clearTimeout(timer));
}

/** Nest's own lines at debug, but for its errors. */
function nestLogger(log: Log) {
  const text = (message: unknown) => String(message);
  return {
    log: (message: unknown) => log.debug(text(message)),
    debug: (message: unknown) => log.debug(text(message)),
    verbose: (message: unknown) => log.trace(text(message)),
    warn: (message: unknown) => log.warn(text(message)),
    error: (message: unknown) => log.error(text(message)),
    fatal: (message: unknown) => log.fatal(text(message)),
  };
}
