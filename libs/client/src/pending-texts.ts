import type { EdgeAck } from '@parley/contracts';
import type { Clock } from './clock.js';
import { ParleyClientError, refusal } from './client-error.js';

/** A text as it goes over the wire: the id makes it safe to send again. */
export interface TextMessage {
  type: 'text';
  text: string;
  id: string;
}

/** Sends a text and hands on the gateway's answer, if one comes. */
export type SendText = (message: TextMessage, onAck: (ack: EdgeAck | undefined) => void) => void;

interface PendingText {
  message: TextMessage;
  resolve(): void;
  reject(error: ParleyClientError): void;
  cancel(): void;
}

/** Texts that the gateway has not confirmed. They outlive a connection: each is sent again until it is confirmed. */
export class PendingTexts {
  readonly #texts = new Map<string, PendingText>();
  #made = 0;

  /**
   * @param idPrefix makes this client's ids different from all others of the session
   * @param ackTimeoutMs how long the gateway may take to confirm a text, while there is a connection
   */
  constructor(
    private readonly clock: Clock,
    private readonly idPrefix: string,
    private readonly ackTimeoutMs: number,
    private readonly maxTexts: number,
  ) {}

  /**
   * Keeps a text until it is confirmed, and sends it when there is a connection.
   * @throws {ParleyClientError} `too_many_texts`, `ack_timeout`, what the gateway refuses it with, or why the client closed
   */
  add(text: string, send: SendText | undefined): Promise<void> {
    if (this.#texts.size >= this.maxTexts)
      return Promise.reject(new ParleyClientError('too_many_texts', `${this.maxTexts} texts are not confirmed yet`));
    const message: TextMessage = { type: 'text', text, id: `${this.idPrefix}-${++this.#made}` };
    return new Promise((resolve, reject) => {
      const pending: PendingText = { message, resolve, reject, cancel: () => {} };
      this.#texts.set(message.id, pending);
      if (send) this.#send(pending, send);
    });
  }

  /** There is a connection again: sends all of them, in order. */
  sendAll(send: SendText): void {
    for (const pending of this.#texts.values()) this.#send(pending, send);
  }

  /** The connection is lost: nothing is waited for until there is another. */
  pause(): void {
    for (const { cancel } of this.#texts.values()) cancel();
  }

  /** The client is closed. */
  rejectAll(error: ParleyClientError): void {
    for (const [id, { cancel, reject }] of this.#texts) {
      this.#texts.delete(id);
      cancel();
      reject(error);
    }
  }

  #send(pending: PendingText, send: SendText): void {
    const { message } = pending;
    const settle = (error?: ParleyClientError) => {
      if (!this.#texts.delete(message.id)) return;
      pending.cancel();
      if (error) pending.reject(error);
      else pending.resolve();
    };
    pending.cancel = this.clock.after(this.ackTimeoutMs, () =>
      settle(new ParleyClientError('ack_timeout', 'the gateway did not confirm text in time')),
    );
    send(message, (ack) => {
      if (ack?.ok) settle();
      // The session is leaving that gateway: the text is sent again at the next.
      else if (ack?.code !== 'gateway_draining') settle(refusal(ack));
    });
  }
}
