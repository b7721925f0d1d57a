/** What of a service's `/metrics` a step looks at. */
export interface ServiceReading {
  /** How late the event loop's timers are, over the process's life, in ms. */
  loopDelayMs: { p50: number; p99: number };
  /** Sums over all labels, of what was dropped, refused, lost, retried or late. */
  losses: Record<string, number>;
}

const LOSSES =
  /^parley_(?:\w*(?:dropped|refused|lost|failed|failures|underruns|retried|gap_seconds|unheard|skipped|errors)\w*_total|gateway_playout_late_seconds_count)$/;
/** Voice that is thrown away because somebody speaks over it is no loss. */
const EXPECTED = /reason="flushed"|reason="reply_over"/;

/** @param url where the service's HTTP is */
export async function readService(url: string): Promise<ServiceReading> {
  const response = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(5000) });
  return readingIn(await response.text());
}

/** @param text Prometheus' text format */
export function readingIn(text: string): ServiceReading {
  const losses: Record<string, number> = {};
  const lag = { p50: 0, p99: 0 };
  for (const [, name = '', labels = '', value] of text.matchAll(/^(\w+)(\{[^}]*\})? (\S+)$/gm)) {
    if (name === 'nodejs_eventloop_lag_p50_seconds') lag.p50 = Number(value) * 1000;
    else if (name === 'nodejs_eventloop_lag_p99_seconds') lag.p99 = Number(value) * 1000;
    else if (LOSSES.test(name) && !EXPECTED.test(labels)) losses[name] = (losses[name] ?? 0) + Number(value);
  }
  return { loopDelayMs: lag, losses };
}

/** What was lost between two readings; only what is more than nothing. */
export function lossesBetween(before: ServiceReading, after: ServiceReading): Record<string, number> {
  const grown = Object.entries(after.losses).map(
    ([name, value]) => [name, value - (before.losses[name] ?? 0)] as const,
  );
  return Object.fromEntries(grown.filter(([, value]) => value > 0));
}
