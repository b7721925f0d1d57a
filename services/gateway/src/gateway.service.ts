import type { ServiceOptions } from '@parley/stage-kit';
import { GatewayCore } from './gateway-core.js';
import type { GatewayConfig } from './gateway.config.js';
import { GatewayModule, openDoors } from './gateway.module.js';

/** The gateway as the service runtime runs it. */
export function gatewayService(config: GatewayConfig): ServiceOptions {
  return {
    stage: 'gateway',
    config: config.service,
    ...(config.provision && { provision: config.provision }),
    imports: () => [GatewayModule.for(config)],
    configure: (app) => openDoors(app),
    start: async (app) => {
      const core = app.get(GatewayCore);
      return {
        load: () => ({ sessions: core.registry.size, capacity: config.sessions.max }),
        drain: () => core.drain(),
      };
    },
  };
}
