import type { ConnectedBus } from '@parley/bus';
import type { HealthRegistry, Log, Metrics } from '@parley/telemetry';

/** What every service process has; Nest providers of the same names inject its parts. */
export interface Runtime {
  readonly log: Log;
  readonly metrics: Metrics;
  readonly health: HealthRegistry;
  readonly bus: ConnectedBus;
}

/** Injection token of the {@link Log}. */
export const LOG = Symbol('parley.log');
/** Injection token of the {@link Metrics}. */
export const METRICS = Symbol('parley.metrics');
/** Injection token of the {@link HealthRegistry}. */
export const HEALTH = Symbol('parley.health');
/** Injection token of the {@link ConnectedBus}. */
export const SESSION_BUS = Symbol('parley.session-bus');
/** Injection token of the {@link StageLogic} of a claiming stage. */
export const STAGE_LOGIC = Symbol('parley.stage-logic');
/** Injection token of the {@link SessionHost}'s options. */
export const HOST_OPTIONS = Symbol('parley.host-options');
