import type { Claim } from '@parley/contracts';
import type { JsMsg } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import type { ClaimLease } from './session-bus.js';

const ACK_TIMEOUT_MS = 2000;
const PROGRESS = new TextEncoder().encode('+WPI');

/** A held claim: the delivery that is renewed, which a redelivery to the same holder replaces, and what ends it. */
export class HeldClaim implements ClaimLease {
  readonly deliveries: number;
  /** The epoch this replica took for it, once it has. */
  epoch: number | undefined;

  constructor(
    readonly claim: Claim,
    private message: JsMsg,
    private readonly release: (lease: HeldClaim, outcome: string) => void,
  ) {
    this.deliveries = message.info.deliveryCount;
  }

  /** Goes on under a newer delivery of the same claim. */
  adopt(message: JsMsg): void {
    this.message = message;
    this.renew();
  }

  /** Reports progress, without an answer. */
  renew(): void {
    this.message.working();
  }

  /** Reports progress and waits until the claim consumer has seen it, and so everything reported before. */
  async renewAndWait(connection: NatsConnection, timeoutMs: number): Promise<void> {
    // The client's message knows its acknowledgement subject, and its type does not say so.
    const { reply } = this.message as JsMsg & { reply: string };
    await connection.request(reply, PROGRESS, { timeout: timeoutMs });
  }

  async done(): Promise<boolean> {
    this.release(this, 'done');
    return this.message.ackAck({ timeout: ACK_TIMEOUT_MS }).catch(() => false);
  }

  handBack(delayMs = 0): void {
    this.release(this, 'handed_back');
    this.message.nak(delayMs || undefined);
  }

  abandon(): void {
    this.release(this, 'abandoned');
  }
}
