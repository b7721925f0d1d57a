export { hangUp } from './hang-up.js';
export { errorOfStatus, retryAfterMs, type Refusal } from './http-error.js';
export { openSocket, socketOpened, type OpeningOptions, type SocketOptions } from './open-socket.js';
export { assertApiKey, httpBase } from './provider-access.js';
export { TranscriptQueue } from './transcript-queue.js';
