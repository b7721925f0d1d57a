import { TelemetryError } from './telemetry-error.js';

/** Where a service is in its life. */
export type LifecycleState = 'idle' | 'starting' | 'running' | 'draining' | 'stopped' | 'failed';

const NEXT: Record<LifecycleState, readonly LifecycleState[]> = {
  idle: ['starting', 'stopped', 'failed'],
  starting: ['running', 'draining', 'stopped', 'failed'],
  running: ['draining', 'stopped', 'failed'],
  draining: ['stopped', 'failed'],
  stopped: [],
  failed: ['stopped'],
};

/** Resolves when all is well and throws otherwise; an error's `code` is shown. The signal aborts at the timeout. */
export type ReadinessCheck = (signal: AbortSignal) => Promise<void> | void;

/** What one check said. */
export interface CheckResult {
  status: 'ok' | 'failed';
  /** The error's code, or `check_failed`, or `check_timeout`. */
  code?: string;
  message?: string;
  durationMs: number;
}

/** Body of a health answer. Serve it with 200 when `status` is `ok` and with 503 otherwise. */
export interface HealthReport {
  status: 'ok' | 'unavailable';
  state: LifecycleState;
  checks: Record<string, CheckResult>;
}

const DEFAULT_TIMEOUT_MS = 2000;

/** A service's lifecycle state and what must hold for it to be given work. */
export class HealthRegistry {
  private readonly checks = new Map<string, { check: ReadinessCheck; timeoutMs: number }>();
  private current: LifecycleState = 'idle';
  private pending: Promise<HealthReport> | undefined;

  constructor(private readonly now: () => number = () => performance.now()) {}

  /** Where the service is in its life. */
  get state(): LifecycleState {
    return this.current;
  }

  /**
   * Moves on: idle > starting > running > draining > stopped | failed. The same state again changes nothing.
   * @throws {TelemetryError} `invalid_transition`
   */
  transition(to: LifecycleState): void {
    if (to === this.current) return;
    if (!NEXT[this.current].includes(to)) {
      throw new TelemetryError('invalid_transition', `a service that is ${this.current} cannot become ${to}`);
    }
    this.current = to;
  }

  /**
   * Adds a check that must pass for the service to be ready.
   * @returns a function that removes it
   * @throws {TelemetryError} `check_exists`
   */
  add(name: string, check: ReadinessCheck, options: { timeoutMs?: number } = {}): () => void {
    if (this.checks.has(name)) throw new TelemetryError('check_exists', `there is a check ${name} already`);
    this.checks.set(name, { check, timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS });
    return () => this.checks.delete(name);
  }

  /** Whether the process is worth keeping; false only when it has failed. Does no checks, so that a slow broker restarts nobody. */
  liveness(): HealthReport {
    return { status: this.current === 'failed' ? 'unavailable' : 'ok', state: this.current, checks: {} };
  }

  /** Whether the service may be given work: it is running and every check passes. Callers at the same time share one round. */
  readiness(): Promise<HealthReport> {
    this.pending ??= this.runChecks().finally(() => (this.pending = undefined));
    return this.pending;
  }

  private async runChecks(): Promise<HealthReport> {
    const results = await Promise.all(
      [...this.checks].map(async ([name, { check, timeoutMs }]) => [name, await this.run(check, timeoutMs)] as const),
    );
    const checks = Object.fromEntries(results);
    const ready = this.current === 'running' && results.every(([, { status }]) => status === 'ok');
    return { status: ready ? 'ok' : 'unavailable', state: this.current, checks };
  }

  private async run(check: ReadinessCheck, timeoutMs: number): Promise<CheckResult> {
    const startMs = this.now();
    const abort = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(Object.assign(new Error(`no answer within ${timeoutMs} ms`), { code: 'check_timeout' }));
        abort.abort();
      }, timeoutMs);
    });
    const outcome: Pick<CheckResult, 'status' | 'code' | 'message'> = await Promise.race([
      (async () => check(abort.signal))(),
      timeout,
    ]).then(() => ({ status: 'ok' as const }), failure);
    clearTimeout(timer);
    return { ...outcome, durationMs: Math.round(this.now() - startMs) };
  }
}

function failure(error: unknown): Pick<CheckResult, 'status' | 'code' | 'message'> {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  return {
    status: 'failed',
    code: typeof code === 'string' ? code : 'check_failed',
    message: String(message ?? error),
  };
}
