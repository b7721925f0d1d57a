export { BusError, type BusErrorCode } from './bus-error.js';
export { createBusMetrics, type BusCounter, type BusMetrics } from './bus-metrics.js';
export { connectBus, type BusOptions, type ConnectedBus } from './nats-bus.js';
export { DEFAULT_STREAM_SETTINGS, OWNERS_BUCKET, STREAMS, type StreamSettings } from './streams.js';
export { PRESENCE_INTERVAL_MS, PRESENCE_TIMEOUT_MS } from './presence-board.js';
export { openSessionStore, type SessionStore, type SessionSummary } from './session-store.js';
export type {
  ClaimHandler,
  ClaimLease,
  ClaimWorker,
  DeliveryContext,
  FeedOptions,
  OutgoingFrame,
  PresenceView,
  SessionBus,
  SessionFeed,
  SessionWriter,
  VoiceSince,
} from './session-bus.js';
