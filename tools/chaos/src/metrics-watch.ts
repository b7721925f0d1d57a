import type { ChaosSystem } from './fault-injector.js';

/** Counters that the report sums up over all replicas there were. */
const WANTED = /^parley_(?:bus_\w+|\w*(?:diverge|poison|resum|takeover|underrun)\w*)_total$/;

/** Counters of every process there was, also of those that were killed: as they stood when last read. */
export class MetricsWatch {
  private readonly byProcess = new Map<string, Map<string, number>>();

  constructor(private readonly system: ChaosSystem) {}

  /** Reads every instance, or one. Those that do not answer within a second keep what was read of them before. */
  async read(only?: string): Promise<void> {
    const pids = this.system.pids();
    const instances = Object.keys(pids).filter((name) => name !== 'nats' && (!only || name === only));
    await Promise.all(
      instances.map(async (name) => {
        const counters = await fetchCounters(`${this.system.urls[name]}/metrics`).catch(() => undefined);
        if (counters) this.byProcess.set(`${name}:${pids[name]}`, counters);
      }),
    );
  }

  /** Sums over all processes and labels, by the counter's name. */
  totals(): Record<string, number> {
    const totals: Record<string, number> = {};
    for (const counters of this.byProcess.values()) {
      for (const [name, value] of counters) totals[name] = (totals[name] ?? 0) + value;
    }
    return Object.fromEntries(Object.entries(totals).sort(([a], [b]) => a.localeCompare(b)));
  }
}

async function fetchCounters(url: string): Promise<Map<string, number>> {
  const response = await fetch(url, { signal: AbortSignal.timeout(1000) });
  return countersIn(await response.text());
}

/** The wanted counters in Prometheus text, summed over labels. */
export function countersIn(text: string): Map<string, number> {
  const counters = new Map<string, number>();
  for (const [, name = '', value] of text.matchAll(/^(\w+)(?:\{[^}]*\})? (\S+)$/gm)) {
    if (WANTED.test(name)) counters.set(name, (counters.get(name) ?? 0) + Number(value));
  }
  return counters;
}
