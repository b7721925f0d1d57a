import type { EndReason, EventOf, ParleyEvent } from '@parley/contracts';

/** Whether the agent has hung up: the session then ends when the reply that did so has been heard, unless it is cut off. */
export class HangUp {
  #ended: EventOf<'reply.ended'> | undefined;

  /** Takes note of an event, also of one out of the log. */
  note(event: ParleyEvent): void {
    if (event.type === 'reply.ended') this.#ended = event.hangUp ? event : undefined;
    else if (event.type === 'reply.started') this.#ended = undefined;
    else if (event.type === 'reply.interrupted' && event.reply === this.#ended?.reply) this.#ended = undefined;
  }

  /** The reply that hung up, and the reason that the session ends with. */
  get pending(): { reply: number; reason: EndReason } | undefined {
    const { reply, endReason: reason = 'agent_ended' } = this.#ended ?? {};
    return reply === undefined ? undefined : { reply, reason };
  }
}
