import { EngineError } from '@parley/ports';

/** What a close means that was not asked for. What the provider wrote is kept only as `cause`. */
export function errorOfClose(code: number, reason: string): EngineError {
  const cause = new Error(`closed with ${code} ${reason}`);
  if (/DATA-\d+/.test(reason) || code === 1008)
    return new EngineError('engine_input', 'Deepgram: the audio cannot be decoded', false, { cause });
  return new EngineError('engine_unavailable', `Deepgram: the connection was closed (${code})`, true, { cause });
}

/** What an `Error` message means, after which nothing comes. */
export function errorOfMessage(message: Record<string, unknown>): EngineError {
  const cause = new Error(String(message.description ?? message.message ?? ''));
  const code = String(message.code ?? message.variant ?? '');
  if (code === 'UNPARSABLE_CLIENT_MESSAGE')
    return new EngineError('engine_settings', 'Deepgram: this deployment does not take a message', false, { cause });
  return new EngineError('engine_unavailable', 'Deepgram: the service failed', true, { cause });
}
