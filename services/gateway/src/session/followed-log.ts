import type { SessionFeed } from '@parley/bus';
import type { EventOf, ParleyEvent } from '@parley/contracts';
import type { CallSession } from './call-session.js';
import { EdgeError } from './edge-error.js';
import type { GatewayParts } from './gateway-parts.js';
import { isResumeSecret } from './resume-token.js';

const FENCE_CHECK_MS = 5;
/** Clocks differ, and what a broker refused at first is stored later. */
const VOICE_MARGIN_MS = 5000;

/** A session's log while it is being taken over: read, then followed, then handed to the session made of it. */
export class FollowedLog {
  /** Everything read and followed so far, in order. */
  readonly events: ParleyEvent[] = [];
  #early: ((session: CallSession) => void)[] = [];
  #session: CallSession | undefined;
  #feed: SessionFeed | undefined;

  private constructor(private readonly parts: GatewayParts) {}

  /** Reads the log. @throws {BusError} `unavailable` */
  static async open(parts: GatewayParts, sessionId: string): Promise<FollowedLog> {
    const log = new FollowedLog(parts);
    log.#feed = await parts.bus.feed({
      sessionId,
      kinds: ['session', 'stage', 'speech', 'transcript', 'reply', 'playout'],
      audio: 'out',
      voiceSince: () => ({ atMs: voiceNeededSince(log.events), isEnough: () => true }),
      text: true,
      onEvent: (event, { replayed }) => log.#onEvent(event, replayed),
      onFrame: (frame) => log.#deliver((session) => session.frame(frame)),
      onLost: ({ count }) => log.#deliver((session) => session.lost(count)),
    });
    return log;
  }

  /**
   * The session's first event.
   * @throws {EdgeError} `resume_refused` when the session is unknown or over, or the secret is not its own
   */
  checkedOpening(secret: string): EventOf<'session.opened'> {
    const opened = this.events.find((event) => event.type === 'session.opened');
    const isOver = this.events.some(({ type }) => type === 'session.closed');
    if (!opened?.resumeKeyHash || isOver || !isResumeSecret(secret, opened.resumeKeyHash)) {
      throw new EdgeError('resume_refused');
    }
    return opened;
  }

  /** Resolves when all that was written before this gateway's mark has come, and nothing of a former one can any more. */
  async fenced(epoch: number): Promise<void> {
    const isMarked = () => this.events.some((event) => event.stage === 'gateway' && event.epoch === epoch);
    while (this.#feed && (!isMarked() || this.#feed.behind)) {
      await new Promise<void>((resolve) => this.parts.clock.after(FENCE_CHECK_MS, resolve));
    }
  }

  /** Gives the session what came live meanwhile, and from now on everything. */
  follow(session: CallSession): void {
    if (!this.#feed) return;
    this.#session = session;
    session.attach(this.#feed);
    for (const deliver of this.#early.splice(0)) deliver(session);
  }

  close(): void {
    this.#feed?.close();
    this.#feed = undefined;
  }

  #onEvent(event: ParleyEvent, replayed: boolean): void {
    if (!this.#session) {
      // Whoever had the session before has shown it, or nobody can any more.
      if (event.type === 'text.delta') return;
      this.events.push(event);
    }
    this.#deliver((session) => session.event(event, replayed));
  }

  #deliver(deliver: (session: CallSession) => void): void {
    if (this.#session) deliver(this.#session);
    else this.#early.push(deliver);
  }
}

/** A caller's network may stand still for so long before it is given up, with a reply's end on its way. */
const LATE_MS = 15_000;

/** When the oldest reply began whose voice may still be heard. Voice of a reply is stored after the reply's beginning. */
function voiceNeededSince(events: readonly ParleyEvent[]): number {
  const now = Date.now();
  let overThrough = 0;
  const begun = new Map<number, number>();
  for (const event of events) {
    if (event.type === 'reply.started' && !event.shown) begun.set(event.reply, event.at);
    else if (event.type === 'playout.started') overThrough = Math.max(overThrough, event.reply - 1);
    else if (event.type === 'playout.ended' && now - event.at > LATE_MS)
      overThrough = Math.max(overThrough, event.reply);
    else if (event.type === 'reply.interrupted') begun.delete(event.reply);
  }
  const open = [...begun].flatMap(([reply, at]) => (reply > overThrough ? [at] : []));
  return Math.min(now, ...open) - VOICE_MARGIN_MS;
}
