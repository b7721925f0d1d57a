import type { ProviderHealth } from './provider-health.js';

/** One provider of a chain. */
export interface Link<Engine> {
  /** As it is called in settings and metrics. */
  provider: string;
  engine: Engine;
  health: ProviderHealth;
}

/**
 * The links to be tried, in order: those whose breaker is not open when their turn has come. When every one is passed
 * over, the first is tried all the same: silence is worse.
 */
export function* linksToTry<Engine>(links: readonly Link<Engine>[]): Generator<Link<Engine>> {
  let isTried = false;
  for (const link of links) {
    if (link.health.isOpen()) continue;
    isTried = true;
    yield link;
  }
  const [first] = links;
  if (!isTried && first) yield first;
}
