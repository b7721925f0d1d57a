import type { SessionWriter } from '@parley/bus';
import { kindOf, type EventType, type Payload } from '@parley/contracts';
import type { BusFailures } from './bus-failures.js';

/** Events that this gateway writes of itself: nobody waits until they are stored. */
export class OwnEvents {
  #count = 0;

  constructor(
    private readonly writer: SessionWriter,
    private readonly failures: BusFailures,
  ) {}

  /** @returns the id that the event gets, as ids follow from the order of writing */
  write<T extends EventType>(type: T, payload: Payload<T>): string {
    this.writer.publish(type, payload).catch((error: unknown) => this.failures.notStored(type, error));
    return `${kindOf(type)}.gateway.${this.writer.epoch}.${++this.#count}`;
  }
}
