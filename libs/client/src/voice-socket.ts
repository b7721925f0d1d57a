import type {
  CallerMessage,
  EdgeAck,
  EdgeAudioInfo,
  EdgeEvent,
  ResumeRequest,
  SessionRequest,
} from '@parley/contracts';
import type { Socket } from 'socket.io-client';

/** How far the client's own speaker is. */
export interface PlayoutReport {
  reply: number;
  sentence: number;
  /** Samples of this sentence that have been played. */
  pts: number;
}

/** What the gateway emits on the voice namespace. */
export interface GatewayEmits {
  event(event: EdgeEvent): void;
  audio(info: EdgeAudioInfo, pcm: ArrayBuffer | Uint8Array): void;
}

/** What a caller emits on the voice namespace. */
export interface CallerEmits {
  'session:start'(request: SessionRequest | ResumeRequest, ack: (answer: EdgeAck) => void): void;
  message(message: CallerMessage, ack: (answer: EdgeAck) => void): void;
  audio(pcm: Uint8Array): void;
}

/** A socket.io connection to the voice namespace. */
export type VoiceSocket = Socket<GatewayEmits, CallerEmits>;

/**
 * How many bytes wait in the socket because the network does not take them. socket.io has no measure of its own
 * for this: it hands everything to the WebSocket at once, and that one's `bufferedAmount` is what grows.
 */
export function backlogBytes(socket: VoiceSocket): number {
  if (!socket.connected || socket.sendBuffer.length > 0) return Infinity;
  const transport = socket.io.engine.transport as unknown as { ws?: { bufferedAmount?: number } | null };
  return transport.ws?.bufferedAmount ?? 0;
}

/**
 * Lets a connection go without the goodbye that would end its session: to the gateway its caller is lost, and can come
 * back. Nothing of it is heard any more.
 */
export function loseSocket(socket: VoiceSocket): void {
  socket.off();
  const { engine } = socket.io as { engine?: { close(): void } };
  if (engine) engine.close();
  else socket.disconnect();
}
