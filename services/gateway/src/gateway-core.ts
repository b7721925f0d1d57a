import type { SessionBus } from '@parley/bus';
import { CLAIMED_STAGES } from '@parley/contracts';
import type { HealthRegistry, Log, Metrics } from '@parley/telemetry';
import { systemClock, type Clock } from './clock.js';
import { createGatewayMetrics } from './gateway-metrics.js';
import type { GatewayConfig } from './gateway.config.js';
import { CallerConnection } from './session/caller-connection.js';
import type { Caller, Door } from './session/caller.js';
import type { GatewayParts } from './session/gateway-parts.js';
import { SessionRegistry } from './session/session-registry.js';
import { StageLiveness } from './session/stage-liveness.js';
import { TickClock } from './tick-clock.js';

/** Two frames of 20 ms leave together: each write costs the machine more than what is in it. */
const PLAYOUT_PERIOD_MS = 40;
const PLAYOUT_PARTS = 4;
const SESSION_PERIOD_MS = 200;
const DOORS: readonly Door[] = ['ws', 'socket.io'];

/** What a gateway is made of. */
export interface GatewayCoreOptions {
  config: GatewayConfig;
  bus: SessionBus;
  log: Log;
  metrics: Metrics;
  health: HealthRegistry;
  clock?: Clock;
}

/** The gateway behind its doors: one per process. */
export class GatewayCore {
  readonly parts: GatewayParts;
  readonly registry: SessionRegistry;

  constructor({ config, bus, log, metrics, health, clock = systemClock }: GatewayCoreOptions) {
    const counts = createGatewayMetrics(metrics);
    const onError = (error: unknown) => log.error({ err: error }, 'a tick failed');
    const liveness = new StageLiveness(bus.presence, () => this.registry.tickAll());
    this.parts = {
      bus,
      config,
      clock,
      log,
      metrics: counts,
      liveness,
      playoutClock: new TickClock(
        clock,
        PLAYOUT_PERIOD_MS,
        PLAYOUT_PARTS,
        (ms) => counts.clockLagSeconds.observe(ms / 1000),
        onError,
      ),
      sessionClock: new TickClock(clock, SESSION_PERIOD_MS, 1, () => {}, onError),
    };
    this.registry = new SessionRegistry(this.parts);
    metrics.gauge({
      name: 'parley_gateway_sessions',
      help: 'Sessions whose caller is connected here.',
      labels: ['door'],
      collect: (gauge) => DOORS.forEach((door) => gauge.set({ door }, this.registry.count(door))),
    });
    metrics.gauge({
      name: 'parley_gateway_sessions_suspended',
      help: 'Sessions that wait here for their lost caller.',
      collect: (gauge) => gauge.set(this.registry.suspended),
    });
    metrics.gauge({
      name: 'parley_gateway_playout_buffered_seconds',
      help: 'Voice that waits here to be sent, of all sessions.',
      collect: (gauge) => gauge.set(this.registry.bufferedMs / 1000),
    });
    for (const stage of CLAIMED_STAGES) {
      health.add(stage, () => {
        if (!liveness.isLive(stage)) throw Object.assign(new Error(`no live ${stage} replica`), { code: 'stage_unavailable' }); // prettier-ignore
      });
    }
  }

  /** A caller has come in through a door. */
  connect(caller: Caller): CallerConnection {
    return new CallerConnection(this.parts, this.registry, caller);
  }

  /** Takes no new session, moves the callers who can resume, and ends the other sessions after their grace. */
  drain(): Promise<void> {
    return this.registry.drain(this.parts.config.drainGraceMs);
  }

  /** Stops the clocks; whoever is still connected hears nothing more. */
  onModuleDestroy(): void {
    this.parts.playoutClock.stop();
    this.parts.sessionClock.stop();
    this.parts.liveness.close();
  }
}
