export { connectParley, type ConnectOptions, type ResumeOptions } from './connect-parley.js';
export { ParleyClientError, type ParleyClientErrorCode } from './client-error.js';
export type { ClientState } from './client-state.js';
export type { AgentAudio, ClientEventName, ClientEvents } from './client-events.js';
export type { ClientCounters } from './client-counters.js';
export type { ControlMessage, ParleyClient, SessionStarted } from './parley-client.js';
export type { PlayoutReport } from './voice-socket.js';
