import { Module, type DynamicModule } from '@nestjs/common';
import { HealthController } from './health.controller.js';
import { HEALTH, LOG, METRICS, SESSION_BUS, type Runtime } from './runtime.js';

/** Makes the runtime's parts injectable everywhere and serves health and metrics. */
@Module({})
export class RuntimeModule {
  static for(runtime: Runtime): DynamicModule {
    const providers = [
      { provide: LOG, useValue: runtime.log },
      { provide: METRICS, useValue: runtime.metrics },
      { provide: HEALTH, useValue: runtime.health },
      { provide: SESSION_BUS, useValue: runtime.bus },
    ];
    return { module: RuntimeModule, global: true, controllers: [HealthController], providers, exports: providers };
  }
}
