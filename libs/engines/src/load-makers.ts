import type { ProviderChoice } from '@parley/contracts';
import type { ProviderObserver } from '@parley/ports';
import { missingFor, needsNothing } from './provider-env.js';

/** Makes an engine of one provider. */
export type Maker<Engine> = (settings: ProviderChoice['settings'], observe: ProviderObserver) => Engine;

/** Loads a provider's package. */
export type Loader<Engine> = () => Promise<Maker<Engine>>;

/**
 * Loads the packages of the stage's own chain, and of every provider that can be used: an agent may name it at any time,
 * and a session is not to wait for a package. A stage with a scripted engine is under test, and has nothing else.
 */
export async function loadMakers<Engine>(
  loaders: Readonly<Record<string, Loader<Engine>>>,
  chain: readonly ProviderChoice[],
  env: object,
): Promise<Map<string, Maker<Engine>>> {
  const own = new Set(chain.map(({ provider }) => provider));
  const isUsable = (provider: string) =>
    own.has(provider) ||
    (provider !== 'scripted' &&
      !(needsNothing(provider) && own.has('scripted')) &&
      missingFor(provider, env).length === 0);
  const wanted = Object.entries(loaders).filter(([provider]) => isUsable(provider));
  return new Map(await Promise.all(wanted.map(async ([provider, load]) => [provider, await load()] as const)));
}
