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

/** What a schema makes of settings. */
export interface SettingsSchema<Settings> {
  safeParse(
    settings: unknown,
  ):
    | { success: true; data: Settings }
    | { success: false; error: { issues: readonly { path: PropertyKey[]; message: string }[] } };
}

/** A provider's settings with what an agent sets put over them. @throws {EngineError} `engine_settings` */
export function settingsFor<Settings>(
  provider: string,
  schema: SettingsSchema<Settings>,
  settings: Settings | undefined,
  ofAgent: object,
): Settings {
  const set = Object.entries(ofAgent).filter(([, value]) => value !== undefined);
  const parsed = schema.safeParse({ ...settings, ...Object.fromEntries(set) });
  if (parsed.success) return parsed.data;
  const what = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
  throw new EngineError('engine_settings', `${provider}: ${what}`, false);
}
