import { Inject } from '@nestjs/common';
import {
  ConnectedSocket,
  MessageBody,
  SubscribeMessage,
  WebSocketGateway,
  type OnGatewayConnection,
} from '@nestjs/websockets';
import { VOICE_NAMESPACE, type EdgeAck } from '@parley/contracts';
import type { Socket } from 'socket.io';
import { GatewayCore } from '../gateway-core.js';
import { EdgeError } from '../session/edge-error.js';
import type { CallerConnection } from '../session/caller-connection.js';
import { SocketIoCaller } from './socket-io-caller.js';

type VoiceSocket = Socket<never, never, never, { connection: CallerConnection }>;
type AudioAck = (ack: { ok: true } | { ok: false; code: string; message: string }) => void;

/** The reason that socket.io gives when the caller says goodbye. */
const CALLER_LEAVES = 'client namespace disconnect';

/** The socket.io door: namespace `/voice`. */
@WebSocketGateway({ namespace: VOICE_NAMESPACE })
export class VoiceGateway implements OnGatewayConnection<VoiceSocket> {
  constructor(@Inject(GatewayCore) private readonly core: GatewayCore) {}

  handleConnection(socket: VoiceSocket): void {
    const connection = this.core.connect(new SocketIoCaller(socket as unknown as Socket, this.core.parts.clock));
    socket.data.connection = connection;
    // Nest does not say why a socket is gone.
    (socket as unknown as Socket).on('disconnect', (reason) => connection.gone(reason !== CALLER_LEAVES));
    // Fifty frames a second and caller: past Nest's message pipeline.
    (socket as unknown as Socket).on('audio', (data: unknown, ack?: unknown) => {
      const answer = acceptAudio(connection, data);
      if (typeof ack === 'function') (ack as AudioAck)(answer);
    });
  }

  @SubscribeMessage('session:start')
  start(@ConnectedSocket() socket: VoiceSocket, @MessageBody() request: unknown): Promise<EdgeAck> {
    return socket.data.connection.open(request);
  }

  @SubscribeMessage('message')
  message(@ConnectedSocket() socket: VoiceSocket, @MessageBody() message: unknown): Promise<EdgeAck> {
    return socket.data.connection.message(message);
  }
}

function acceptAudio(connection: CallerConnection, data: unknown): Parameters<AudioAck>[0] {
  if (!Buffer.isBuffer(data)) return connection.reject('invalid_message');
  const code = connection.audio(data);
  return code ? { ok: false, code, message: new EdgeError(code).message } : { ok: true };
}
