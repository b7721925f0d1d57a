import { timingSafeEqual } from 'node:crypto';
import type { ErrorCode } from '@parley/contracts';
import { AtOnce } from './at-once.js';
import type { CallSession } from './call-session.js';
import type { Caller, Door } from './caller.js';
import { EdgeError, edgeErrorOf } from './edge-error.js';
import type { GatewayParts } from './gateway-parts.js';
import { openSession } from './open-session.js';
import { resumeSession } from './resume-session.js';
import { readResumeToken } from './resume-token.js';

/** How many callers of a draining gateway are on their way to others, and how often it looks for the next to ask. */
const MOVES_AT_ONCE = 4;
const MOVE_PERIOD_MS = 20;
/** After so long the next is asked all the same. */
const MOVE_PATIENCE_MS = 1000;

/**
 * Sessions taken over at a time. When a gateway has died, hundreds of its callers come at once: the first are to hear
 * something while the last still wait, and not all of them at the end.
 */
const RESUMES_AT_ONCE = 8;

/** Admission, and every session that this gateway holds. */
export class SessionRegistry {
  readonly #sessions = new Set<CallSession>();
  readonly #resumes = new AtOnce(RESUMES_AT_ONCE);
  #opening = 0;
  #isDraining = false;
  #onEmpty: (() => void) | undefined;

  constructor(private readonly parts: GatewayParts) {}

  /** Sessions held, and those being opened. */
  get size(): number {
    return this.#sessions.size + this.#opening;
  }

  /** No new session is taken. */
  get isDraining(): boolean {
    return this.#isDraining;
  }

