import { ContractError } from './contract-error.js';

const EVENT_ID = /^([a-z]+\.[a-z]+)\.(\d{1,15})\.(\d{1,15})$/;
const ENTRY = /^([a-z]+\.[a-z]+):(\d{1,15})\.(\d{1,15})$/;

interface Position {
  epoch: number;
  seq: number;
}

/**
 * The newest event of each lane (one writing stage's events of one kind) that somebody has seen, by event ids. Written
 * as `<kind>.<stage>:<epoch>.<seq>`, joined by commas: `reply.agent:4.17,speech.stt:3.2`. Lanes are told in order, so
 * that what is older counts as seen as well.
 */
export class SeenEvents {
  readonly #lanes = new Map<string, Position>();

  /**
   * Reads what {@link SeenEvents.encode} wrote; an empty text is nothing seen.
   * @throws {ContractError} `invalid_event` for anything else
   */
  static decode(text: string): SeenEvents {
    const seen = new SeenEvents();
    for (const entry of text === '' ? [] : text.split(',')) {
      const [, lane, epoch, seq] = ENTRY.exec(entry) ?? [];
      if (!lane) throw new ContractError('invalid_event', 'seen is a list of <kind>.<stage>:<epoch>.<seq>');
      seen.#lanes.set(lane, { epoch: Number(epoch), seq: Number(seq) });
    }
    return seen;
  }

  /** Whether an event was seen, or one of its lane that came later. False for an id of another shape. */
  has(id: string): boolean {
    const [, lane = '', epoch, seq] = EVENT_ID.exec(id) ?? [];
    const newest = this.#lanes.get(lane);
    if (!newest) return false;
    return Number(epoch) < newest.epoch || (Number(epoch) === newest.epoch && Number(seq) <= newest.seq);
  }

  /**
   * Notes an event.
   * @returns false when it was seen already; an id of another shape always counts as new and is not kept
   */
  add(id: string): boolean {
    if (this.has(id)) return false;
    const [, lane, epoch, seq] = EVENT_ID.exec(id) ?? [];
    if (lane) this.#lanes.set(lane, { epoch: Number(epoch), seq: Number(seq) });
    return true;
  }

  encode(): string {
    return [...this.#lanes].map(([lane, { epoch, seq }]) => `${lane}:${epoch}.${seq}`).join(',');
  }
}
