import type { ErrorCode, ParleyEvent, SeenEvents } from '@parley/contracts';
import type { Caller } from './caller.js';
import { errorEvent } from './edge-error.js';
import { EdgeTranslation } from './edge-translation.js';
import type { GatewayParts } from './gateway-parts.js';

/** Tells a session's caller of the bus's events and of errors; counts the errors. */
export class CallerNotices {
  readonly #translation = new EdgeTranslation();

  /** @param seen what another gateway has told the caller */
  constructor(
    private readonly parts: Pick<GatewayParts, 'metrics'>,
    private readonly caller: Caller,
    private readonly seen: SeenEvents | undefined,
  ) {}

  /** Tells of an error. @param stage the one that it is about */
  error(code: ErrorCode, stage?: string): void {
    this.parts.metrics.callerErrors.inc({ code });
    this.caller.sendEvent(errorEvent(code, stage === undefined ? {} : { stage }));
  }

  /** Tells what an event means for the caller, if anything. */
  event(event: ParleyEvent): void {
    for (const each of this.#translation.translate(event, this.seen?.has(event.id))) {
      if (each.type === 'error') this.parts.metrics.callerErrors.inc({ code: each.code });
      this.caller.sendEvent(each);
    }
  }

  /** Tells that a stage works on the session again. */
  restored(stage: string): void {
    this.caller.sendEvent({ type: 'stage_restored', stage });
  }
}
