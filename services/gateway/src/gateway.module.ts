import type { Server } from 'node:http';
import { Module, type DynamicModule, type INestApplication } from '@nestjs/common';
import type { SessionBus } from '@parley/bus';
import { HEALTH, LOG, METRICS, SESSION_BUS } from '@parley/stage-kit';
import type { HealthRegistry, Log, Metrics } from '@parley/telemetry';
import { VoiceIoAdapter } from './doors/voice-io.adapter.js';
import { VoiceGateway } from './doors/voice.gateway.js';
import { WsDoor } from './doors/ws-door.js';
import { GatewayCore } from './gateway-core.js';
import type { GatewayConfig } from './gateway.config.js';
import { RootController } from './root.controller.js';

/** The gateway's core and its doors. Takes {@link SESSION_BUS}, LOG, METRICS and HEALTH from the runtime's module. */
@Module({})
export class GatewayModule {
  static for(config: GatewayConfig): DynamicModule {
    return {
      module: GatewayModule,
      controllers: [RootController],
      providers: [
        {
          provide: GatewayCore,
          inject: [SESSION_BUS, LOG, METRICS, HEALTH],
          useFactory: (bus: SessionBus, log: Log, metrics: Metrics, health: HealthRegistry) =>
            new GatewayCore({ config, bus, log, metrics, health }),
        },
        { provide: WsDoor, inject: [GatewayCore], useFactory: (core: GatewayCore) => new WsDoor(core) },
        VoiceGateway,
      ],
    };
  }
}

/** Opens both doors on the application's HTTP server; to be called before it listens. */
export function openDoors(app: INestApplication): void {
  app.useWebSocketAdapter(new VoiceIoAdapter(app));
  app.get(WsDoor).attach(app.getHttpServer() as Server);
}
