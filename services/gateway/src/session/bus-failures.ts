import type { EventType } from '@parley/contracts';
import type { Log } from '@parley/telemetry';
import type { GatewayParts } from './gateway-parts.js';

/** What goes wrong between a session and the bus: counted, and logged now and then. */
export class BusFailures {
  constructor(
    private readonly parts: Pick<GatewayParts, 'metrics'>,
    private readonly log: Log,
  ) {}

  /** An event did not get to the bus. */
  notStored(type: EventType, error: unknown): void {
    this.parts.metrics.busFailures.inc({ kind: type });
    this.log.limited('bus.publish', 'error', { err: error, type }, 'an event did not get to the bus');
  }

  /** The bus lost something for good. */
  lost(count: number): void {
    this.parts.metrics.busFailures.inc({ kind: 'lost' }, count);
    this.log.limited('feed.lost', 'warn', { count }, 'messages of the session were lost');
  }
}
