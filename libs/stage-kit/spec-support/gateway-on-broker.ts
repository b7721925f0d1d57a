import { DEFAULT_STREAM_SETTINGS, connectBus, type ConnectedBus } from '@parley/bus';

/** A gateway that is heard of, on a broker that has nothing yet: small streams, and leases of a second. */
export async function startGatewayOnBroker(url: string): Promise<ConnectedBus> {
  const settings = { ...DEFAULT_STREAM_SETTINGS, audioMaxBytes: 8_388_608, leaseMs: 1000 };
  const bus = await connectBus({ url, stage: 'gateway', provision: { settings } });
  bus.announce(() => ({ stage: 'gateway', state: 'running', sessions: 1, capacity: 10 }));
  return bus;
}
