import type { SessionBus } from '@parley/bus';
import type { Log } from '@parley/telemetry';
import type { Clock } from '../clock.js';
import type { GatewayConfig } from '../gateway.config.js';
import type { GatewayMetrics } from '../gateway-metrics.js';
import type { TickClock } from '../tick-clock.js';
import type { StageLiveness } from './stage-liveness.js';

/** What every session of this process shares. */
export interface GatewayParts {
  readonly bus: SessionBus;
  readonly config: GatewayConfig;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: GatewayMetrics;
  readonly liveness: StageLiveness;
  /** Ticks playouts, each every 40 ms. */
  readonly playoutClock: TickClock;
  /** Ticks sessions, every 200 ms. */
  readonly sessionClock: TickClock;
}
