export { errorOfStatus, retryAfterMs, type Refusal } from './http-error.js';
export { openSocket, type SocketOptions } from './open-socket.js';
export { TranscriptQueue } from './transcript-queue.js';
