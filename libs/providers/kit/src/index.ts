export { errorOfClient, type ClientErrorOptions } from './client-error.js';
export { guardAnswer, wholeAnswer, type AnswerRules } from './guarded-answer.js';
export { hangUp } from './hang-up.js';
export { errorOfStatus, retryAfterMs, type Refusal } from './http-error.js';
export { openSocket, socketOpened, type OpeningOptions, type SocketOptions } from './open-socket.js';
export { assertApiKey, httpBase, settingsFor, type SettingsSchema } from './provider-access.js';
export { TranscriptQueue } from './transcript-queue.js';
