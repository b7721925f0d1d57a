import type { EdgeAudioInfo, EdgeEvent } from '@parley/contracts';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Clock } from '../clock.js';
import type { Caller } from '../session/caller.js';

/** How long a closing handshake may take before the socket is cut. */
const CLOSE_TIMEOUT_MS = 2000;
const NORMAL = 1000;
/** RFC 6455 close codes (and the IANA registry's 1012, 1013) of ends that are not normal. */
const CLOSE_CODES: Readonly<Record<string, number>> = {
  invalid_message: 1008,
  unknown_agent: 1008,
  resume_refused: 1008,
  client_too_slow: 1008,
  internal: 1011,
  gateway_stopped: 1012,
  gateway_draining: 1012,
  session_moved: 1012,
  capacity_exceeded: 1013,
  bus_unavailable: 1013,
};

/** A caller on a raw WebSocket: events as JSON text, voice as binary. */
export class WsCaller implements Caller {
  readonly door = 'ws';
  #isGathering = false;

  /** @param stream what the WebSocket writes to */
  constructor(
    private readonly socket: WebSocket,
    private readonly stream: Duplex,
    private readonly clock: Clock,
  ) {}

  get bufferedBytes(): number {
    return this.socket.bufferedAmount;
  }

  sendEvent(event: EdgeEvent): void {
    if (this.socket.readyState !== this.socket.OPEN) return;
    this.#gather();
    this.socket.send(JSON.stringify(event));
  }

  sendAudio(_info: EdgeAudioInfo, pcm: Uint8Array): void {
    if (this.socket.readyState !== this.socket.OPEN) return;
    this.#gather();
    this.socket.send(pcm, { binary: true });
  }

  close(reason: string): void {
    if (this.socket.readyState === this.socket.CLOSED) return;
    this.socket.close(CLOSE_CODES[reason] ?? NORMAL, reason);
    // Whoever stops the process does not wait for the next tick.
    this.#flush();
    const cancel = this.clock.after(CLOSE_TIMEOUT_MS, () => this.socket.terminate());
    this.socket.once('close', cancel);
  }

  /** What is sent in one go leaves in one write. */
  #gather(): void {
    if (this.#isGathering) return;
    this.#isGathering = true;
    this.stream.cork();
    process.nextTick(() => this.#flush());
  }

  #flush(): void {
    if (!this.#isGathering) return;
    this.#isGathering = false;
    this.stream.uncork();
  }
}
