import { StreamingTranscriber } from 'assemblyai/streaming';
import type { SessionParameters } from './session-parameters.js';

/** What of the SDK's socket is used. */
export interface SdkSocket {
  readonly readyState: number;
  readonly CLOSED: number;
  readonly bufferedAmount: number;
  onmessage: ((event: { data: unknown }) => void) | null;
  on(event: 'pong', listener: (data: Buffer) => void): void;
  once(event: 'close', listener: () => void): void;
  once(event: 'unexpected-response', listener: (request: unknown, response: SdkResponse) => void): void;
  send(data: unknown, options?: { compress: boolean }): void;
  ping(data: string): void;
  terminate(): void;
}

/** An HTTP answer in place of a socket. */
export interface SdkResponse {
  statusCode?: number;
  headers: Record<string, string | string[] | undefined>;
}

/** The official client of one session, and what has to be reached in it though it is not public. */
export interface SdkTranscriber {
  transcriber: StreamingTranscriber;
  /** There as soon as `connect()` was called; gone when that has failed, and after `close()`. */
  socket(): SdkSocket | undefined;
}

interface Inside {
  connectionUrl: () => URL;
  socket?: SdkSocket;
}

/**
 * Makes the official client of one session. It makes the parameters of the address, but not the address itself: it takes
 * none but `wss:`, which leaves out services on this machine, and drops parameters that are false or 0. Replacing that one
 * method serves the service and an emulator alike, and needs no certificates; it makes one attempt to connect, and its
 * caller sets the time for that.
 */
export function sdkTranscriber(apiKey: string, baseUrl: URL, { sdk, query }: SessionParameters): SdkTranscriber {
  const transcriber = new StreamingTranscriber({ ...sdk, apiKey, connectTimeout: 0, maxConnectionRetries: 0 });
  const inside = transcriber as unknown as Inside;
  const url = new URL(`${baseUrl.pathname.replace(/\/+$/, '')}/v3/ws`, baseUrl);
  url.search = inside.connectionUrl().search;
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  inside.connectionUrl = () => url;
  return { transcriber, socket: () => inside.socket };
}
