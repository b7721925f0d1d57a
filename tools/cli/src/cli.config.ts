import { CliError, EXIT } from './cli-error.js';

/** What the environment says to the command. */
export interface CliConfig {
  /** The gateway, or several with commas between. `PARLEY_URL` @defaultValue 'http://localhost:8080' */
  readonly url: string;
  /** Colours are unwanted: `NO_COLOR` is set and not empty. @see https://no-color.org */
  readonly noColor: boolean;
  /** The broker, for the commands on sessions' logs. `NATS_URL` @defaultValue 'nats://127.0.0.1:4222' */
  readonly natsUrl: string;
}

/** The URLs in a text that has several with commas between; undefined when one is not http, https, ws or wss. */
export function gatewayUrls(text: string): string[] | undefined {
  const urls = text.split(',').map((url) => url.trim());
  return urls.every((url) => URL.canParse(url) && /^(http|ws)s?:$/.test(new URL(url).protocol)) ? urls : undefined;
}

/** @throws {CliError} `invalid_config` */
export function readCliConfig(env: Readonly<Record<string, string | undefined>> = process.env): CliConfig {
  const url = env.PARLEY_URL || 'http://localhost:8080';
  if (!gatewayUrls(url))
    throw new CliError(
      'invalid_config',
      'PARLEY_URL must be an http, https, ws or wss URL, or several with commas between',
      EXIT.usage,
    );
  const natsUrl = env.NATS_URL || 'nats://127.0.0.1:4222';
  return Object.freeze({ url, noColor: Boolean(env.NO_COLOR), natsUrl });
}
