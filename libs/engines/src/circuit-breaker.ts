import type { EngineError } from '@parley/ports';
import type { ProviderHealth } from './provider-health.js';

/** When a breaker opens, and for how long. */
export interface CircuitBreakerOptions {
  /** Failures in a row that open it. @defaultValue 3 */
  failures?: number;
  /** How long it stays open before it is tried again, in ms; doubled each time that fails. @defaultValue 5000 */
  openMs?: number;
  /** The longest of that. @defaultValue 60000 */
  longestMs?: number;
  now?: () => number;
  /** From 0 to 1, for the jitter. */
  random?: () => number;
  /** Told of every change. */
  onChange?(isOpen: boolean): void;
}

/** What will not go away by itself soon: one failure is enough. */
const LASTING: ReadonlySet<string> = new Set(['engine_auth', 'engine_quota', 'engine_missing']);
/** Says nothing of the provider: the caller has gone, or asked for what cannot be. */
const BLAMELESS: ReadonlySet<string> = new Set(['engine_aborted', 'engine_closed', 'engine_input', 'engine_settings']);

/**
 * Keeps a dead provider from being tried on every call; shared by all sessions of a replica. A library's breaker wraps a
 * function whose end is the outcome; here the outcome of a stream is known in its middle, and of many at once.
 */
export class CircuitBreaker implements ProviderHealth {
  private failuresInRow = 0;
  private isShut = true;
  /** When it is tried again, while it is open. */
  private probeAt = 0;
  private openForMs: number;
  private readonly options: Required<Omit<CircuitBreakerOptions, 'onChange'>> & Pick<CircuitBreakerOptions, 'onChange'>;

  constructor(options: CircuitBreakerOptions = {}) {
    const { failures = 3, openMs = 5000, longestMs = 60_000, now = () => performance.now(), random = Math.random } = options; // prettier-ignore
    this.options = { failures, openMs, longestMs, now, random, onChange: options.onChange };
    this.openForMs = openMs;
  }

  /** Whether it is to be passed over: until it is time for a new attempt. Asking changes nothing. */
  isOpen(): boolean {
    return !this.isShut && this.options.now() < this.probeAt;
  }

  /** It answered. */
  succeeded(): void {
    this.failuresInRow = 0;
    this.openForMs = this.options.openMs;
    this.change(true);
  }

  /** It failed. */
  failed({ code, retryAfterMs }: EngineError): void {
    if (BLAMELESS.has(code)) return;
    this.failuresInRow++;
    const { failures, longestMs, now, random } = this.options;
    const isToldToWait = code === 'engine_rate_limited' && retryAfterMs !== undefined;
    if (this.isShut && this.failuresInRow < failures && !LASTING.has(code) && !isToldToWait) return;
    // Several may have tried it at once: their failures are one.
    if (!this.isShut && now() < this.probeAt) return;
    if (!this.isShut) this.openForMs = Math.min(2 * this.openForMs, longestMs);
    const waitMs = Math.min(longestMs, Math.max(this.openForMs, retryAfterMs ?? 0));
    // Replicas that saw it die together are not to come back together.
    this.probeAt = now() + waitMs * (0.8 + 0.4 * random());
    this.change(false);
  }

  private change(isShut: boolean): void {
    if (this.isShut === isShut) return;
    this.isShut = isShut;
    this.options.onChange?.(!isShut);
  }
}
