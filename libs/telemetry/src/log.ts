import { trace } from '@opentelemetry/api';
import { pino } from 'pino';
import { safeFields, errorFields } from './log-fields.js';
import { LogLimit } from './log-limit.js';
import { prettyLine } from './pretty-line.js';
import type { LogLevel } from './telemetry.config.js';

/** Fields that stand on every line of a logger. */
export interface LogBindings {
  sessionId?: string;
  turn?: number;
  reply?: number;
  [field: string]: unknown;
}

/** Writes one line: `log.info('text')`, `log.info({ field }, 'text')`, `log.error({ err }, 'text')`, `log.error(err)`. */
export interface LogLine {
  (fields: object, message?: string): void;
  (message: string): void;
}

/**
 * A logger. Fields are made safe before they are written: secrets hidden, audio summed up, errors with code and cause.
 * The active span's ids are added.
 */
export interface Log extends Record<LogLevel, LogLine> {
  /** Can be changed while running; children made afterwards take it over. */
  level: string;
  isLevelEnabled(level: LogLevel): boolean;
  /** A logger that adds fields to every line. */
  child(bindings: LogBindings): Log;
  /**
   * Writes at most one line per key and 10 s, in this logger and all its relatives; the next one carries how many
   * were left out as `suppressed`. The key is a constant, never an id.
   */
  limited(key: string, level: LogLevel, fields: object, message: string): void;
}

/** Settings of {@link createLogger}. */
export interface LogOptions {
  service: string;
  /** @defaultValue 'info' */
  level?: LogLevel | 'silent';
  /** `auto` is pretty in a terminal and JSON elsewhere. @defaultValue 'auto' */
  format?: 'auto' | 'json' | 'pretty';
  bindings?: LogBindings;
  /** Where lines go. @defaultValue standard output */
  destination?: { write(line: string): unknown };
  /** Clock of `limited`, in ms. */
  now?: () => number;
}

const LIMIT_WINDOW_MS = 10_000;

/** Makes a service's logger. Lines are written at once, so that none is lost in a crash. */
export function createLogger(options: LogOptions): Log {
  const isTerminal = !options.destination && process.stdout.isTTY === true;
  const pretty = options.format === 'pretty' || (options.format !== 'json' && isTerminal);
  const out = options.destination ?? pino.destination({ dest: 1, sync: true });
  const root = pino(
    {
      level: options.level ?? 'info',
      base: { service: options.service, ...safeFields(options.bindings ?? {}) },
      timestamp: pino.stdTimeFunctions.isoTime,
      // Errors are translated with the other fields; pino's own serializer would copy everything that hangs on them.
      serializers: { err: (err: unknown) => err },
      formatters: { level: (level) => ({ level }), log: safeFields },
      mixin: spanFields,
    },
    pretty ? { write: (line: string) => out.write(prettyLine(line, isTerminal)) } : out,
  );
  const limit = new LogLimit(LIMIT_WINDOW_MS, options.now ?? Date.now);
  const plainChild = root.child;
  // Children inherit from their parent object, so both reach every descendant.
  return Object.assign(root, {
    child(this: pino.Logger, bindings: LogBindings) {
      return plainChild.call(this, safeFields(bindings));
    },
    limited(this: pino.Logger, key: string, level: LogLevel, fields: object, message: string) {
      if (!this.isLevelEnabled(level)) return;
      const suppressed = limit.admit(key);
      if (suppressed !== undefined) this[level]({ ...fields, ...(suppressed > 0 && { suppressed }) }, message);
    },
  }) as unknown as Log;
}

/** Whether a thing is an error or not, as log fields: `log.warn(errorOf(cause), 'text')`. */
export function errorOf(err: unknown): { err: Record<string, unknown> } {
  return { err: errorFields(err) };
}

function spanFields(): Record<string, string> {
  const span = trace.getActiveSpan()?.spanContext();
  return span ? { traceId: span.traceId, spanId: span.spanId } : {};
}
