import type { ProviderChoice } from '@parley/contracts';
import type { ProviderObserver } from '@parley/ports';
import type { Loader } from './load-makers.js';

/** What every adapter takes. */
interface AdapterOptions<Settings> {
  apiKey: string;
  baseUrl?: string;
  settings: Settings;
  observe?: ProviderObserver;
  connectTimeoutMs?: number;
  answerTimeoutMs?: number;
}

/** A provider's key and address. */
interface Access {
  apiKey: string | undefined;
  baseUrl: string | undefined;
}

/** How long providers are waited for. */
interface Waits {
  PROVIDER_CONNECT_TIMEOUT_MS: number;
  PROVIDER_ANSWER_TIMEOUT_MS: number;
}

/**
 * Loads an adapter's package and makes engines of it.
 * @param load gives the adapter's factory; it may take fewer options
 */
export function vendor<Settings, Engine>(
  load: () => Promise<(options: AdapterOptions<Settings>) => Engine>,
  schema: { parse(settings: ProviderChoice['settings']): Settings },
  { apiKey = '', baseUrl }: Access,
  waits: Waits,
): Loader<Engine> {
  return async () => {
    const create = await load();
    return (settings, observe) =>
      create({
        apiKey,
        ...(baseUrl && { baseUrl }),
        settings: schema.parse(settings),
        observe,
        connectTimeoutMs: waits.PROVIDER_CONNECT_TIMEOUT_MS,
        answerTimeoutMs: waits.PROVIDER_ANSWER_TIMEOUT_MS,
      });
  };
}
