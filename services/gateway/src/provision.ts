import { connectBus } from '@parley/bus';
import { loadGatewayConfig } from './gateway.config.js';

// Makes or updates the streams and ends: for deployments in which no service may.
try {
  const { provision, service } = loadGatewayConfig();
  if (!provision) throw Object.assign(new Error('PROVISION_STREAMS is false'), { code: 'config_invalid' });
  const bus = await connectBus({ url: service.NATS_URL, stage: 'gateway', provision });
  await bus.close();
  process.stdout.write('the streams are as wanted\n');
} catch (error) {
  const { code, message } = error as Error & { code?: string };
  process.stderr.write(`error ${code ?? 'internal'}: ${message}\n`);
  process.exitCode = 1;
}
