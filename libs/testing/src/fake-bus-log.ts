import {
  decodeEvent,
  decodeFrame,
  encodeEvent,
  encodeFrame,
  kindOf,
  type AudioDirection,
  type AudioFrame,
  type ParleyEvent,
  type Stage,
} from '@parley/contracts';
import type { FeedOptions } from '@parley/bus';

/** One message of a session. */
export type FakeMessage =
  | { type: 'event'; event: ParleyEvent }
  | { type: 'text'; event: ParleyEvent }
  | { type: 'audio'; direction: AudioDirection; frame: AudioFrame };

/** Takes an event through the wire format, so that what a real reader would refuse is refused here. */
export function eventMessage(event: ParleyEvent): FakeMessage {
  const read = decodeEvent(encodeEvent(event));
  if (!read) throw new TypeError(`${event.type} is no event of the contract`);
  return { type: kindOf(read.type) === 'text' ? 'text' : 'event', event: read };
}

/** Takes a frame through the wire format. */
export function frameMessage(direction: AudioDirection, frame: AudioFrame): FakeMessage {
  return { type: 'audio', direction, frame: decodeFrame(encodeFrame(frame)) };
}

/** One reader: its own queue, one handler at a time, and nothing of an epoch that is over. */
export class FakeFeed {
  private readonly queue: { message: FakeMessage; replayed: boolean }[] = [];
  private readonly epochs = new Map<string, number>();
  private readonly floors = new Map<Stage, number>();
  private isDraining = false;
  private isOpen = true;

  constructor(
    private readonly options: FeedOptions,
    private readonly onIdle: () => void,
  ) {}

  /** Messages not yet handled. */
  get waiting(): number {
    return this.queue.length;
  }

  offer(message: FakeMessage, replayed: boolean): void {
    if (!this.isOpen || !(isMark(message) || this.wants(message))) return;
    this.queue.push({ message, replayed });
    if (this.isDraining) return;
    this.isDraining = true;
    queueMicrotask(() => this.drain());
  }

  close(): void {
    this.isOpen = false;
    this.queue.length = 0;
  }

  private drain(): void {
    try {
      for (let next = this.queue.shift(); next; next = this.queue.shift()) this.deliver(next.message, next.replayed);
    } finally {
      this.isDraining = false;
      this.onIdle();
    }
  }

  private deliver(message: FakeMessage, replayed: boolean): void {
    const lane = message.type === 'audio' ? `audio.${message.direction}` : laneOf(message.event);
    const { epoch } = message.type === 'audio' ? message.frame : message.event;
    if (epoch < (this.epochs.get(lane) ?? this.floorOf(message))) return;
    this.epochs.set(lane, Math.max(epoch, this.floorOf(message)));
    if (message.type === 'event' && isMark(message)) this.raise(message.event.stage, epoch);
    if (!this.wants(message)) return;
    if (message.type !== 'audio') this.options.onEvent(message.event, { replayed });
    else if (!message.frame.fence) this.options.onFrame?.(message.frame);
  }

  /** A new owner's mark fences everything its stage writes, but the order of the marks themselves. */
  private raise(stage: Stage, epoch: number): void {
    this.floors.set(stage, epoch);
    for (const [lane, seen] of this.epochs) {
      if (lane.endsWith(`/${stage}`) && lane !== markLaneOf(stage)) this.epochs.set(lane, Math.max(seen, epoch));
    }
  }

  private floorOf(message: FakeMessage): number {
    if (message.type === 'audio' || laneOf(message.event) === markLaneOf(message.event.stage)) return 0;
    return this.floors.get(message.event.stage) ?? 0;
  }

  private wants(message: FakeMessage): boolean {
    if (message.type === 'audio') return this.options.audio === message.direction;
    if (message.type === 'text') return this.options.text === true;
    const kind = kindOf(message.event.type);
    return kind !== 'text' && this.options.kinds.includes(kind);
  }
}

function laneOf(event: ParleyEvent): string {
  return `${kindOf(event.type)}/${event.stage}`;
}

/** A new owner's first event. */
function isMark(message: FakeMessage): boolean {
  return (
    message.type === 'event' && (message.event.type === 'stage.claimed' || message.event.type === 'session.resumed')
  );
}

function markLaneOf(stage: Stage): string {
  return stage === 'gateway' ? 'session/gateway' : `stage/${stage}`;
}
