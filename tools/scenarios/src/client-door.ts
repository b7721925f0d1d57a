import { connectParley, type ConnectOptions } from '@parley/client';
import type { OpenDoor } from './caller-door.js';

/** The way of an application: the client library over socket.io. */
export const openClientDoor: OpenDoor = async (request, listener) => {
  const { gatewayUrl: url, agent, mode, direction, frameMs, pausable } = request;
  const options: ConnectOptions = {
    url,
    agent,
    mode,
    direction,
    frameMs,
    resume: false,
    ...(pausable && { pausable }),
  };
  const client = await connectParley(options);
  client.on('event', (event) => listener.event(event));
  client.on('audio', ({ pcm, info }) => listener.audio(pcm, info));
  client.on('state', (state) => {
    if (state.name === 'closed') listener.closed(state.reason);
  });
  return {
    sessionId: client.sessionId,
    audio: (frame) => client.sendAudio(frame),
    send: (message) => {
      if (message.type === 'text') return client.sendText(message.text);
      return message.type === 'end' ? client.end() : client.send(message);
    },
    leave: () => client.end(),
  };
};
