import { EngineError } from '@parley/ports';

/** Checks that there is a key. @throws {EngineError} `engine_settings` */
export function assertApiKey(provider: string, apiKey: string): void {
  if (apiKey.trim() === '') throw new EngineError('engine_settings', `${provider}: there is no API key`, false);
}

/** A base URL without slashes at its end. @throws {EngineError} `engine_settings` for one that is not http or https */
export function httpBase(provider: string, url: string): string {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw new EngineError('engine_settings', `${provider}: the base URL is no http or https URL`, false);
  return url.replace(/\/+$/, '');
}
