import type { ProviderHealth } from './provider-health.js';

/** One provider of a chain. */
export interface Link<Engine> {
  /** As it is called in settings and metrics. */
  provider: string;
  engine: Engine;
  health: ProviderHealth;
}

/**
 * The links to be tried, in order, from one on: those whose breaker is not open. Lazy, because asking a breaker may make the
 * asker its probe. When every one is passed over, the first is tried all the same: silence is worse.
 */
export function* linksToTry<Engine>(links: readonly Link<Engine>[], from = 0): Generator<Link<Engine>> {
  let isTried = false;
  for (const link of links.slice(from)) {
    if (link.health.isOpen()) continue;
    isTried = true;
    yield link;
  }
  const [first] = links;
  if (!isTried && first) yield first;
}
