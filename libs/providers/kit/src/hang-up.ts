import { WebSocket } from 'ws';

/** How long the other side may take to agree, in ms. */
const GRACE_MS = 500;

/** Closes a socket, by agreement if it comes soon. Resolves when it is closed; does not fail. */
export function hangUp(socket: WebSocket): Promise<void> {
  if (socket.readyState === WebSocket.CLOSED) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(() => socket.terminate(), GRACE_MS);
    socket.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
    socket.close();
  });
}
