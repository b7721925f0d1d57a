import { newSessionId, type ParleyEvent } from '@parley/contracts';
import type { ClaimLease, ConnectedBus, SessionFeed, SessionWriter } from '../src/index.js';

/** A voice session as its gateway opens it. */
export const OPENED = {
  agent: 'sandwich-shop',
  mode: 'voice-to-voice',
  language: 'en',
  inputSampleRateHz: 16_000,
  outputSampleRateHz: 16_000,
  outputFrameMs: 20,
  door: 'ws',
} as const;

/** A frame without voice. */
export const FRAME = {
  codec: 'pcm_s16le',
  sampleRateHz: 16_000,
  reply: 0,
  sentence: 0,
  lastOfSentence: false,
  lastOfReply: false,
  payload: new Uint8Array(640),
} as const;

/** A new session as its gateway writes it. */
export async function openSession(bus: ConnectedBus) {
  const sessionId = newSessionId();
  const epoch = await bus.acquire('gateway', sessionId);
  return { sessionId, epoch, writer: bus.writer({ stage: 'gateway', sessionId, epoch }) };
}

/** What a reader was given. */
export interface Heard {
  texts: string[];
  frames: number[];
  lost: number;
  feed: SessionFeed;
}

/** Follows a session's texts and, with `voice`, the caller's frames, by number. */
export async function listen(bus: ConnectedBus, sessionId: string, voice = false): Promise<Heard> {
  const heard: Heard = { texts: [], frames: [], lost: 0, feed: { behind: false, close: () => undefined } };
  heard.feed = await bus.feed({
    sessionId,
    kinds: ['session', 'reply'],
    ...(voice && { audio: 'in' as const }),
    onEvent: (event) => heard.texts.push(textOf(event)),
    onFrame: ({ pts }) => heard.frames.push(pts / 320),
    onLost: ({ count }) => (heard.lost += count),
  });
  return heard;
}

function textOf(event: ParleyEvent): string {
  if (event.type === 'session.text' || event.type === 'reply.sentence') return event.text;
  return event.type;
}

/** A replica that takes a stage's sessions and writes their marks. */
export class Owner {
  readonly taken: ClaimLease[] = [];
  readonly lost: ClaimLease[] = [];
  readonly writers = new Map<string, SessionWriter>();
  close: () => Promise<void> = async () => undefined;

  private constructor(readonly bus: ConnectedBus) {}

  static async start(bus: ConnectedBus, free = 10): Promise<Owner> {
    const owner = new Owner(bus);
    const worker = await bus.claims('agent', {
      free: () => free,
      onClaim: (lease) => void owner.take(lease),
      onLost: (lease) => owner.lost.push(lease),
    });
    owner.close = () => worker.close();
    return owner;
  }

  private async take(lease: ClaimLease): Promise<void> {
    const { sessionId } = lease.claim;
    const epoch = await this.bus.acquire('agent', sessionId);
    const writer = this.bus.writer({ stage: 'agent', sessionId, epoch });
    await writer.publish('stage.claimed', { replica: this.bus.replica, deliveries: lease.deliveries });
    this.writers.set(sessionId, writer);
    this.taken.push(lease);
  }

  /** Says something in a session, as its owner. */
  say(sessionId: string, text: string): Promise<unknown> {
    const writer = this.writers.get(sessionId);
    if (!writer) throw new Error('not an owner of it');
    return writer.publish('reply.sentence', { reply: 1, sentence: 0, text, spoken: text });
  }
}
