import type { Clock } from './clock.js';

/** What a gateway tells of how a session may be resumed. */
export interface ResumeTerms {
  resumeToken?: string;
  resumeWindowMs?: number;
}

/** What a client may come back to its session with, and for how long. */
export class ResumeRight {
  #token: string | undefined;
  #windowMs = 0;
  /** When an attempt at another gateway was last given up. */
  #abandonedMs = -Infinity;

  /** @param maxWindowMs longest time a lost connection is replaced in; 0 for not at all */
  constructor(
    private readonly clock: Clock,
    private readonly maxWindowMs: number,
  ) {}

  /** Shows a gateway that the session is this client's; undefined while no gateway lets it be resumed. */
  get token(): string | undefined {
    return this.#token;
  }

  /** How long another gateway may be sought after a loss. */
  get windowMs(): number {
    return this.#windowMs;
  }

  /** What the gateway that has the session says of it. */
  learn({ resumeToken, resumeWindowMs = 0 }: ResumeTerms): void {
    this.#token = resumeToken;
    this.#windowMs = Math.min(resumeWindowMs, this.maxWindowMs);
  }

  /** An attempt was given up: its gateway may take the session all the same, from the one that has it by then. */
  abandonAttempt(): void {
    this.#abandonedMs = this.clock.nowMs();
  }

  /** Whether it may be such an attempt of this client's own that has taken the session; true once for each. */
  isTakenByItself(): boolean {
    const isOwn = this.clock.nowMs() - this.#abandonedMs < this.#windowMs;
    this.#abandonedMs = -Infinity;
    return isOwn;
  }
}
