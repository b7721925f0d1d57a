import { IoAdapter } from '@nestjs/platform-socket.io';
import { MAX_MESSAGE_BYTES } from './ws-door.js';

type Options = Parameters<IoAdapter['createIOServer']>[1];

/** A connection without a word for twice as long is lost, on both of its sides. */
const PING_MS = 5000;

/** Socket.io as the gateway wants it: WebSocket only, nothing compressed, other paths left to the other door. */
export class VoiceIoAdapter extends IoAdapter {
  override createIOServer(port: number, options: Options) {
    return super.createIOServer(port, {
      ...options,
      transports: ['websocket'],
      pingInterval: PING_MS,
      pingTimeout: PING_MS,
      perMessageDeflate: false,
      maxHttpBufferSize: MAX_MESSAGE_BYTES,
      destroyUpgrade: false,
      serveClient: false,
    } as Options);
  }
}
