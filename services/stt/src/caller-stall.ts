import type { AudioFrame, ParleyEvent } from '@parley/contracts';
import type { OwnedSession } from '@parley/stage-kit';

/** How often a session is told that time has passed. */
export const TICK_MS = 100;

/** How long the voice of a caller who has come back is waited for. */
const RESUME_TICKS = 30;

/**
 * Tells a caller who sends nothing at all from voice that is late. It is asked once a tick, for as long as there is
 * something that silence would end.
 */
export class CallerStall {
  /** Ticks since the last frame in which the broker was there: a stall of this process is no silence. */
  private ticksWithoutFrame = 0;
  /** The gateway's heartbeat at the first of them. */
  private beatAtStall: number | undefined;
  /** The caller is lost, or has come back, and the voice that waits there has not come from this gateway epoch on. */
  private awaited: { epoch: number; ticks: number } | undefined;

  constructor(
    private readonly session: Pick<OwnedSession, 'bus' | 'gatewayBeat'>,
    private readonly stallMs: number,
  ) {}

  onEvent(event: ParleyEvent): void {
    if (event.type === 'session.suspended') this.awaited = { epoch: event.epoch + 1, ticks: Infinity };
    if (event.type === 'session.resumed') this.awaited = { epoch: event.epoch, ticks: RESUME_TICKS };
  }

  onFrame({ epoch }: AudioFrame): void {
    this.ticksWithoutFrame = 0;
    // Voice from before the caller was lost may come behind the word of it.
    if (this.awaited && epoch >= this.awaited.epoch) this.awaited = undefined;
  }

  /** No frames come though the gateway is alive, and whatever it sent before its heartbeat has come. */
  isSilent(): boolean {
    const beat = this.session.bus.connected ? this.session.gatewayBeat() : undefined;
    if (beat === undefined || (this.awaited && this.awaited.ticks-- > 0)) return false;
    this.awaited = undefined;
    if (this.ticksWithoutFrame++ === 0) this.beatAtStall = beat;
    return this.ticksWithoutFrame * TICK_MS > this.stallMs && beat > (this.beatAtStall ?? Infinity);
  }
}
