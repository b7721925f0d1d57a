import { bytesToPcm, copyPcmToBytes } from '@parley/audio';
import type { EdgeEvent } from '@parley/contracts';
import { WS_PATH } from '@parley/contracts';
import { WebSocket } from 'ws';
import type { OpenDoor } from './caller-door.js';

const OPEN_TIMEOUT_MS = 10_000;
const LEAVE_TIMEOUT_MS = 5000;

/** The way of a caller in any language: a raw WebSocket, with nothing but the protocol. */
export const openWsDoor: OpenDoor = async (request, listener) => {
  const { gatewayUrl, agent, mode, direction, frameMs, pausable } = request;
  const asked = { agent, mode, direction, frameMs: String(frameMs), ...(pausable && { pausable: '1' }) };
  const query = new URLSearchParams(asked);
  const socket = new WebSocket(`${gatewayUrl.replace(/^http/u, 'ws')}${WS_PATH}?${query.toString()}`);
  const closed = new Promise<void>((resolve) => {
    socket.once('close', (code, reason) => {
      listener.closed(reason.toString() || String(code));
      resolve();
    });
  });
  const sessionId = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no session within ${OPEN_TIMEOUT_MS} ms`)), OPEN_TIMEOUT_MS);
    socket.once('error', reject);
    socket.on('message', (data: Buffer, isBinary) => {
      // The socket's buffer is used again, and need not begin at an even byte.
      if (isBinary) return listener.audio(bytesToPcm(Uint8Array.from(data)), undefined);
      const event = JSON.parse(data.toString()) as EdgeEvent;
      if (event.type === 'session_started') {
        clearTimeout(timer);
        resolve(event.sessionId);
      }
      listener.event(event);
    });
  });
  return {
    sessionId,
    audio(frame) {
      if (socket.readyState !== socket.OPEN) return false;
      socket.send(copyPcmToBytes(frame));
      return true;
    },
    send(message) {
      socket.send(JSON.stringify(message));
      return Promise.resolve();
    },
    async leave() {
      if (socket.readyState === socket.OPEN) socket.send(JSON.stringify({ type: 'end' }));
      const timer = setTimeout(() => socket.terminate(), LEAVE_TIMEOUT_MS);
      await closed;
      clearTimeout(timer);
    },
  };
};