  /** Voice that waits to be sent, of all sessions. */
  get bufferedMs(): number {
    let ms = 0;
    for (const session of this.#sessions) ms += session.bufferedMs;
    return ms;
  }

  /** Does what is due in every session now rather than at its next tick. */
  tickAll(): void {
    for (const session of this.#sessions) session.tick();
  }

  /** Sessions held whose caller is connected, by door. */
  count(door: Door): number {
    let count = 0;
    for (const session of this.#sessions) if (session.door === door && !session.isSuspended) count++;
    return count;
  }

  /** Sessions held that wait for their caller. */
  get suspended(): number {
    let count = 0;
    for (const session of this.#sessions) if (session.isSuspended) count++;
    return count;
  }

  /**
   * Opens a session for a caller and tells the caller that it has begun.
   * @param request what the caller asks for, unchecked
   * @throws {EdgeError} `gateway_draining`, `capacity_exceeded`, `invalid_message`, `bus_unavailable`; the caller has
   * not been told
   */
  async open(caller: Caller, request: unknown): Promise<CallSession> {
    const { clock, config, metrics } = this.parts;
    const startMs = clock.nowMs();
    try {
      if (this.#isDraining) throw new EdgeError('gateway_draining');
      if (this.size >= config.sessions.max) throw new EdgeError('capacity_exceeded');
      const session = await this.#open(() => openSession(this.parts, caller, request, (ended) => this.#forget(ended)));
      metrics.sessionsOpened.inc({ door: caller.door, mode: session.settings.mode });
      metrics.openSeconds.observe((clock.nowMs() - startMs) / 1000);
      session.start();
      return session;
    } catch (cause) {
      const error = edgeErrorOf(cause);
      metrics.sessionsRefused.inc({ door: caller.door, code: error.code satisfies ErrorCode });
      throw error;
    }
  }

  /**
   * Takes a session over for a caller who has lost its connection, and tells the caller where it goes on.
   * @param request what the caller says, unchecked
   * @param isGone whether the caller has left meanwhile: the session is then left where it is
   * @throws {EdgeError} `gateway_draining`, `capacity_exceeded`, `invalid_message`, `resume_refused`,
   * `bus_unavailable`; the caller has not been told
   */
  async resume(caller: Caller, request: { resume: string }, isGone: () => boolean): Promise<CallSession> {
    const { clock, config, metrics } = this.parts;
    const startMs = clock.nowMs();
    try {
      if (this.#isDraining) throw new EdgeError('gateway_draining');
      if (this.size >= config.sessions.max && !this.#holds(request.resume)) throw new EdgeError('capacity_exceeded');
      for (const held of this.#sessions)
        if (isSameToken(held.settings.resumeToken, request.resume)) held.expectCaller();
      const take = () => {
        if (isGone()) throw new EdgeError('resume_refused');
        return resumeSession(this.parts, caller, request, (ended) => this.#forget(ended), isGone);
      };
      const session = await this.#open(() => this.#resumes.run(async () => take()));
      metrics.sessionsResumed.inc({ door: caller.door });
      metrics.resumeSeconds.observe((clock.nowMs() - startMs) / 1000);
      session.start();
      return session;
    } catch (cause) {
      const error = edgeErrorOf(cause);
      metrics.resumesRefused.inc({ door: caller.door, code: error.code satisfies ErrorCode });
      throw error;
    }
  }

  /**
   * Takes no new session, asks callers who can resume to go on at other gateways, a few at a time, leaves those who are
   * lost to come back there, and lets the others end by themselves for a while. Whoever is still there then is let go, or
   * ended if it cannot resume. Resolves when none is left.
   * @param graceMs how long they may go on
   */
  async drain(graceMs: number): Promise<void> {
    this.#isDraining = true;
    for (const session of this.#sessions) if (session.isSuspended) void session.letGo('gateway_draining');
    const stopAsking = this.#askToMove(graceMs);
    if (this.size > 0) {
      const empty = new Promise<void>((resolve) => (this.#onEmpty = resolve));
      let cancel = () => {};
      const grace = new Promise<void>((resolve) => (cancel = this.parts.clock.after(graceMs, resolve)));
      await Promise.race([empty, grace]);
      cancel();
    }
    stopAsking();
    const end = (session: CallSession) => {
      if (session.isSuspended) return session.letGo('gateway_draining');
      return session.settings.resumable ? session.move() : session.end('gateway_stopped', 'gateway_draining');
    };
    await Promise.all([...this.#sessions].map(end));
  }

  /**
   * Asks a few, and the next when one of them has gone, so that each is taken over quickly and serves its caller here
   * until then. After half of the grace all that are left are asked.
   */
  #askToMove(graceMs: number): () => void {
    const { clock } = this.parts;
    const waiting = [...this.#sessions].filter(({ settings }) => settings.resumable);
    const allFromMs = clock.nowMs() + graceMs / 2;
    const asked = new Map<CallSession, number>();
    let cancel = () => {};
    const ask = () => {
      const now = clock.nowMs();
      for (const [session, askedMs] of asked) {
        if (!this.#sessions.has(session) || now - askedMs > MOVE_PATIENCE_MS) asked.delete(session);
      }
      const count = now >= allFromMs ? waiting.length : MOVES_AT_ONCE - asked.size;
      for (const session of waiting.splice(0, count)) {
        asked.set(session, now);
        session.askToMove();
      }
      if (waiting.length > 0) cancel = clock.after(MOVE_PERIOD_MS, ask);
    };
    ask();
    return () => cancel();
  }

  #holds(resumeToken: string): boolean {
    const { sessionId } = readResumeToken(resumeToken) ?? {};
    return [...this.#sessions].some((session) => session.sessionId === sessionId);
  }

  async #open(open: () => Promise<CallSession>): Promise<CallSession> {
    this.#opening++;
    try {
      const session = await open();
      if (this.#isDraining) {
        await (session.isResumed ? session.letGo('gateway_draining') : session.abandon('gateway_stopped'));
        throw new EdgeError('gateway_draining');
      }
      this.#sessions.add(session);
      return session;
    } finally {
      this.#opening--;
      this.#checkEmpty();
    }
  }

  #forget(session: CallSession): void {
    this.#sessions.delete(session);
    this.#checkEmpty();
  }

  #checkEmpty(): void {
    if (this.size === 0) this.#onEmpty?.();
  }
}

function isSameToken(own: string | undefined, given: string): boolean {
  const [a, b] = [Buffer.from(own ?? ''), Buffer.from(given)];
  return a.length === b.length && timingSafeEqual(a, b);
}
