import { context, propagation } from '@opentelemetry/api';
import { headers as newHeaders, type MsgHdrs, type NatsConnection } from '@nats-io/transport-node';
import {
  encodeEvent,
  encodeFrame,
  kindOf,
  subjects,
  type AudioDirection,
  type EventOf,
  type EventType,
  type ParleyEvent,
  type Payload,
  type Stage,
} from '@parley/contracts';
import type { AckWindow } from './ack-window.js';
import { BusError } from './bus-error.js';
import type { OutgoingFrame, SessionWriter } from './session-bus.js';

const MESSAGE_ID = 'Nats-Msg-Id';
/** The first tenth of a second of a sentence leaves at once. */
const AWAITED_SHARE = 10;

/** {@link SessionWriter} over NATS: numbers, encodes, publishes, and watches acknowledgements. */
export class NatsSessionWriter implements SessionWriter {
  readonly sessionId: string;
  readonly stage: Stage;
  readonly epoch: number;
  private readonly eventSeq = new Map<string, number>();
  private readonly frameSeq = { in: 0, out: 0 };
  private readonly audioSubject: Record<AudioDirection, string>;
  private readonly idle: (() => void)[] = [];
  private unackedEvents = 0;
  private closed = false;
  private readonly onFrameSettled = () => {
    this.unackedFrames--;
    this.settleIdle();
  };
  unackedFrames = 0;

  constructor(
    private readonly connection: NatsConnection,
    private readonly window: AckWindow,
    options: { stage: Stage; sessionId: string; epoch: number },
    private readonly now: () => number = Date.now,
  ) {
    this.sessionId = options.sessionId;
    this.stage = options.stage;
    this.epoch = options.epoch;
    this.audioSubject = { in: subjects.audio('in', this.sessionId), out: subjects.audio('out', this.sessionId) };
  }

  publish<T extends EventType>(type: T, payload: Payload<T>): Promise<EventOf<T>> {
    const kind = kindOf(type);
    if (this.closed) return Promise.reject(this.closedError());
    if (kind === 'text') return Promise.reject(new TypeError('text.delta goes through text()'));
    const event = this.compose(kind, type, payload);
    const messageHeaders = traceHeaders();
    messageHeaders.set(MESSAGE_ID, `${this.sessionId}.${event.id}`);
    this.unackedEvents++;
    return new Promise((resolve, reject) => {
      this.window.send(
        'event',
        subjects.event(kind, this.sessionId),
        encodeEvent(event as ParleyEvent),
        (error) => {
          this.unackedEvents--;
          if (error) reject(error);
          else resolve(event);
          this.settleIdle();
        },
        { headers: messageHeaders },
      );
    });
  }

  text(reply: number, text: string, speaker?: string): void {
    if (this.closed || this.connection.isClosed()) return;
    const event = this.compose('text', 'text.delta', { reply, text, ...(speaker !== undefined && { speaker }) });
    this.connection.publish(subjects.text(this.sessionId), encodeEvent(event as ParleyEvent));
  }

  audio(direction: AudioDirection, frame: OutgoingFrame): void {
    if (this.closed) throw this.closedError();
    const seq = ++this.frameSeq[direction];
    const bytes = encodeFrame({ ...frame, fence: frame.fence ?? false, epoch: this.epoch, seq });
    this.unackedFrames++;
    // What a sentence begins with is waited for; the rest of it comes in bursts, and ahead of its time.
    const gather = direction === 'in' || frame.payload.length === 0 || frame.pts * AWAITED_SHARE >= frame.sampleRateHz;
    if (!gather) this.window.flush();
    this.window.send('frame', this.audioSubject[direction], bytes, this.onFrameSettled, { gather });
  }

  close(): Promise<void> {
    this.closed = true;
    if (this.unackedEvents + this.unackedFrames === 0) return Promise.resolve();
    return new Promise((resolve) => this.idle.push(resolve));
  }

  private compose<T extends EventType>(kind: string, type: T, payload: Payload<T>): EventOf<T> {
    const seq = (this.eventSeq.get(kind) ?? 0) + 1;
    this.eventSeq.set(kind, seq);
    return {
      id: `${kind}.${this.stage}.${this.epoch}.${seq}`,
      type,
      sessionId: this.sessionId,
      seq,
      epoch: this.epoch,
      stage: this.stage,
      at: this.now(),
      ...payload,
    } as unknown as EventOf<T>;
  }

  private settleIdle(): void {
    if (this.unackedEvents + this.unackedFrames > 0) return;
    for (const resolve of this.idle.splice(0)) resolve();
  }

  private closedError(): BusError {
    return new BusError('writer_closed', `the writer of ${this.stage} for this session is closed`, false);
  }
}

/** Headers with the active span's W3C trace context, where there is one. */
function traceHeaders(): MsgHdrs {
  const result = newHeaders();
  propagation.inject(context.active(), result, { set: (carrier, key, value) => carrier.set(key, value) });
  return result;
}
