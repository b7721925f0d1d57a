/** What a broker has passed on since it began. */
export interface BrokerReading {
  atMs: number;
  inMessages: number;
  outMessages: number;
  inBytes: number;
  outBytes: number;
  slowConsumers: number;
}

/** What a broker passes on, per second. */
export interface BrokerTraffic {
  inPerSecond: number;
  outPerSecond: number;
  inMiBPerSecond: number;
  outMiBPerSecond: number;
  slowConsumers: number;
}

const MIB = 1024 * 1024;

/** @param url of the broker's monitoring */
export async function readBroker(url: string): Promise<BrokerReading> {
  const response = await fetch(`${url}/varz`, { signal: AbortSignal.timeout(5000) });
  const varz = (await response.json()) as Record<string, number>;
  return {
    atMs: performance.now(),
    inMessages: varz['in_msgs'] ?? 0,
    outMessages: varz['out_msgs'] ?? 0,
    inBytes: varz['in_bytes'] ?? 0,
    outBytes: varz['out_bytes'] ?? 0,
    slowConsumers: varz['slow_consumers'] ?? 0,
  };
}

/** The traffic between two readings. */
export function trafficBetween(before: BrokerReading, after: BrokerReading): BrokerTraffic {
  const seconds = (after.atMs - before.atMs) / 1000;
  const rate = (of: 'inMessages' | 'outMessages' | 'inBytes' | 'outBytes') => (after[of] - before[of]) / seconds;
  return {
    inPerSecond: Math.round(rate('inMessages')),
    outPerSecond: Math.round(rate('outMessages')),
    inMiBPerSecond: Math.round((rate('inBytes') / MIB) * 100) / 100,
    outMiBPerSecond: Math.round((rate('outBytes') / MIB) * 100) / 100,
    slowConsumers: after.slowConsumers - before.slowConsumers,
  };
}
