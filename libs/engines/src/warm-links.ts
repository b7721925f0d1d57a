import type { ChainObserver } from './chain-observer.js';
import { engineErrorOf } from './engine-error-of.js';
import type { Link } from './link.js';

/**
 * Warms every engine of a chain. One that cannot be warmed is tried again when it is needed; a stage starts as long as one is there.
 * @throws {EngineError} the first engine's when none is
 */
export async function warmLinks<Engine extends { warm(): Promise<void> }>(
  links: readonly Link<Engine>[],
  { onFailure }: ChainObserver,
): Promise<void> {
  const outcomes = await Promise.allSettled(links.map(({ engine }) => engine.warm()));
  const errors = outcomes.map((outcome) => (outcome.status === 'rejected' ? engineErrorOf(outcome.reason) : undefined));
  links.forEach(({ provider, health }, at) => {
    const error = errors[at];
    if (!error) return;
    health.failed(error);
    onFailure?.({ provider, code: error.code });
  });
  const [first] = errors;
  if (first && errors.every((error) => error !== undefined)) throw first;
}
