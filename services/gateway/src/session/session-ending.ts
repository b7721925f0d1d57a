import type { SessionWriter } from '@parley/bus';
import type { EndReason as AgentEndReason } from '@parley/contracts';
import type { Log } from '@parley/telemetry';
import type { BusFailures } from './bus-failures.js';
import type { Caller } from './caller.js';
import type { GatewayParts } from './gateway-parts.js';

/** How long a caller waits for the end of its session while what was written is on its way to the bus. */
const CLOSE_PATIENCE_MS = 1000;

/** Why a session ended here; stands in `session.closed` and `session_ended`. */
export type EndReason =
  | 'caller_left'
  | 'caller_ended'
  | 'caller_lost'
  | AgentEndReason
  | 'gateway_stopped'
  | 'session_idle'
  | 'client_too_slow'
  | 'unknown_agent'
  | 'bus_unavailable';

/** Why a session is no longer this gateway's business, though it is not over. */
export type LetGoReason = 'resumed_elsewhere' | 'gateway_draining';

/** What an ending takes of the session. */
export interface Parting {
  /** Nothing is said to the caller any more, and nothing comes from the bus. */
  fallSilent(): void;
  /** It is over, or goes on elsewhere. */
  done(): void;
}

/** How a session comes to its end here, once: closed on the bus, closed by a stage, or left to another gateway. */
export class SessionEnding {
  #ending: Promise<void> | undefined;
  #isLeaving = false;

  constructor(
    private readonly parts: Pick<GatewayParts, 'clock' | 'metrics'>,
    private readonly caller: Caller,
    private readonly writer: SessionWriter,
    private readonly failures: BusFailures,
    private readonly log: Log,
    private readonly parting: Parting,
  ) {}

  /** It has begun. */
  get hasBegun(): boolean {
    return this.#ending !== undefined;
  }

  /** The session goes on elsewhere: what is not stored by now must be said there. */
  get isLeaving(): boolean {
    return this.#isLeaving;
  }

  /** Lets the caller go on elsewhere, when all it said is in the log. Never rejects. */
  move(): Promise<void> {
    return (this.#ending ??= this.#move());
  }

  /** Leaves the session to whoever resumes it, without a word. Never rejects. */
  letGo(reason: LetGoReason): Promise<void> {
    return (this.#ending ??= this.#leave(reason));
  }

  /** Leaves the session to the gateway that has taken it over, and the caller's connection with it. */
  superseded(): void {
    void this.letGo('resumed_elsewhere');
    // A caller who has moved is not there any more; another one with the same token must not come back.
    this.caller.sendEvent({ type: 'session_ended', reason: 'resumed_elsewhere' });
    this.caller.close('resumed_elsewhere');
  }

  /**
   * Closes the session on the bus, tells the caller and closes its connection. Never rejects.
   * @param lastWords called first, unless it is ending already
   */
  end(reason: EndReason, lastWords: () => void): Promise<void> {
    return (this.#ending ??= this.#end(reason, lastWords));
  }

  /** Tells the caller what a stage has closed: nothing more is said on the bus. Never rejects. */
  endedBy(reason: string): Promise<void> {
    return (this.#ending ??= this.#goodbye(reason, this.#leaveClosed(reason)));
  }

  /** Closes the session on the bus and says nothing to the caller. Never rejects. */
  abandon(reason: EndReason): Promise<void> {
    return (this.#ending ??= this.#close(reason));
  }

  async #move(): Promise<void> {
    await this.#withinPatience(this.#leave('gateway_draining'));
    this.caller.close('session_moved');
  }

  async #leave(reason: LetGoReason): Promise<void> {
    this.#isLeaving = true;
    this.parting.fallSilent();
    await this.writer.close();
    this.parts.metrics.sessionsLetGo.inc({ reason });
    this.parting.done();
  }

  async #end(reason: EndReason, lastWords: () => void): Promise<void> {
    lastWords();
    await this.#goodbye(reason, this.#close(reason));
  }

  async #goodbye(reason: string, left: Promise<void>): Promise<void> {
    await this.#withinPatience(left);
    this.caller.sendEvent({ type: 'session_ended', reason });
    this.caller.close(reason);
    await left;
  }

  async #close(reason: EndReason): Promise<void> {
    const closed = this.writer.publish('session.closed', { reason });
    await closed.catch((error: unknown) => this.failures.notStored('session.closed', error));
    await this.#leaveClosed(reason);
  }

  async #leaveClosed(reason: string): Promise<void> {
    this.parting.fallSilent();
    await this.writer.close();
    this.parts.metrics.sessionsClosed.inc({ reason });
    this.log.info({ reason }, 'session ended');
    this.parting.done();
  }

  async #withinPatience(done: Promise<void>): Promise<void> {
    let cancel = () => {};
    const patience = new Promise<void>((resolve) => (cancel = this.parts.clock.after(CLOSE_PATIENCE_MS, resolve)));
    await Promise.race([done, patience]);
    cancel();
  }
}
