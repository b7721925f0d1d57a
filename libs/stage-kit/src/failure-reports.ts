import type { BusError, SessionWriter } from '@parley/bus';
import { errorOf, type Log } from '@parley/telemetry';
import type { HostMetrics } from './host-metrics.js';

/** At most one failure on frames is reported in this time. */
const FRAME_REPORT_MS = 1000;

/** Tells a session's log what its stage failed on. Without a writer, which an owner only has, nothing is told. */
export class FailureReports {
  private reportedFrameAt = -Infinity;

  constructor(
    private readonly log: Log,
    private readonly metrics: HostMetrics,
  ) {}

  /** The stage's logic threw on a message: counted, logged and reported. */
  handlerFailed(what: string, error: unknown, writer: SessionWriter | undefined): void {
    this.metrics.handlerErrors.inc({ type: what });
    this.log.limited(`handler.${what}`, 'error', { ...errorOf(error), what }, 'the stage failed on a message');
    if (what === 'frame' && !this.isFrameReportDue()) return;
    this.report(error, writer);
  }

  /** Writes `stage.failed`; never rejects. */
  report(error: unknown, writer: SessionWriter | undefined): void {
    const { code, message, retryable } = (error ?? {}) as Partial<BusError>;
    writer
      ?.publish('stage.failed', {
        code: typeof code === 'string' ? code : 'internal',
        message: message ?? String(error),
        retryable: retryable ?? true,
      })
      .catch((cause: unknown) => this.log.warn(errorOf(cause), 'a failure could not be reported'));
  }

  /** Frames come many times a second, and a caller is told of a failure once. */
  private isFrameReportDue(): boolean {
    const now = performance.now();
    if (now - this.reportedFrameAt < FRAME_REPORT_MS) return false;
    this.reportedFrameAt = now;
    return true;
  }
}
