import { runService } from '@parley/stage-kit';
import { loadGatewayConfig } from './gateway.config.js';
import { gatewayService } from './gateway.service.js';

await runService(() => gatewayService(loadGatewayConfig()));
