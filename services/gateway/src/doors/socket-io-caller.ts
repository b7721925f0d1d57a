import type { EdgeAudioInfo, EdgeEvent } from '@parley/contracts';
import type { Socket } from 'socket.io';
import type { WebSocket } from 'ws';
import type { Clock } from '../clock.js';
import type { Caller } from '../session/caller.js';

const CLOSE_TIMEOUT_MS = 2000;

interface Packet {
  data?: string | Uint8Array;
}

/** A caller on socket.io: events as `event`, voice as `audio` with its place beside it. */
export class SocketIoCaller implements Caller {
  readonly door = 'socket.io';

  constructor(
    private readonly socket: Socket,
    private readonly clock: Clock,
  ) {}

  /** Engine.io queues packets until the socket below has flushed those before. */
  get bufferedBytes(): number {
    const { writeBuffer } = this.socket.conn as unknown as { writeBuffer: readonly Packet[] };
    let bytes = this.#webSocket?.bufferedAmount ?? 0;
    for (const { data } of writeBuffer) bytes += data?.length ?? 0;
    return bytes;
  }

  sendEvent(event: EdgeEvent): void {
    this.socket.emit('event', event);
  }

  sendAudio(info: EdgeAudioInfo, pcm: Uint8Array): void {
    this.socket.emit('audio', info, pcm);
  }

  close(): void {
    if (!this.socket.connected) return;
    const webSocket = this.#webSocket;
    const cancel = this.clock.after(CLOSE_TIMEOUT_MS, () => webSocket?.terminate());
    webSocket?.once('close', cancel);
    this.socket.disconnect(true);
  }

  get #webSocket(): WebSocket | undefined {
    return (this.socket.conn.transport as unknown as { socket?: WebSocket }).socket;
  }
}
