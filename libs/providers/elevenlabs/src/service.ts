import { EngineError } from '@parley/ports';

/** As the provider is called in messages. */
export const PROVIDER = 'ElevenLabs';

/**
 * The service's address without a slash at the end.
 * @throws {EngineError} `engine_settings` when it is no http or https URL
 */
export function serviceUrl(baseUrl = 'https://api.elevenlabs.io'): string {
  if (!URL.canParse(baseUrl) || !/^https?:$/.test(new URL(baseUrl).protocol)) {
    throw settingsError('the base URL is no http or https URL');
  }
  return baseUrl.replace(/\/+$/, '');
}

/** @throws {EngineError} `engine_settings` when there is no key */
export function requireKey(apiKey: string): void {
  if (apiKey.trim() === '') throw settingsError('there is no API key');
}

/** `en` of `en-US`. */
export function primaryLanguage(tag: string): string {
  return tag.toLowerCase().split(/[-_]/)[0] ?? '';
}

/** What was asked for is not to be had. */
export function settingsError(message: string, cause?: unknown): EngineError {
  return new EngineError('engine_settings', `${PROVIDER}: ${message}`, false, { cause });
}

/** What came is not the provider's protocol. */
export function protocolError(message: string, cause?: unknown): EngineError {
  return new EngineError('engine_protocol', `${PROVIDER}: ${message}`, true, { cause });
}

/** The connection, or what is behind it, is gone. */
export function unavailableError(message: string, cause?: unknown): EngineError {
  return new EngineError('engine_unavailable', `${PROVIDER}: ${message}`, true, { cause });
}

/** No answer came in time. */
export function timeoutError(what: string, timeoutMs: number): EngineError {
  return new EngineError('engine_timeout', `${PROVIDER}: no ${what} within ${timeoutMs} ms`, true);
}

/** The engine or the stream was closed. */
export function closedError(): EngineError {
  return new EngineError('engine_closed', `${PROVIDER}: it is closed`, false);
}

/** The caller aborted. */
export function abortedError(cause: unknown): EngineError {
  return new EngineError('engine_aborted', `${PROVIDER}: the synthesis was aborted`, false, { cause });
}
