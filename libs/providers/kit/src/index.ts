export { errorOfStatus, retryAfterMs, type Refusal } from './http-error.js';
export { hangUp } from './hang-up.js';
export { openSocket, socketOpened, type OpeningOptions, type SocketOptions } from './open-socket.js';
export { TranscriptQueue } from './transcript-queue.js';
