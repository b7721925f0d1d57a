import {
  ContractError,
  decodeEvent,
  decodeFrame,
  type AudioFrame,
  type EventKind,
  type EventOf,
  type ParleyEvent,
  type Stage,
} from '@parley/contracts';
import type { BusMetrics } from './bus-metrics.js';

/** An event with what its lane needs to order it. */
export interface EventMessage {
  epoch: number;
  seq: number;
  succeeds: boolean;
  event: ParleyEvent;
  traceparent: string | undefined;
}

/** A frame with what its lane needs to order it. A fence is a new owner's first, of one that had a predecessor. */
export type FrameMessage = AudioFrame & { succeeds: boolean };

/** The first event of an owner that had or may have had a predecessor. */
export type Mark = EventOf<'stage.claimed' | 'session.resumed'>;

/** The kinds on which owners leave their marks. */
export const MARK_KINDS: ReadonlySet<EventKind> = new Set(['stage', 'session']);

/** Whether an event is an owner's mark. */
export function isMark(event: ParleyEvent): event is Mark {
  return event.type === 'stage.claimed' || event.type === 'session.resumed';
}

/** The kind on which a stage's owners leave their marks. */
export function markKindOf(stage: Stage): EventKind {
  return stage === 'gateway' ? 'session' : 'stage';
}

/** Decodes one session's messages; what cannot be decoded is counted and left out. */
export class FeedDecoder {
  constructor(
    private readonly sessionId: string,
    private readonly metrics: BusMetrics,
  ) {}

  /** Undefined for an event of another session too, and for a type that this build does not know. */
  event(kind: string, data: Uint8Array, traceparent: string | undefined): EventMessage | undefined {
    try {
      const event = decodeEvent(data);
      if (!event || event.sessionId !== this.sessionId) return undefined;
      const succeeds = isMark(event) && (event.type === 'session.resumed' || event.deliveries > 1);
      return { epoch: event.epoch, seq: event.seq, succeeds, event, traceparent: traceparent || undefined };
    } catch (error) {
      this.countInvalid(kind, error);
      return undefined;
    }
  }

  frame(data: Uint8Array): FrameMessage | undefined {
    try {
      const frame = decodeFrame(data);
      return Object.assign(frame, { succeeds: frame.fence });
    } catch (error) {
      this.countInvalid('audio', error);
      return undefined;
    }
  }

  private countInvalid(kind: string, error: unknown): void {
    const code = error instanceof ContractError ? error.code : 'unknown';
    this.metrics.invalid.inc({ kind, code });
  }
}
