export { errorOfClient, type ClientErrorOptions } from './client-error.js';
export { guardAnswer, wholeAnswer, type AnswerRules } from './guarded-answer.js';
export { errorOfStatus, retryAfterMs, type Refusal } from './http-error.js';
export { openSocket, type SocketOptions } from './open-socket.js';
export { assertApiKey, httpBase, settingsFor, type SettingsSchema } from './provider-access.js';
export { TranscriptQueue } from './transcript-queue.js';
